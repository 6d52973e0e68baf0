"""The line to Paystack: its key goes along, and what could not be reached is said in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from config.core.http import JsonClient, Reply, ServiceUnavailable
from payments.errors import GatewayUnavailable


class Client:
    """As JsonClient, with GatewayUnavailable for what surely did not happen. OutcomeUnknown stays."""

    def __init__(self, *, base_url: str, secret_key: str, read_seconds: float) -> None:
        self.base_url = base_url
        self._json = JsonClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {secret_key}"},
            read_seconds=read_seconds,
        )

    def get(self, path: str, query: dict[str, Any] | None = None) -> Reply:
        with _in_our_words():
            return self._json.get(path, query)

    def post(self, path: str, payload: dict[str, Any]) -> Reply:
        with _in_our_words():
            return self._json.post(path, payload)

    def put(self, path: str, payload: dict[str, Any]) -> Reply:
        with _in_our_words():
            return self._json.put(path, payload)

    def put_file(self, url: str, content: bytes, content_type: str) -> Reply:
        """To another server, without the key."""
        with _in_our_words():
            return self._json.put_bytes(url, content, content_type)

    def close(self) -> None:
        self._json.close()


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except ServiceUnavailable as error:
        raise GatewayUnavailable(**error.data) from error
