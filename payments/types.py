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
