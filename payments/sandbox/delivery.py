"""Webhooks: signed with the transaction's key, sent as often, as late or as little as the script says."""

import hashlib
import hmac
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from typing import Any

from .api import view, webhook_body
from .script import Script
from .store import Transaction

# Paystack repeats after minutes and hours; a person at a terminal has seconds.
_RETRY_AFTER_S = (1, 3, 9)


class Deliveries:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._held: list[dict[str, Any]] = []
        self.log: deque[dict[str, Any]] = deque(maxlen=500)

    def send(self, one: Transaction, *, event: str = "charge.success", copies: int | None = None) -> None:
        """`copies` of the same event, at once, from threads of their own."""
        self.send_data(event, one, {**view(one), "plan": {}}, copies=copies)

    def send_data(
        self, event: str, one: Transaction, data: dict[str, Any], *, copies: int | None = None
    ) -> None:
        """An event about this transaction."""
        script = self._script
        if script.lose_webhooks or event in script.lose_events:
            return
        body = webhook_body(event, data)
        key = "forged" if script.webhook_forge else script.webhook_key or one.key
        signature = hmac.new(key.encode(), body, hashlib.sha512).hexdigest()
        for _ in range(self._script.webhook_copies if copies is None else copies):
            entry = {
                "event": event,
                "reference": one.reference,
                "body": body.decode(),
                "signature": signature,
                "answers": [],
            }
            self.log.append(entry)
            if script.webhook_hold:
                self._held.append(entry)
            elif script.webhook_url:
                threading.Thread(target=self._deliver, args=(entry,), daemon=True).start()

    def release(self, *, backwards: bool) -> int:
        """Sends what `webhook_hold` kept, one after the other, the last first when `backwards`."""
        held, self._held = self._held, []
        threading.Thread(
            target=self._deliver_all, args=(held[::-1] if backwards else held,), daemon=True
        ).start()
        return len(held)

    def _deliver_all(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            self._deliver(entry)

    def _deliver(self, entry: dict[str, Any]) -> None:
        url = self._script.webhook_url
        time.sleep(self._script.webhook_delays.get(entry["event"], self._script.webhook_delay_s))
        for wait in (*_RETRY_AFTER_S, 0):
            status = _post(url, entry["body"].encode(), entry["signature"])
            entry["answers"].append(status)
            if status == 200:
                return
            time.sleep(wait)


def _post(url: str, body: bytes, signature: str) -> int:
    """The answer's status, 0 for none."""
    headers = {"Content-Type": "application/json", "x-paystack-signature": signature}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 — Script allows loopback only
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return int(reply.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0
