"""How we speak HTTP to outside companies: bounded in time, and only reads are ever repeated."""

import contextlib
import random
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from . import json
from .errors import DomainError
from .public_http import PublicAdapter

CONNECT_SECONDS = 5
READ_SECONDS = 30
_GET_ATTEMPTS = 3
_MAX_WAIT_SECONDS = 10
_MAX_TOLD_SECONDS = 86_400
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

    @property
    def is_rate_limited(self) -> bool:
        """429, or another refusal whose body says so in `code`. What was asked was surely not done."""
        says_so = isinstance(self.body, dict) and self.body.get("code") == "rate_limited"
        return self.status == 429 or (400 <= self.status < 500 and says_so)

    @property
    def retry_after(self) -> int | None:
        """Seconds to stay away, from `x-ratelimit-reset` or `Retry-After`, at most a day; None: not said."""
        told = self.headers.get("x-ratelimit-reset") or self.headers.get("retry-after") or ""
        if not (told.isascii() and told.isdigit()):
            return None
        return min(int(told[:9]), _MAX_TOLD_SECONDS)


class JsonClient:
    """A JSON API behind one base URL. Raises ServiceUnavailable or OutcomeUnknown; returns other statuses.

    `Reply.body` has fractions as Decimal, and is None when the answer is not JSON. An address that a customer
    gave needs a `guard`.
    """

    def __init__(
        self,
        *,
        base_url: str,
        headers: dict[str, str],
        read_seconds: float = READ_SECONDS,
        guard: PublicAdapter | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update(headers)
        # Proxies and certificates as the machine has them, looked up once; never a .netrc: it would replace
        # our key.
        found = self._session.merge_environment_settings(base_url, {}, None, None, None)
        self._session.proxies, self._session.verify = found["proxies"], found["verify"]
        self._session.trust_env = False
        if guard is not None:  # without a proxy, which would look names up for us
            self._session.proxies = {}
            self._session.mount("https://", guard)
            self._session.mount("http://", guard)
        self._timeout = (CONNECT_SECONDS, read_seconds)

    def get(self, path: str, params: dict[str, Any] | None = None) -> Reply:
        """A read, repeated on failure, 5xx and 429: three times, and never longer than one that hangs.

        All tries together end after connect + read seconds (35 unless told otherwise). A 429 is waited for as
        told, up to 10 s; told to wait longer, it is returned at once with `retry_after`, so that the caller
        can come back. ServiceUnavailable carries `retry_after`, too, where a 5xx said it.
        """
        end = time.monotonic() + sum(self._timeout)
        reply = None
        for attempt in range(_GET_ATTEMPTS):
            if attempt:
                wait = _wait_seconds(reply, attempt)
                if wait > _MAX_WAIT_SECONDS or time.monotonic() + wait >= end:
                    break
                time.sleep(wait)
            try:
                reply = self._send("GET", self._base_url + path, end=end, params=params)
            except requests.RequestException:
                reply = None
                continue
            if reply.status < 500 and not reply.is_rate_limited:
                return reply
        if reply is not None and reply.status < 500:
            return reply
        if reply is not None and reply.retry_after is not None:
            raise ServiceUnavailable(retry_after=reply.retry_after)
        raise ServiceUnavailable

    def post(self, path: str, payload: dict[str, Any]) -> Reply:
        """A write, sent once. Raises OutcomeUnknown when it may have arrived.

        Any other refusal is returned, a 429 too: it was surely not done, and `retry_after` says when to try.
        """
        return self._write("POST", self._base_url + path, json=payload)

    def post_bytes(self, path: str, content: bytes) -> Reply:
        """As `post`, with a body that is sent as it is; the client's headers say what it is."""
        return self._write("POST", self._base_url + path, data=content)

    def put(self, path: str, payload: dict[str, Any]) -> Reply:
        """As `post`."""
        return self._write("PUT", self._base_url + path, json=payload)

    def put_bytes(self, url: str, content: bytes, content_type: str) -> Reply:
        """Puts a file at a full address, which is another server's: without our headers. As `post`."""
        headers = {**dict.fromkeys(self._session.headers), "Content-Type": content_type}
        return self._write("PUT", url, data=content, headers=headers)

    def close(self) -> None:
        self._session.close()

    def _write(self, method: str, url: str, **kwargs: Any) -> Reply:
        try:
            reply = self._send(method, url, end=time.monotonic() + sum(self._timeout), **kwargs)
        except requests.RequestException as error:
            raise (ServiceUnavailable if never_sent(error) else OutcomeUnknown) from error
        if reply.status >= 500:
            raise OutcomeUnknown
        return reply

    def _send(self, method: str, url: str, *, end: float, **kwargs: Any) -> Reply:
        left = max(end - time.monotonic(), 0.1)
        try:
            with self._session.request(
                method,
                url,
                timeout=(min(self._timeout[0], left), min(self._timeout[1], left)),
                allow_redirects=False,
                stream=True,
                **kwargs,
            ) as response:
                content = self._read(response, min(time.monotonic() + self._timeout[1], end))
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, _parsed(content), headers)
        except requests.RequestException as error:
            error.request = error.response = None  # errors are logged; these hold our key and what was sent
            raise

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        # requests' own time-out starts again with every byte, so a drip could keep us for hours.
        content = bytearray()
        is_late = threading.Event()
        with _cut_off(response, deadline, is_late):
            try:
                while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                    content += chunk
                    if len(content) > _MAX_BYTES:
                        raise requests.exceptions.ContentDecodingError("the answer is too large")
            except urllib3.exceptions.HTTPError as error:
                raise requests.ConnectionError(error) from error
        if is_late.is_set():
            raise requests.ReadTimeout("the answer took too long")
        return bytes(content)


@contextlib.contextmanager
def _cut_off(response: requests.Response, deadline: float, is_late: threading.Event) -> Iterator[None]:
    """Ends the reading at `deadline`, also while it waits for the next byte."""

    def cut() -> None:
        is_late.set()
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # it has just ended by itself
            response.raw.shutdown()

    timer = threading.Timer(max(deadline - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _parsed(content: bytes) -> Any:
    """None for what is not JSON. Lenient about characters: one odd name must not hide all the rest."""
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except ValueError:
        return None


def never_sent(error: requests.RequestException) -> bool:
    """Whether no connection came about, so that nothing can have arrived."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    # Other faults of TLS can also come with the answer, when the request has long arrived.
    is_stranger = isinstance(reason, urllib3.exceptions.SSLError) and any(
        isinstance(cause, ssl.SSLCertVerificationError) for cause in reason.args
    )
    return is_stranger or isinstance(reason, urllib3.exceptions.NewConnectionError)


def _wait_seconds(reply: Reply | None, attempt: int) -> float:
    told = reply.retry_after if reply else None
    if told is not None:
        return float(told)
    return float(min(0.2 * 2**attempt, _MAX_WAIT_SECONDS)) * random.uniform(0.5, 1.0)  # noqa: S311
