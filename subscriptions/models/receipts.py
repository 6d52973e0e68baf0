"""Numbered documents for the tax office. Everything on them is copied when they are issued."""

from django.db import models
from django.db.models import Q

from config.core.models import CreditsField, GhsField


class DocumentKind(models.TextChoices):
    """The values begin the number."""

    RECEIPT = "SK", "Receipt"
    CREDIT_NOTE = "CN", "Credit note"


class ReceiptCounter(models.Model):
    """The last number given out. Raised in the transaction that issues, which undoes it when it is undone."""

    kind = models.CharField(max_length=2, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="receipt_counter_once")]

    def __str__(self) -> str:
        return f"{self.kind}-{self.year} {self.last}"


class Receipt(models.Model):
    """What one payment bought, or (a credit note) what of it went back. Never changed: a trigger sees to it.

    No foreign key to catalogue or taxes: new prices, rates and names leave an issued receipt as it is.
    """

    number = models.CharField(max_length=20, help_text="For example SK-2026-000123.")
    kind = models.CharField(max_length=2, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField(help_text="1, 2, 3 … without a gap in a year.")
    business = models.ForeignKey(  # the index below begins with it
        "accounts.Business", models.PROTECT, related_name="+", db_index=False
    )
    payment = models.ForeignKey("payments.Payment", models.PROTECT, related_name="+")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="credit_notes", help_text="Of a credit note."
    )
    refund = models.OneToOneField(
        "payments.Refund", models.PROTECT, null=True, related_name="+", help_text="Of a credit note."
    )

    seller_name = models.CharField(max_length=120)
    seller_tin = models.CharField("seller's TIN", max_length=40, blank=True)
    seller_address = models.CharField(max_length=200, blank=True)
    customer_name = models.CharField(max_length=120)
    customer_email = models.EmailField()
    description = models.CharField(max_length=200)
    credits = CreditsField(
        help_text="Without bonus; 0 where none were sold. Of the sale, also on a credit note."
    )
    bonus_credits = CreditsField(default=0)
    payment_method = models.CharField(max_length=20)
    channel = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=50)
    base_ghs = GhsField("net (GHS)", help_text="Total less taxes.")
    taxes = models.JSONField(help_text="In order: name, rate, amount_ghs; decimals as text.")
    total_ghs = GhsField("total (GHS)", help_text="What was paid, or given back.")
    created_at = models.DateTimeField("issued at")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="receipt_number_once"),
            models.UniqueConstraint(fields=["kind", "year", "sequence"], name="receipt_sequence_once"),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind="SK"), name="receipt_once_per_payment"
            ),
            models.CheckConstraint(
                name="receipt_corrects_iff_credit_note",
                condition=Q(kind="SK", corrects__isnull=True, refund__isnull=True)
                | Q(kind="CN", corrects__isnull=False, refund__isnull=False),
            ),
            models.CheckConstraint(
                name="receipt_amounts",
                condition=Q(total_ghs__gt=0, credits__gte=0, bonus_credits__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["business", "-created_at", "-id"], name="receipt_of_business"),
        ]

    def __str__(self) -> str:
        return self.number
