"""Lists, page by page."""

from collections.abc import Iterator
from typing import Any

from config.core.http import JsonClient, ServiceUnavailable
from payments.errors import GatewayUnavailable

from . import envelope
from .reading import mapping, text

PAGE = 100
_MOST_PAGES = 10_000


def pages(http: JsonClient, path: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every row. Ends at the first page that is not full. Raises GatewayUnavailable."""
    for page in range(1, _MOST_PAGES):
        rows, _ = _page(http, path, {**query, "perPage": PAGE, "page": page})
        yield from rows
        if len(rows) < PAGE:
            return


def cursor(http: JsonClient, path: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every row by cursor, which does not skip or repeat rows while new ones come in.

    Ends when there is no next cursor, or when it does not move. Raises GatewayUnavailable.
    """
    wanted: dict[str, Any] = {**query, "per_page": PAGE, "use_cursor": "true"}
    seen = set()
    while True:
        rows, following = _page(http, path, wanted)
        yield from rows
        if not following or following in seen or not rows:
            return
        seen.add(following)
        wanted["next"] = following


def _page(http: JsonClient, path: str, query: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    try:
        reply = http.get(path, query)
    except ServiceUnavailable as error:
        raise GatewayUnavailable from error
    rows = envelope.rows(reply)
    return rows, text(mapping(reply.body.get("meta")).get("next"), 500)
