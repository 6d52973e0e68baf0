"""What the product asks of a payment company, in the product's own words: cedis, not pesewas."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from payments.types import PaymentMethod


class GatewayState(Enum):
    """IN_PROGRESS covers everything that may still become a success, including what we do not know."""

    PAID = "paid"
    FAILED = "failed"
    IN_PROGRESS = "in_progress"
    REVERSED = "reversed"
    NOT_FOUND = "not_found"


class EventKind(Enum):
    PAID = "paid"  # the gateway must confirm it when asked
    CHANGED = "changed"  # worth asking about
    OTHER = "other"


class DuplicateReference(Exception):
    """The gateway already has a transaction with this reference: an earlier call did arrive."""


@dataclass(frozen=True)
class Checkout:
    payment_url: str
    access_code: str


@dataclass(frozen=True)
class Report:
    """The gateway's answer about one reference. None or "" where it said nothing readable."""

    state: GatewayState
    reference: str = ""
    domain: str = ""
    currency: str = ""
    paid_ghs: Decimal | None = None
    requested_ghs: Decimal | None = None
    requested_is_unreadable: bool = False
    transaction_id: str = ""
    channel: str = ""
    fees_ghs: Decimal | None = None
    response: str = ""


@dataclass(frozen=True)
class Event:
    name: str
    reference: str
    kind: EventKind


class Gateway(Protocol):
    name: str
    domain: str  # the mode our key works in: what every report must say

    def initialize(
        self,
        *,
        reference: str,
        amount_ghs: Decimal,
        email: str,
        method: PaymentMethod,
        purpose: str,
        callback_url: str,
    ) -> Checkout:
        """Opens a hosted checkout page. Takes no money.

        Raises DuplicateReference, PaymentRejected, GatewayUnavailable (surely not opened) or OutcomeUnknown.
        """
        ...

    def verify(self, *, reference: str) -> Report:
        """What became of it. Raises GatewayUnavailable when there is no readable answer."""
        ...

    def signed_with(self, *, body: bytes, signature: str, now: datetime) -> str | None:
        """Which of our keys ("current", "previous") signed these bytes, or None."""
        ...

    def read_event(self, *, body: bytes) -> Event | None:
        """A webhook body; None when it is not in the documented shape."""
        ...
