from django.db import models
from django.db.models import Q


class PaymentAction(models.Model):
    """What a person did to a payment, and why. Only ever added."""

    payment = models.ForeignKey("payments.Payment", models.PROTECT, related_name="actions")
    actor_id = models.BigIntegerField()
    action = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="payment_action_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return self.action
