"""The door every call of Paystack's API goes through."""

from collections.abc import Callable
from typing import Any

from config.core.loopback import Drop, Handler, Request, Response, json_response

from . import faults
from .answers import body
from .script import Script
from .store import Store

Call = Callable[[Request, str], Response]


class Guard:
    """Notes the request, lets prompts run out, shows the planned fault, and wants a test key."""

    def __init__(self, store: Store, script: Script, expire: Callable[[], None]) -> None:
        self._store, self._script, self._expire = store, script, expire

    def __call__(self, handler: Call) -> Handler:
        def guarded(request: Request) -> Response:
            seen: dict[str, Any] = {"method": request.method, "path": request.path, "query": request.query}
            fault, seconds = self._script.take_fault(request)
            seen |= {"body": body(request), "fault": fault, "answer": None}
            self._script.requests.append(seen)
            try:
                response = faults.show(
                    fault,
                    lambda: self._answer(handler, request),
                    silence=self._script.silence,
                    seconds=seconds,
                    reset_seconds=self._script.rate_limit_reset,
                )
            except Drop:
                seen["answer"] = 0
                raise
            seen["answer"] = response.status
            return response

        return guarded

    def _answer(self, handler: Call, request: Request) -> Response:
        header = request.headers.get("authorization", "")
        scheme, _, key = header.partition(" ")
        message = ""
        if not header:
            message = "No Authorization Header was found"
        elif scheme != "Bearer":
            message = "Format is Authorization Bearer [secret key]"
        elif not key.startswith("sk_test_"):
            message = "Invalid key"
        if message:
            return json_response({"status": False, "message": message}, 401)
        self._expire()
        with self._store.lock:  # what one call checks holds until it has written
            return handler(request, key)
