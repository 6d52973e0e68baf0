"""What the product asks of a payment company, in the product's own words: cedis, not pesewas.

`Gateway` is what every company can do; `DirectGateway` adds charges without a hosted page, and answers to
disputes.
Every call may raise GatewayUnavailable (nothing happened, ask again later); a write that was sent and not
answered raises OutcomeUnknown and is never repeated blindly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from payments.types import NextAction, PaymentMethod, RefundStatus


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
    REFUND = "refund"
    DISPUTE = "dispute"
    OTHER = "other"


class DuplicateReference(Exception):
    """The gateway already has a transaction with this reference: an earlier call did arrive."""


@dataclass(frozen=True)
class Checkout:
    payment_url: str
    access_code: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a payment was made with, where it can be charged again. `code` is a secret."""

    code: str
    signature: str
    brand: str
    bank: str
    last4: str
    exp_month: int
    exp_year: int

    def __repr__(self) -> str:
        return f"<Card {self.brand} {self.last4}>"


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
    card: Card | None = None  # only one that can be charged again
    created_at: datetime | None = None


@dataclass(frozen=True)
class Step:
    """What a direct charge came to so far, and what the payer does now. PAID still has to be verified."""

    state: GatewayState
    next_action: NextAction | None = None
    display_text: str = ""
    url: str = ""
    response: str = ""


@dataclass(frozen=True)
class RefundReport:
    """A refund as the gateway sees it. `id` is "" in most of its webhooks."""

    id: str
    status: RefundStatus
    amount_ghs: Decimal | None
    transaction_id: str = ""
    reference: str = ""  # of the payment
    note: str = ""  # ours: the refund's own id, where it was made here
    message: str = ""
    dispute_id: str = ""  # of the dispute whose loss it carries out


@dataclass(frozen=True)
class DisputeReport:
    id: str
    reference: str
    amount_ghs: Decimal | None
    status: str  # the gateway's word
    resolution: str  # "" while undecided
    category: str = ""
    message: str = ""
    due_at: datetime | None = None
    created_at: datetime | None = None
    transaction_id: str = ""  # where the gateway names its own transaction, perhaps without our reference
    is_inquiry: bool = False  # the bank only asks: no money has moved


@dataclass(frozen=True)
class Evidence:
    """Why the payment was right. Sent to the payer's bank."""

    customer_email: str
    customer_name: str
    customer_phone: str
    service_details: str


@dataclass(frozen=True)
class SettlementReport:
    id: str
    status: str
    total_ghs: Decimal
    fees_ghs: Decimal
    deductions_ghs: Decimal
    paid_out_ghs: Decimal
    settled_on: date


@dataclass(frozen=True)
class Event:
    name: str
    reference: str
    kind: EventKind
    access_code: str = ""  # where the gateway finds a payment by its own id, not by our reference
    transaction_id: str = ""  # where it names its own transaction alone


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
        save_card: bool,
    ) -> Checkout:
        """Opens a hosted checkout page. Takes no money. `save_card`: so that it can be charged again.

        Raises DuplicateReference, PaymentRejected, GatewayUnavailable (surely not opened) or OutcomeUnknown.
        """
        ...

    def verify(self, *, reference: str, access_code: str) -> Report:
        """What became of it. Raises GatewayUnavailable when there is no readable answer."""
        ...

    def signed_with(self, *, body: bytes, signature: str, now: datetime) -> str | None:
        """Which of our keys ("current", "previous") signed these bytes, or None."""
        ...

    def without_secrets(self, *, text: str) -> str:
        """A webhook's text as it may be kept and shown: nothing in it charges a card."""
        ...

    def read_event(self, *, body: bytes) -> Event | None:
        """A webhook body; None when it is not in the documented shape."""
        ...

    def refund(
        self, *, transaction_id: str, amount_ghs: Decimal, refund_id: str, reason: str
    ) -> RefundReport:
        """Asks for money back for the payer. `refund_id` is ours; `refunds` shows it as `note`.

        Raises PaymentRejected (with the gateway's words), GatewayUnavailable, OutcomeUnknown.
        """
        ...

    def refunds(self, *, transaction_id: str) -> list[RefundReport]:
        """All refunds of one transaction."""
        ...

    def transactions(self, *, since: datetime, until: datetime) -> Iterator[Report]:
        """Every transaction opened in [since, until), paid or not, page by page."""
        ...

    def disputes(self, *, since: datetime, until: datetime) -> Iterator[DisputeReport]:
        """Every dispute opened in [since, until), page by page."""
        ...

    def dispute(self, *, dispute_id: str) -> DisputeReport: ...

    def read_dispute(self, *, body: bytes) -> DisputeReport | None:
        """What a dispute webhook says."""
        ...


class DirectGateway(Gateway, Protocol):
    def charge_mobile_money(
        self, *, reference: str, amount_ghs: Decimal, email: str, phone: str, network: str, purpose: str
    ) -> Step:
        """Sends a prompt to a phone (0XXXXXXXXX).

        Raises DuplicateReference, PaymentRejected, GatewayUnavailable, OutcomeUnknown.
        """
        ...

    def submit_otp(self, *, reference: str, otp: str) -> Step:
        """Raises CodeRefused, NoCodeExpected, PaymentRejected, GatewayUnavailable, OutcomeUnknown."""
        ...

    def check_charge(self, *, reference: str) -> Step:
        """Where a prompt stands. Not within 10 s of the charge."""
        ...

    def charge_card(
        self,
        *,
        reference: str,
        amount_ghs: Decimal,
        email: str,
        card_code: str,
        purpose: str,
        callback_url: str,
    ) -> Step:
        """Charges a saved card. OPEN_URL with `url` when the bank wants to see the payer first.

        Raises DuplicateReference, CardUnusable, PaymentRejected, GatewayUnavailable, OutcomeUnknown.
        """
        ...

    def forget_card(self, *, card_code: str) -> None:
        """The gateway won't charge it any more, for anybody. Unknown cards are forgotten already."""
        ...

    def retry_refund(self, *, refund_id: str, account_number: str, bank_id: str) -> RefundReport:
        """Tells a refund that needs attention where the payer's bank account is. Raises PaymentRejected."""
        ...

    def add_evidence(self, *, dispute_id: str, evidence: Evidence) -> str:
        """The evidence's id."""
        ...

    def upload(self, *, dispute_id: str, filename: str, content: bytes) -> str:
        """Keeps a file at the gateway; the name to resolve the dispute with."""
        ...

    def resolve_dispute(
        self,
        *,
        dispute_id: str,
        accept: bool,
        message: str,
        refund_ghs: Decimal,
        uploaded_filename: str,
        evidence_id: str,
    ) -> DisputeReport:
        """Accepts the payer's claim, or declines it. Raises PaymentRejected with the gateway's words."""
        ...

    def settlements(self, *, since: datetime, until: datetime) -> Iterator[SettlementReport]: ...

    def read_refund(self, *, body: bytes) -> RefundReport | None:
        """What a refund webhook says."""
        ...
