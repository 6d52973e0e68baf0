"""How we speak HTTP to outside companies: bounded in time, and only reads are ever repeated."""

import random
import time
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from . import json
from .errors import DomainError

CONNECT_SECONDS = 5
READ_SECONDS = 30
_GET_ATTEMPTS = 3
_MAX_WAIT_SECONDS = 10
_MAX_BYTES = 5_000_000
_CHUNK_BYTES = 65_536


class ServiceUnavailable(DomainError):
    """A read failed, or a write surely did not happen: safe to try again."""

    code = "service_unavailable"
    status_code = 503
    detail = "A partner service can't be reached. Nothing was charged; try again in a moment."


class OutcomeUnknown(DomainError):
    """A write was sent and no answer came. It must be resolved by asking, never by repeating."""

    code = "outcome_unknown"
    status_code = 503
    detail = "The partner service did not answer in time. We will find out what happened; don't repeat it."


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]


class JsonClient:
    """A JSON API behind one base URL. Raises ServiceUnavailable or OutcomeUnknown; returns other statuses.

    `Reply.body` has fractions as Decimal, and is None when the answer is not JSON.
    """

    def __init__(self, *, base_url: str, headers: dict[str, str], read_seconds: float = READ_SECONDS) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update(headers)
        self._timeout = (CONNECT_SECONDS, read_seconds)

    def get(self, path: str, params: dict[str, Any] | None = None) -> Reply:
        """A read, repeated on failure, 5xx and 429 (waiting as `x-ratelimit-reset` says, at most 10 s)."""
        reply = None
        for attempt in range(_GET_ATTEMPTS):
            if attempt:
                time.sleep(_wait_seconds(reply, attempt))
            try:
                reply = self._send("GET", path, params=params)
            except requests.RequestException:
                reply = None
                continue
            if reply.status < 500 and reply.status != 429:
                return reply
        if reply is not None and reply.status < 500:
            return reply
        raise ServiceUnavailable

    def post(self, path: str, payload: dict[str, Any]) -> Reply:
        """A write, sent once. Raises OutcomeUnknown when it may have arrived."""
        try:
            reply = self._send("POST", path, json=payload)
        except requests.RequestException as error:
            raise (ServiceUnavailable if never_sent(error) else OutcomeUnknown) from error
        if reply.status >= 500:
            raise OutcomeUnknown
        return reply

    def close(self) -> None:
        self._session.close()

    def _send(self, method: str, path: str, **kwargs: Any) -> Reply:
        with self._session.request(
            method,
            f"{self._base_url}{path}",
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
            **kwargs,
        ) as response:
            content = self._read(response, time.monotonic() + self._timeout[1])
            try:
                body = json.loads(content)
            except ValueError:
                body = None
            return Reply(response.status_code, body, {k.lower(): v for k, v in response.headers.items()})

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        # requests' own time-out starts again with every byte, so a drip could keep us for hours.
        content = bytearray()
        try:
            while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                content += chunk
                if time.monotonic() > deadline:
                    raise requests.ReadTimeout("the answer took too long")
                if len(content) > _MAX_BYTES:
                    raise requests.exceptions.ContentDecodingError("the answer is too large")
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error) from error
        return bytes(content)


def never_sent(error: requests.RequestException) -> bool:
    """Whether no connection came about, so that nothing can have arrived."""
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.SSLError)):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _wait_seconds(reply: Reply | None, attempt: int) -> float:
    told = (reply.headers.get("x-ratelimit-reset") or reply.headers.get("retry-after")) if reply else None
    if told is not None and told.isdigit():
        return min(float(told), _MAX_WAIT_SECONDS)
    return float(min(0.2 * 2**attempt, _MAX_WAIT_SECONDS)) * random.uniform(0.5, 1.0)  # noqa: S311
