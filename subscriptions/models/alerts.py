from django.contrib.postgres.fields import ArrayField
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
        SUPPORT_TICKET = "support_ticket", "a user waits for a person"

    class Severity(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        CRITICAL = "critical"
        BLOCKED = "blocked"

    business = models.ForeignKey(
        "accounts.Business", models.PROTECT, null=True, related_name="+", db_index=False
    )
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
    """One channel an alert goes out by. Due until it has an outcome; a failure makes it due again, later."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        WEBHOOK = "webhook"

    class Outcome(models.TextChoices):
        SENT = "sent"
        SKIPPED = "skipped", "nobody wants it there"
        GAVE_UP = "gave_up"

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries", db_index=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="", db_default="")
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "alert deliveries"
        constraints = [
            models.UniqueConstraint(fields=["alert", "channel"], name="alert_delivery_once"),
            models.CheckConstraint(
                name="alert_delivery_sent_is_not_due",
                condition=Q(sent_at__isnull=True) | Q(due_at__isnull=True),
            ),
            models.CheckConstraint(
                name="alert_delivery_due_until_it_ends",
                condition=Q(outcome="", due_at__isnull=False)
                | Q(outcome="sent", due_at__isnull=True, sent_at__isnull=False)
                | Q(outcome__in=["skipped", "gave_up"], due_at__isnull=True, sent_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="alert_delivery_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} by {self.channel}"


class AlertPreferences(models.Model):
    """How a business wants to be told. Without a row: every alert by e-mail, to its owners."""

    business = models.OneToOneField(
        "accounts.Business", models.PROTECT, primary_key=True, related_name="alert_preferences"
    )
    silent_kinds = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        help_text="Kinds of alerts that are not mailed.",
    )
    email_managers = models.BooleanField(
        default=False, help_text="Mail to managers, too, not to owners alone."
    )
    sealed_webhook_url = models.TextField(blank=True, default="", editable=False)
    webhook_host = models.CharField(max_length=253, blank=True, default="")

    class Meta:
        verbose_name_plural = "alert preferences"
        constraints = [
            models.CheckConstraint(
                name="alert_webhook_has_a_host",
                condition=Q(sealed_webhook_url="", webhook_host="")
                | (~Q(sealed_webhook_url="") & ~Q(webhook_host="")),
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.business_id}"


class QuotaRefusal(models.Model):
    """That a person was refused by a quota on a day (UTC): once, however often they tried."""

    user_id = models.BigIntegerField()
    day = models.DateField()
    code = models.CharField(max_length=40)
    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "user_id", "code"], name="quota_refusal_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.code} {self.day}"
