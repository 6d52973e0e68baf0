"""When each invoice was paid, from invoices and payments in any order."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Invoice:
    number: str
    issued_on: date
    due_on: date
    amount_ghs: Decimal


@dataclass(frozen=True)
class Payment:
    """`invoice` is the number of the invoice it was for; empty: it goes to whatever is due first."""

    paid_on: date
    amount_ghs: Decimal
    invoice: str = ""


@dataclass(frozen=True)
class Outcome:
    """How an invoice stands. `paid_on` is the day of its last part, None while something is open."""

    invoice: Invoice
    paid_on: date | None
    open_ghs: Decimal

    def days_late(self, as_of: date) -> int:
        """Days from the due date to the payment, or to `as_of` while it is open; never negative."""
        return max(0, ((self.paid_on or as_of) - self.invoice.due_on).days)

    def is_known(self, as_of: date) -> bool:
        """Paid, or past due. What is open and not due yet says nothing about the customer."""
        return self.paid_on is not None or self.invoice.due_on < as_of


def outcomes(invoices: Sequence[Invoice], payments: Sequence[Payment]) -> list[Outcome]:
    """One per invoice, by due date.

    A payment for an invoice counts there first. What is over, and what was paid on account, covers what is
    still missing elsewhere, the oldest due date first. An invoice is paid when its last part came. So a
    payment that comes later makes no invoice paid earlier.
    """
    ordered = sorted(invoices, key=lambda one: (one.due_on, one.issued_on, one.amount_ghs, one.number))
    own: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for payment in sorted(payments, key=lambda one: one.paid_on):
        own[payment.invoice].append((payment.paid_on, payment.amount_ghs))
    on_account = own.pop("", [])
    named: dict[str, tuple[date | None, Decimal]] = {}
    for invoice in ordered:
        last, missing, over = _cover(invoice.amount_ghs, own[invoice.number])
        named[invoice.number] = (last, missing)
        on_account = on_account + over
    pool = _Pool(sorted(on_account))
    found = []
    for invoice in ordered:
        last, missing = named[invoice.number]
        later, missing = pool.take(missing)
        days = [day for day in (last, later) if day is not None]
        found.append(Outcome(invoice, max(days) if days and not missing else None, missing))
    return found


def _cover(
    amount: Decimal, parts: list[tuple[date, Decimal]]
) -> tuple[date | None, Decimal, list[tuple[date, Decimal]]]:
    """The day of the last part that counts, what is missing, and what was paid beyond the amount."""
    last, missing, over = None, amount, []
    for day, paid in parts:
        used = min(paid, missing)
        if used:
            last, missing = day, missing - used
        if paid > used:
            over.append((day, paid - used))
    return last, missing, over


class _Pool:
    """Money on account in the order it came."""

    def __init__(self, parts: list[tuple[date, Decimal]]) -> None:
        self._parts = parts
        self._next = 0
        self._used = ZERO

    def take(self, wanted: Decimal) -> tuple[date | None, Decimal]:
        """The day on which the last of it came, and what was not there."""
        day = None
        while wanted and self._next < len(self._parts):
            day, amount = self._parts[self._next]
            part = min(wanted, amount - self._used)
            wanted -= part
            self._used += part
            if self._used == amount:
                self._next, self._used = self._next + 1, ZERO
        return day, wanted
