"""Lists, page by page, until they surely end."""

from collections.abc import Iterator
from typing import Any

import structlog

from payments.errors import GatewayUnavailable

from . import envelope
from .client import Client
from .reading import number, text

PAGE = 100
_MOST_PAGES = 10_000
_log = structlog.get_logger("sika.payments.paystack")


def by_page(
    client: Client, path: str, query: dict[str, Any], *, size: int = PAGE
) -> Iterator[dict[str, Any]]:
    """Every row once. Raises GatewayUnavailable, also for a list without an end."""
    return _rows(client, path, {**query, "perPage": size}, {"page": 1})


def by_cursor(client: Client, path: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """As `by_page`, but rows that come in meanwhile move nothing. Where there is no cursor, page by page."""
    # The two documents differ about the name of the size.
    sized = {**query, "perPage": PAGE, "per_page": PAGE}
    return _rows(client, path, sized, {"use_cursor": "true"})


def _rows(
    client: Client, path: str, query: dict[str, Any], place: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for page in range(1, _MOST_PAGES + 1):
        rows, meta = envelope.rows(client.get(path, {**query, **place}))
        is_new = False
        for row in rows:
            key = text(row.get("id"), 40) or repr(row)
            if key not in seen:
                seen.add(key)
                is_new = True
                yield row
        following = _next(place, meta, page, len(rows)) if is_new else None
        if following == place or (rows and not is_new):
            _log.warning("list_repeats_itself", path=path, page=page)
            return
        if following is None:
            return
        place = following
    _log.error("list_without_end", path=path)
    raise GatewayUnavailable


def _next(place: dict[str, Any], meta: dict[str, Any], page: int, count: int) -> dict[str, Any] | None:
    """Where the next page is; None after the last one. Without a word about that, an empty page ends it."""
    if "use_cursor" in place and "next" in meta:
        cursor = text(meta["next"], 500)
        return {"use_cursor": "true", "next": cursor} if cursor else None
    size, total, pages = number(meta.get("perPage")), number(meta.get("total")), number(meta.get("pageCount"))
    is_last = (
        (pages is not None and page >= pages)
        or (size is not None and count < size)
        or (total is not None and page * (size or count) >= total)
    )
    return None if is_last else {"page": page + 1}
