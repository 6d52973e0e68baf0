"""The gateway's look-alike seen from outside, over one connection that stays open."""

import os
from typing import Any

import requests

from .buying import PACK_PESEWAS

# Answered at once, so that a thousand purchases take seconds: reads are repeated after an HTTP 500.
READ_FAULTS = ["garbage", "401", "429", "envelope"]
WRITE_FAULTS = ["landed", "drop", "500", "429", "garbage", "timeout"]
# What it may say of a payment that is not so.
LIES: list[dict[str, Any]] = [
    {"amount": PACK_PESEWAS - 1},
    {"amount": PACK_PESEWAS * 2},
    {"requested_amount": 1},
    {"currency": "NGN"},
    {"domain": "live"},
    {"reference": "sika-another"},
    {"status": "ongoing"},
    {"status": "failed"},
    {"status": "settled-maybe"},
]


class Gateway:
    def __init__(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False
        self._url = f"{os.environ['SIKA_SANDBOX_URL']}/paystack"

    def press(self, path: str, **values: Any) -> Any:
        """One of the buttons of payments/sandbox/control.py."""
        return self._http.post(f"{self._url}/_sandbox/{path}", json=values, timeout=5).json()

    def deliveries(self, reference: str) -> list[dict[str, Any]]:
        query = {"reference": reference}
        found: list[dict[str, Any]] = self._http.get(
            f"{self._url}/_sandbox/deliveries", params=query, timeout=5
        ).json()
        return found

    def successes(self) -> set[str]:
        """References of all that was paid there, as its own list says."""
        headers, query = {"Authorization": "Bearer sk_test_outside"}, {"perPage": 100_000}
        reply = self._http.get(f"{self._url}/transaction", params=query, headers=headers, timeout=30)
        return {row["reference"] for row in reply.json()["data"] if row["status"] in ("success", "reversed")}

    def close(self) -> None:
        self._http.close()
