import re
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from config.core.models import GhsField
from payments.types import Network, NextAction, PaymentMethod, PaymentStatus

# What Paystack allows, and so nothing that a database or a URL would stumble over.
REFERENCE = re.compile(r"[A-Za-z0-9.=-]{1,50}")


def new_reference() -> str:
    """122 random bits: whoever knows a reference was told it."""
    return f"sika-{uuid.uuid4().hex}"


class Payment(models.Model):
    """One attempt to collect money. Never reused: a new attempt is a new row with a new reference.

    Attempts at the same thing point to the first of them; whoever sells the thing knows that one.
    """

    reference = models.CharField(max_length=50, default=new_reference, editable=False)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="payments", db_index=False)
    purpose = models.CharField(max_length=40, help_text="What the caller sells, in the caller's words.")
    first_attempt = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="retries",
        help_text="Empty for the first.",
    )
    method = models.CharField(max_length=20, choices=PaymentMethod.choices)
    gateway = models.CharField(max_length=20)
    amount_ghs = GhsField(help_text="What was asked for.")
    currency = models.CharField(max_length=3, default="GHS")
    email = models.EmailField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    callback_url = models.CharField(
        max_length=500, blank=True, help_text="Where the browser goes afterwards."
    )
    status = models.CharField(
        max_length=12, choices=PaymentStatus.choices, default=PaymentStatus.PENDING, editable=False
    )

    # How it is collected, where that is not a hosted page.
    phone = models.CharField(max_length=10, blank=True, help_text="0XXXXXXXXX: prompted there.")
    network = models.CharField(max_length=3, blank=True, choices=Network.choices)
    card = models.ForeignKey(
        "payments.SavedCard", models.PROTECT, null=True, blank=True, related_name="+", help_text="Charged."
    )
    save_card = models.BooleanField(default=False, help_text="Keep the card if it can be charged again.")
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="Set before the charge is sent: it is never sent again."
    )
    next_action = models.CharField(max_length=20, blank=True, choices=NextAction.choices)
    display_text = models.CharField(max_length=300, blank=True, help_text="For the payer.")
    prompt_open = models.BooleanField(default=False, help_text="A prompt may be on the phone.")
    prompt_expires_at = models.DateTimeField(null=True, blank=True)

    # What the gateway told us.
    payment_url = models.CharField(max_length=2000, blank=True)
    access_code = models.CharField(max_length=100, blank=True)
    gateway_transaction_id = models.CharField(max_length=40, blank=True)
    gateway_domain = models.CharField(max_length=20, blank=True, help_text="test or live")
    gateway_response = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    paid_ghs = GhsField(null=True, blank=True, help_text="What the gateway says it collected.")
    fees_ghs = GhsField(null=True, blank=True)
    review_reason = models.CharField(max_length=500, blank=True)
    unapplied = models.BooleanField(
        default=False, help_text="Paid, but what it was for was paid already: to be refunded."
    )
    refunded_ghs = GhsField(default=0, help_text="Given back so far.")

    created_at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True, help_text="When we next ask by ourselves.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="payment_reference_once"),
            models.CheckConstraint(name="payment_status_known", condition=Q(status__in=PaymentStatus.values)),
            models.CheckConstraint(name="payment_amount_positive", condition=Q(amount_ghs__gt=0)),
            models.CheckConstraint(name="payment_in_cedis", condition=Q(currency="GHS")),
            models.CheckConstraint(
                name="payment_settled_at_iff_settled",
                condition=Q(status__in=["SUCCESSFUL", "REFUNDED"], settled_at__isnull=False)
                | (~Q(status__in=["SUCCESSFUL", "REFUNDED"]) & Q(settled_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="payment_review_has_reason", condition=~Q(status="REVIEW") | ~Q(review_reason="")
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_domain", "gateway_transaction_id"],
                condition=~Q(gateway_transaction_id=""),
                name="payment_gateway_transaction_once",
            ),
            models.UniqueConstraint(
                fields=["phone"], condition=Q(prompt_open=True), name="payment_one_prompt_per_phone"
            ),
            models.CheckConstraint(
                name="payment_prompt_has_phone",
                condition=Q(prompt_open=False) | (~Q(phone="") & Q(prompt_expires_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="payment_phone_with_network",
                condition=Q(phone="", network="")
                | (Q(phone__regex=r"^0\d{9}$") & Q(network__in=Network.values)),
            ),
            models.CheckConstraint(
                name="payment_refunded_within_paid",
                condition=Q(refunded_ghs=0)
                | Q(
                    status__in=["SUCCESSFUL", "REFUNDED"],
                    paid_ghs__isnull=False,
                    refunded_ghs__gt=0,
                    refunded_ghs__lte=F("paid_ghs"),
                ),
            ),
            models.CheckConstraint(
                name="payment_refunded_means_some", condition=~Q(status="REFUNDED") | Q(refunded_ghs__gt=0)
            ),
        ]
        indexes = [
            models.Index(fields=["business", "-created_at"], name="payment_of_business"),
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="payment_to_check"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def order_id(self) -> int:
        """The first attempt's id: the same for every attempt at the same thing."""
        return self.first_attempt_id or self.pk

    @property
    def is_direct(self) -> bool:
        """Charged by us, on a phone or a saved card; not by the gateway's page."""
        return bool(self.phone) or self.card_id is not None
