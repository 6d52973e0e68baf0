"""The gateway's look-alike seen from outside: what people and banks do there, and what its own lists say."""

from typing import Any

from config.core.loopback import HOST, Request
from tests import sandboxes

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
# Where it lets a new refund go by itself, and how a bank decides.
REFUNDS_END = ["processed"] * 4 + ["failed", "pending", "needs-attention"]
VERDICTS = ["merchant-accepted", "auto-accepted", "declined"]
LOST = ("merchant-accepted", "auto-accepted")


class Gateway:
    def press(self, path: str, **values: Any) -> Any:
        """One of the buttons of payments/sandbox/control.py. {} when it knows no such thing."""
        reply = sandboxes.press(sandboxes.paystack, "POST", path, values)
        return {} if reply.status == 404 else sandboxes.told(reply)

    def pay(self, how: str, outcome: str) -> bool:
        """Whether it is paid then. `how` is page or phone, with the reference."""
        return self.press(how, outcome=outcome).get("message") == "success"

    def open_dispute(self, reference: str, **values: Any) -> str | None:
        """Its id; None when there is no money to be had back."""
        opened = self.press(f"dispute/{reference}", **values)
        return str(opened["data"]["id"]) if opened else None

    def deliveries(self, reference: str) -> list[dict[str, Any]]:
        reply = sandboxes.press(sandboxes.paystack, "GET", "deliveries", query={"reference": reference})
        return list(sandboxes.told(reply))

    def successes(self) -> set[str]:
        """References of all that was paid there."""
        rows = self._listed("transaction")
        return {row["reference"] for row in rows if row["status"] in ("success", "reversed")}

    def refunds(self, references: set[str]) -> dict[str, dict[str, Any]]:
        """Those of these transactions, by their id."""
        rows = self._listed("refund")
        return {str(row["id"]): row for row in rows if row["transaction_reference"] in references}

    def disputes(self, references: set[str]) -> dict[str, dict[str, Any]]:
        rows = self._listed("dispute")
        return {str(row["id"]): row for row in rows if row["transaction"]["reference"] in references}

    def _listed(self, what: str) -> list[dict[str, Any]]:
        request = Request(
            method="GET",
            path=f"/{what}",
            base_url="",
            headers={"host": HOST, "authorization": "Bearer sk_test_outside"},
            body=b"",
            query={"perPage": "100000"},
        )
        return list(sandboxes.told(sandboxes.paystack.respond(request))["data"])
