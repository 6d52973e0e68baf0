"""Webhooks: signed with the transaction's key, sent as often, late, little or oddly as the script says."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from typing import Any

from .script import Script
from .store import Transaction
from .transactions import view

# Paystack repeats after minutes and hours; a person at a terminal has seconds.
_RETRY_AFTER_S = (1, 3, 9)
_TYPES = {
    "text": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "charset": "application/json; charset=utf-8",
}

Entry = dict[str, Any]


class Deliveries:
    """`log` has what was sent, in that order; what is held is not in it yet, what is lost never is."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._lock = threading.Lock()
        self._held: list[Entry] = []
        self._number = 0
        self.log: deque[Entry] = deque(maxlen=2000)

    @property
    def held(self) -> int:
        return len(self._held)

    def send(self, one: Transaction, *, event: str = "charge.success", copies: int | None = None) -> None:
        self.send_data(event, one, {**view(one), "plan": {}}, copies=copies)

    def send_data(
        self, event: str, one: Transaction, data: dict[str, Any], *, copies: int | None = None
    ) -> None:
        """`copies` of the same event about this transaction; the script says how many when None."""
        if self._script.is_lost(event):
            return
        body = _body(event, data, self._script.webhook_form)
        entry = {
            "event": event,
            "reference": one.reference,
            "body": body.decode(),
            "signature": _signature(body, one.key, self._script),
            "content_type": _TYPES.get(self._script.webhook_form, "application/json"),
        }
        with self._lock:
            fresh: list[Entry] = [
                {**entry, "answers": []}
                for _ in range(self._script.webhook_copies if copies is None else copies)
            ]
            self._held += fresh
            if self._script.webhook_hold or len(self._held) < self._script.webhook_disorder:
                return
            ready, self._held = self._held, []
        self._let_go(ready[::-1] if self._script.webhook_disorder else ready)

    def release(self, *, backwards: bool = False) -> int:
        """Sends what is held, one after the other; how many."""
        with self._lock:
            ready, self._held = self._held, []
        self._let_go(ready[::-1] if backwards else ready, in_turn=True)
        return len(ready)

    def forget(self) -> None:
        with self._lock:
            self._held = []
        self.log.clear()

    def _let_go(self, entries: list[Entry], *, in_turn: bool = False) -> None:
        with self._lock:
            for entry in entries:
                self._number += 1
                entry["number"] = self._number
                self.log.append(entry)
        if not self._script.webhook_url:
            return
        together = [entries] if in_turn or self._script.webhook_disorder else [[one] for one in entries]
        for some in together:
            threading.Thread(target=self._deliver, args=(some,), daemon=True).start()

    def _deliver(self, entries: list[Entry]) -> None:
        """One after the other; what was not taken is repeated when all had their turn."""
        left = entries
        for wait in (*_RETRY_AFTER_S, 0):
            left = [entry for entry in left if not self._attempt(entry)]
            if not left:
                return
            time.sleep(wait)

    def _attempt(self, entry: Entry) -> bool:
        script = self._script
        if not entry["answers"]:
            time.sleep(script.webhook_delays.get(entry["event"], script.webhook_delay_s))
        status = _post(script.webhook_url, entry, is_chunked=script.webhook_form == "chunked")
        entry["answers"].append(status)
        return status == 200


def _body(event: str, data: dict[str, Any], form: str) -> bytes:
    message = {"event": event, "data": data}
    if form == "pretty":
        return json.dumps(message, indent=2).encode()
    text = json.dumps(message, separators=(",", ":"), ensure_ascii=form != "unicode")
    if form == "escaped":
        text = text.replace("/", "\\/")
    return (text + "\n" if form == "newline" else text).encode()


def _signature(body: bytes, key: str, script: Script) -> str | None:
    """None: without the header."""
    right = hmac.new((script.webhook_key or key).encode(), body, hashlib.sha512).hexdigest()
    forged = hmac.new(b"nobody's key", body, hashlib.sha512).hexdigest()
    kinds = {"right": right, "forged": forged, "missing": None, "empty": "", "upper": right.upper()}
    return kinds[script.webhook_signature]


def _post(url: str, entry: Entry, *, is_chunked: bool) -> int:
    """The answer's status, 0 for none."""
    headers = {"Content-Type": entry["content_type"]}
    if entry["signature"] is not None:
        headers["x-paystack-signature"] = entry["signature"]
    body = entry["body"].encode()
    data = iter([body[:100], body[100:]]) if is_chunked else body
    try:
        request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 — Script allows loopback only
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return int(reply.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, ValueError):
        return 0
