from django.db import models

from config.core.models import GhsField


class Settlement(models.Model):
    """One payout of the gateway to our bank account, as the gateway lists it."""

    gateway = models.CharField(max_length=20)
    gateway_settlement_id = models.CharField(max_length=40)
    status = models.CharField(max_length=20)
    total_ghs = GhsField(help_text="Collected.")
    fees_ghs = GhsField()
    deductions_ghs = GhsField(default=0, help_text="Refunds and lost disputes.")
    paid_out_ghs = GhsField()
    settled_on = models.DateField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "gateway_settlement_id"], name="settlement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.settled_on} {self.paid_out_ghs}"
