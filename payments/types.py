from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from django.db.models import TextChoices


class PaymentStatus(TextChoices):
    """FAILED may still become SUCCESSFUL: late money is honoured. REVIEW waits for a person."""

    PENDING = "PENDING"
    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"
    REVIEW = "REVIEW"


class PaymentMethod(TextChoices):
    """What a buyer can choose. Which of them are offered is configuration (`PAYMENT_METHODS`)."""

    MOMO = "MOMO", "Mobile money"
    PAYSTACK = "PAYSTACK", "Card or mobile money"
    STRIPE = "STRIPE", "Card from abroad"


class Network(TextChoices):
    """Mobile-money networks of Ghana, in the words of the gateway."""

    MTN = "mtn", "MTN MoMo"
    TELECEL = "vod", "Telecel Cash"
    AT = "atl", "AT Money"


class NextAction(TextChoices):
    """What the payer does now. Empty: nothing is left to do."""

    APPROVE = "approve_on_phone", "Approve the prompt on the phone"
    OTP = "enter_otp", "Enter the code"
    OPEN_URL = "open_url", "Open the payment page"
    WAIT = "wait", "Wait"


class Claim(Enum):
    """A receiver's answer to `payment_succeeded`.

    UNAPPLIED: it was mine, but what it was for is paid already; the money waits for a refund.
    """

    APPLIED = "applied"
    UNAPPLIED = "unapplied"


class RefundStatus(TextChoices):
    """REQUESTED is ours: the gateway has not confirmed it yet. The rest are the gateway's five."""

    REQUESTED = "REQUESTED"
    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    PROCESSED = "PROCESSED"
    FAILED = "FAILED"


class DisputeStatus(TextChoices):
    OPEN = "OPEN", "Open: we have to answer"
    ANSWERED = "ANSWERED", "Answered: the bank decides"
    WON = "WON", "Won: the money stays"
    LOST = "LOST", "Lost: the money is gone"


class DisputeAnswer(TextChoices):
    ACCEPT = "accept", "Accept: the payer gets the money back"
    DECLINE = "decline", "Decline: the payment was right"


class ReviewDecision(TextChoices):
    ACCEPT = "accept", "Accept: settle it, the gateway says it is paid"
    REFUND = "refund", "Refund: send back all that came"
    DISMISS = "dismiss", "Dismiss: no money came"


@dataclass(frozen=True, kw_only=True)
class MoneyBack:
    """What can still go back of a payment: `left_ghs` = paid, less refunded, less what lost disputes took.

    `under_way`: a refund has not ended. `disputed`: a dispute is not decided. `refunds`: how many there were,
    whatever became of them.
    """

    status: PaymentStatus
    paid_ghs: Decimal
    left_ghs: Decimal
    under_way: bool
    disputed: bool
    refunds: int
