from django.db import models
from django.db.models import Q


class Alert(models.Model):
    """Something a person has to know, stored once per cause. Without a business it is for the operators."""

    class Kind(models.TextChoices):
        LOW_CREDIT = "low_credit"
        BUDGET = "budget"
        EXPIRY = "expiry", "credits expire soon"
        UNUSUAL_SPEND = "unusual_spend"
        RENEWAL = "renewal", "a month has to be paid"
        LAPSED = "lapsed", "a subscription lapsed"
        LICENCE = "licence", "a licence ends soon"
        FX_STALE = "fx_stale", "FX rate is old"
        MARGIN_FLOOR = "margin_floor"
        LEDGER_BROKEN = "ledger_broken"
        PROVIDER_DOWN = "provider_down"
        MODEL_SHUTDOWN = "model_shutdown"
        QUOTA_REFUSALS = "quota_refusals"
        COST_BUDGET = "cost_budget", "platform's cost budget"
        ERROR_RATE = "error_rate"
        SLOW_QUERIES = "slow_queries"
        PAYMENTS = "payments", "a payment needs a person"

    class Severity(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        CRITICAL = "critical"
        BLOCKED = "blocked"

    business = models.ForeignKey("accounts.Business", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    key = models.CharField(max_length=160, unique=True, help_text="The cause: raising it twice tells once.")
    title = models.CharField(max_length=160)
    text = models.TextField()
    link = models.CharField(max_length=500, blank=True, help_text="Where one tap puts it right.")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alert_severity_known",
                condition=Q(severity__in=["info", "warning", "critical", "blocked"]),
            ),
        ]
        indexes = [models.Index(fields=["business", "-created_at", "-id"], name="alert_of_business")]

    def __str__(self) -> str:
        return self.title


class AlertDelivery(models.Model):
    """One channel an alert goes out by. Due until it is sent; a failure makes it due again, later."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        WEBHOOK = "webhook"

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "alert deliveries"
        constraints = [
            models.UniqueConstraint(fields=["alert", "channel"], name="alert_delivery_once"),
            models.CheckConstraint(
                name="alert_delivery_sent_is_not_due",
                condition=Q(sent_at__isnull=True) | Q(due_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="alert_delivery_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} by {self.channel}"
