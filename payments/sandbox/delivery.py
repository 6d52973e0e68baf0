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
        self.log: deque[dict[str, Any]] = deque(maxlen=500)

    def send(self, one: Transaction, *, event: str = "charge.success", copies: int | None = None) -> None:
        """`copies` of the same event, at once, from threads of their own."""
        self.send_data(event, one, {**view(one), "plan": {}}, copies=copies)

    def send_data(
        self, event: str, one: Transaction, data: dict[str, Any], *, copies: int | None = None
    ) -> None:
        """An event about this transaction."""
        if self._script.lose_webhooks:
            return
        body = webhook_body(event, data)
        signature = hmac.new(one.key.encode(), body, hashlib.sha512).hexdigest()
        for _ in range(self._script.webhook_copies if copies is None else copies):
            entry = {
                "event": event,
                "reference": one.reference,
                "body": body.decode(),
                "signature": signature,
                "answers": [],
            }
            self.log.append(entry)
            if self._script.webhook_url:
                threading.Thread(target=self._deliver, args=(entry,), daemon=True).start()

    def _deliver(self, entry: dict[str, Any]) -> None:
        url = self._script.webhook_url
        time.sleep(self._script.webhook_delay_s)
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
