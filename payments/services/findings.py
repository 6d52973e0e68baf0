"""What a reconciliation found: totals of both sides, and every difference with what to do about it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

import structlog

from config.core.money import ZERO

MAX_KEPT = 1000
_log = structlog.get_logger("sika.payments.reconciliation")


class Kind(Enum):
    """What can differ; the value says what to do about it."""

    TO_SETTLE = "Paid at the gateway, open here. Run this again without --dry-run: it will be credited."
    NOT_SETTLED = "Paid at the gateway, open here, and crediting it failed. Read the log; run this again."
    IN_REVIEW = "Paid at the gateway, and it waits for a person. Decide about it in the admin: Payments."
    UNKNOWN = (
        "Paid at the gateway, and we have no such payment. Nothing was credited. Find out who paid for what, "
        "and refund it in the gateway's dashboard."
    )
    NOT_CONFIRMED = (
        "Settled here, and the gateway does not say it was paid. Look it up in the gateway's dashboard; "
        "if no money came, ask support there before the credits are used."
    )
    AMOUNT = "The amounts differ. Look it up in the gateway's dashboard, and settle the difference there."
    CURRENCY = "The currencies differ. Refund it in the gateway's dashboard if it was not paid in cedis."
    DOMAIN = "One side says test, the other live. Check which keys this installation has."
    TRANSACTION = "Paid a second time, by another transaction. Refund that one in the gateway's dashboard."
    FEES = "The fees differ. Nobody's credits change; correct it in the accounts."
    REFUNDED_THERE = (
        "The money went back at the gateway, and we found neither refund nor dispute that says why. Press "
        "Ask the gateway now on the payment's page in the admin. If that finds none, ask the gateway's "
        "support."
    )
    TO_FOLLOW = (
        "A refund or dispute at the gateway, unknown here. Run this again without --dry-run: the credits "
        "will follow it."
    )
    NOT_FOLLOWED = "A dispute at the gateway, and following it failed. Read the log; run this again."
    DISPUTE_UNKNOWN = (
        "Disputed at the gateway, and we have no such payment. Answer it in the gateway's dashboard."
    )
    NOT_REFUNDED_THERE = (
        "Refunded here, and the gateway still has the money. Look at its refunds in the gateway's dashboard, "
        "and make it there if it is missing."
    )


@dataclass(frozen=True)
class Difference:
    kind: Kind
    reference: str
    ours: str
    theirs: str


@dataclass
class Total:
    count: int = 0
    amount_ghs: Decimal = ZERO

    def add(self, amount_ghs: Decimal | None) -> None:
        self.count += 1
        self.amount_ghs += amount_ghs or ZERO


@dataclass
class Findings:
    """`differences` holds the first 1,000 of `difference_count`. All before `reached` has been compared."""

    gateway: str
    since: datetime
    until: datetime
    dry_run: bool
    reached: datetime
    stopped_by: str = ""  # in the gateway's or our words; empty when the whole range was compared
    listed: int = 0
    asked: int = 0
    theirs: Total = field(default_factory=Total)
    ours: Total = field(default_factory=Total)
    settled: Total = field(default_factory=Total)
    differences: list[Difference] = field(default_factory=list)
    difference_count: int = 0
    followed: list[tuple[str, str]] = field(default_factory=list)  # reference, which refund or dispute

    def follow(self, reference: str, what: str) -> None:
        """Money went back, nobody told us, and now the credits have followed it."""
        _log.warning("reconciliation_followed", gateway=self.gateway, reference=reference, found=what)
        if len(self.followed) < MAX_KEPT:
            self.followed.append((reference, what))

    def note(self, kind: Kind, reference: str, *, ours: str, theirs: str) -> None:
        self.difference_count += 1
        if len(self.differences) < MAX_KEPT:
            self.differences.append(Difference(kind, reference, ours, theirs))
            if not self.dry_run:
                facts = {"gateway": self.gateway, "reference": reference, "ours": ours, "theirs": theirs}
                _log.error("reconciliation_difference", kind=kind.name.lower(), **facts)
