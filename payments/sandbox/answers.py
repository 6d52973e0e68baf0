"""Paystack's envelope: what an answer, a refusal and a page of a list look like."""

import base64
import binascii
from datetime import UTC, date, datetime, timedelta
from typing import Any

from config.core.loopback import Request, Response, json_response


def ok(message: str, data: Any = None, **more: Any) -> Response:
    body: dict[str, Any] = {"status": True, "message": message}
    if data is not None:
        body["data"] = data
    return json_response({**body, **more})


def error(status: int, message: str, code: str = "", next_step: str = "") -> Response:
    body: dict[str, Any] = {"status": False, "message": message}
    if code:
        body |= {
            "meta": {"nextStep": next_step or "Ensure that the value(s) you're passing are valid."},
            "type": "validation_error",
            "code": code,
        }
    return json_response(body, status)


def rate_limited(reset_seconds: int) -> Response:
    body = {
        "status": False,
        "message": "Rate limit exceeded!",
        "meta": {"nextStep": "Wait a few minutes and try the API call again"},
        "type": "api_error",
        "code": "rate_limited",
    }
    headers = {
        "x-ratelimit-limit": "100",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(reset_seconds),
    }
    return json_response(body, 429, headers)


def body(request: Request) -> dict[str, Any] | None:
    """The call's JSON object; None for anything else."""
    try:
        values = request.json()
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def whole(amount: Any) -> int | None:
    """Pesewas, as a number or as digits; None for anything else."""
    if isinstance(amount, str) and amount.isascii() and amount.isdigit():
        return int(amount)
    return amount if isinstance(amount, int) and not isinstance(amount, bool) else None


def timestamp(moment: datetime | None = None) -> str:
    return (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def between(query: dict[str, str]) -> tuple[str, str]:
    """`from` and `to` as timestamps that compare with ours; a `to` without a time is that whole day.

    Raises ValueError.
    """
    since, until = query.get("from", ""), query.get("to", "")
    start = timestamp(_moment(since)) if since else ""
    end = _moment(until) if until else None
    if end is not None and len(until) == len("2026-01-31"):
        end += timedelta(days=1, seconds=-1)
    return start, timestamp(end) if end else "9999"


def _moment(text: str) -> datetime:
    found = datetime.combine(date.fromisoformat(text), datetime.min.time()) if len(text) == 10 else None
    found = found or datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def size_and_page(query: dict[str, str]) -> tuple[int, int] | None:
    size, number = query.get("perPage") or query.get("per_page") or "50", query.get("page", "1")
    if not all(one.isascii() and one.isdigit() and int(one) for one in (size, number)):
        return None
    return int(size), int(number)


def bad_page() -> Response:
    return error(400, "perPage and page must be positive integers", "invalid_params")


def bad_dates() -> Response:
    return error(400, "from and to must be dates", "invalid_params")


def page(request: Request, found: list[Any], message: str, **more: Any) -> Response:
    """One page of the rows `found`."""
    asked = size_and_page(request.query)
    if asked is None:
        return bad_page()
    start = (asked[1] - 1) * asked[0]
    meta = paging(len(found), *asked)
    return ok(message, found[start : start + asked[0]], meta={**meta, **more})


def paging(total: int, size: int, number: int) -> dict[str, Any]:
    return {
        "total": total,
        "skipped": (number - 1) * size,
        "perPage": size,
        "page": number,
        "pageCount": -(-total // size),
    }


def cursor(last_id: int) -> str:
    """Theirs looks the same; a client must not look inside."""
    return base64.b64encode(f"undefined:{last_id}".encode()).decode()


def from_cursor(text: str) -> int | None:
    try:
        _, _, last_id = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return int(last_id) if last_id.isascii() and last_id.isdigit() else None
