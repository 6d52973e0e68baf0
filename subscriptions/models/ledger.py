"""The books. Only `subscriptions/services/ledger.py` writes these tables.

An entry is one line of the ledger; its slices say which grants the credits came from or went to. Both are
append-only (a trigger refuses UPDATE and DELETE). Balances and `remaining` are caches; invariants prove them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value

from config.core.models import CreditsField, UsdField


class BusinessAICredits(models.Model):
    """The account of a business. `available` = balance - held - what is frozen or expired but not yet swept.

    `total_used`: captures less reversals, less what was spent but is no longer paid for (its money went back,
    and it is debt now), plus debt paid.
    """

    business = models.OneToOneField(
        "accounts.Business", models.PROTECT, primary_key=True, related_name="ai_credits"
    )
    balance = CreditsField(default=0)
    held = CreditsField(default=0)
    debt = CreditsField(default=0, help_text="Spent beyond the balance; paid first by the next grant.")
    total_purchased = CreditsField(default=0, help_text="Paid credits only.")
    total_used = CreditsField(default=0)
    low_credit_threshold = CreditsField(default=10)
    low_credit_armed = models.BooleanField(
        default=True,
        db_default=True,
        editable=False,
        help_text="Falling below the threshold is told once; it has to rise to it before it is told again.",
    )
    low_credit_crossings = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="How often it fell below: names the cause of each alert.",
    )
    freeze_count = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="How often a grant was frozen or unfrozen: by it a hold sees that it looked too early.",
    )
    budget_changes = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="How often a budget was made, changed or removed: the same for budgets.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "credit accounts"
        constraints = [
            models.CheckConstraint(
                name="account_held_within_balance", condition=Q(held__gte=0, held__lte=F("balance"))
            ),
            models.CheckConstraint(
                name="account_totals_not_negative",
                # What was used, paid for or owed, is not negative.
                condition=Q(debt__gte=0, total_purchased__gte=0, total_used__gte=-F("debt")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.balance} credits"


class CreditGrant(models.Model):
    """A bucket of credits from one cause."""

    class Source(models.TextChoices):
        PURCHASE = "purchase"
        ADDON = "addon"
        TRIAL = "trial"
        MONTHLY_FREE = "monthly_free"
        ADJUSTMENT = "adjustment"

    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+")
    source = models.CharField(max_length=20, choices=Source.choices)
    key = models.CharField(max_length=120, help_text="The cause, e.g. purchase:<id>.")
    credits = CreditsField()
    remaining = CreditsField()
    unit_value_ghs = models.DecimalField(
        "unit value (GHS)", max_digits=12, decimal_places=6, help_text="Price paid ÷ credits; 0 when free."
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(
        null=True, blank=True, help_text="While the money for it is disputed: unusable, as if expired then."
    )
    taken_back = CreditsField(
        default=0, db_default=0, help_text="Withdrawn or turned into debt because the money for it went back."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="grant_once_per_cause"),
            models.CheckConstraint(
                name="grant_taken_back_within_credits",
                condition=Q(taken_back__gte=0, taken_back__lte=F("credits")),
            ),
            models.CheckConstraint(
                name="grant_remaining_within_credits",
                condition=Q(credits__gt=0, remaining__gte=0, remaining__lte=F("credits")),
            ),
            models.CheckConstraint(name="grant_unit_value", condition=Q(unit_value_ghs__gte=0)),
            models.CheckConstraint(
                name="grant_source_known",
                condition=Q(source__in=["purchase", "addon", "trial", "monthly_free", "adjustment"]),
            ),
        ]
        indexes = [
            # What a capture burns: only live buckets of one business.
            models.Index(fields=["business", "expires_at"], name="grant_live", condition=Q(remaining__gt=0)),
            models.Index(
                fields=["expires_at"],
                name="grant_to_expire",
                condition=Q(remaining__gt=0, expires_at__isnull=False),
            ),
            # Nearly empty: what every hold subtracts costs a look, however busy the business.
            models.Index(fields=["business"], name="grant_frozen", condition=Q(frozen_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def frozen(self) -> bool:
        return self.frozen_at is not None


class UsageCounter(models.Model):
    """What a member has cost on one day of the business in provider dollars, and what open holds may add."""

    membership = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    spent_usd = UsdField(default=0)
    held_usd = UsdField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "day"], name="usage_counter_once"),
            models.CheckConstraint(
                name="usage_counter_not_negative", condition=Q(spent_usd__gte=0, held_usd__gte=0)
            ),
        ]


class CreditHold(models.Model):
    """Credits reserved for one AI call. Ends exactly once: captured, released, or expired by the sweeper."""

    class State(models.TextChoices):
        OPEN = "open"
        CAPTURED = "captured"
        RELEASED = "released"
        EXPIRED = "expired"

    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+")
    membership = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    user_id = models.BigIntegerField()
    counter = models.ForeignKey(UsageCounter, models.PROTECT, related_name="+")
    # What else it took, by id: settled there, whatever has become of budgets and months since.
    budget_counters = ArrayField(models.BigIntegerField(), default=list, db_default=Value("{}"))
    tier_counter_id = models.BigIntegerField(null=True)
    feature = models.CharField(max_length=60)
    request_id = models.UUIDField(unique=True)
    idempotency_key = models.CharField(max_length=255, null=True)
    credits = CreditsField()
    captured = CreditsField(default=0)
    predicted_cost_usd = UsdField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Never two charges for one Idempotency-Key, whatever process wakes up late.
            models.UniqueConstraint(
                fields=["business", "idempotency_key"],
                name="hold_key_charged_once",
                condition=Q(state__in=["open", "captured"], idempotency_key__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_captured_within_credits",
                condition=Q(credits__gt=0, captured__gte=0, captured__lte=F("credits")),
            ),
            # The hold's statement writes 0 where the user's tier has no room.
            models.CheckConstraint(name="hold_has_room_in_tier", condition=~Q(tier_counter_id=0)),
            models.CheckConstraint(
                name="hold_state",
                condition=Q(state="open", settled_at__isnull=True, captured=0)
                | Q(state="captured", settled_at__isnull=False)
                | Q(state__in=["released", "expired"], settled_at__isnull=False, captured=0),
            ),
        ]
        indexes = [
            models.Index(fields=["business", "created_at"], name="hold_open", condition=Q(state="open")),
            models.Index(fields=["expires_at"], name="hold_lease", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} {self.state}"


class CreditEntry(models.Model):
    """One line of the ledger: never changed, never removed."""

    class Kind(models.TextChoices):
        GRANT = "grant"
        CAPTURE = "capture"
        REVERSAL = "reversal"
        EXPIRY = "expiry"
        WITHDRAWAL = "withdrawal"
        RETURN = "return"
        DEBT_PAYMENT = "debt_payment"

    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    amount = CreditsField(help_text="Signed; the sum of its slices.")
    debt_change = CreditsField(default=0)
    balance_after = CreditsField()
    key = models.CharField(max_length=120, help_text="The cause: doing it twice changes nothing.")
    hold = models.ForeignKey(CreditHold, models.PROTECT, null=True, related_name="entries")
    grant = models.ForeignKey(
        CreditGrant,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="Whose money went back, or stayed after all.",
    )
    actor_id = models.BigIntegerField(null=True, help_text="The admin who did it, if one did.")
    note = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "credit entries"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="entry_once_per_cause"),
            models.CheckConstraint(name="entry_balance_not_negative", condition=Q(balance_after__gte=0)),
            models.CheckConstraint(name="entry_moves_something", condition=~Q(amount=0, debt_change=0)),
            models.CheckConstraint(
                name="entry_sign",
                condition=Q(kind__in=["grant", "reversal", "return"], amount__gte=0)
                | Q(kind__in=["capture", "expiry", "withdrawal", "debt_payment"], amount__lte=0),
            ),
            models.CheckConstraint(
                name="entry_names_grant_of_money_back",
                condition=Q(kind="withdrawal")
                | Q(kind="return", grant__isnull=False)
                | (~Q(kind="return") & Q(grant__isnull=True)),
            ),
            models.CheckConstraint(
                name="entry_adjustment_explained",
                condition=~Q(key__startswith="adjustment:") | (Q(actor_id__isnull=False) & ~Q(note="")),
            ),
        ]
        indexes = [
            models.Index(fields=["business", "id"], name="entry_statement"),
            # What reports add to the revenue of captures. Captures themselves stay out of it.
            models.Index(
                fields=["created_at"],
                name="entry_of_revenue",
                condition=Q(kind__in=["expiry", "reversal"]),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class CreditSlice(models.Model):
    """The part of an entry that one grant gave (negative) or got (positive)."""

    entry = models.ForeignKey(CreditEntry, models.PROTECT, related_name="slices", db_index=False)
    grant = models.ForeignKey(CreditGrant, models.PROTECT, related_name="slices")
    amount = CreditsField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "grant"], name="slice_once"),
            models.CheckConstraint(name="slice_not_zero", condition=~Q(amount=0)),
        ]
