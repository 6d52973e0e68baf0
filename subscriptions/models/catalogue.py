"""Prices and limits as data. Every table is dated: see `DatedModel`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from config.core.models import CreditsField, DatedModel, GhsField, UsdField


def _dated_once(name: str, key: str = "slug") -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=[key, "effective_from"], name=f"{name}_dated_once")


class CreditPack(DatedModel):
    """A pack on sale. CUSTOM has a price range and sells credits at `credits` per cedi."""

    key_field = "type"

    type = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    price_ghs = GhsField(
        "price (GHS)", null=True, blank=True, help_text="Tax inclusive. Empty for a custom amount."
    )
    min_price_ghs = GhsField("lowest price (GHS)", null=True, blank=True)
    max_price_ghs = GhsField("highest price (GHS)", null=True, blank=True)
    credits = CreditsField(help_text="Without bonus; for a custom amount, credits per cedi.")
    bonus_credits = CreditsField(default=0)
    savings = models.CharField(max_length=20, blank=True, help_text="As shown, e.g. 20%.")
    recommended = models.BooleanField(default=False)

    class Meta:
        constraints = [
            _dated_once("pack", "type"),
            models.CheckConstraint(
                name="pack_price_or_range",
                # A comparison with NULL is not false, so a CHECK lets it pass: each value is asked for first.
                condition=Q(price_ghs__isnull=False, price_ghs__gt=0, min_price_ghs=None, max_price_ghs=None)
                | Q(
                    price_ghs=None,
                    min_price_ghs__isnull=False,
                    min_price_ghs__gt=0,
                    max_price_ghs__isnull=False,
                    max_price_ghs__gte=models.F("min_price_ghs"),
                ),
            ),
            models.CheckConstraint(
                name="pack_credits_positive", condition=Q(credits__gt=0, bonus_credits__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Feature(DatedModel):
    """One AI feature, its price and the class of model that serves it."""

    slug = models.SlugField(max_length=60, allow_unicode=False)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200)
    credits = CreditsField()
    category = models.CharField(max_length=20, choices=[("basic", "basic"), ("premium", "premium")])
    popular = models.BooleanField(default=False)
    needs_addon = models.BooleanField(default=False)
    model_class = models.SlugField(max_length=40)
    max_output_tokens = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of one answer, where less than its model class allows is enough."
    )

    class Meta:
        verbose_name = "AI feature"
        constraints = [
            _dated_once("feature"),
            models.CheckConstraint(name="feature_credits_positive", condition=Q(credits__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class AddonPlan(DatedModel):
    """The monthly add-on."""

    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200)
    price_ghs = GhsField("price (GHS)")
    credits = CreditsField()
    rollover_cap = CreditsField(help_text="Unused add-on credits kept at renewal, at most.")
    savings = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = "add-on plan"
        constraints = [
            _dated_once("addon_plan"),
            models.CheckConstraint(name="addon_plan_positive", condition=Q(price_ghs__gt=0, credits__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class FreeCredits(DatedModel):
    """Credits given for nothing: `trial` (once) and `monthly` (with the storefront subscription)."""

    slug = models.SlugField(max_length=40)
    credits = CreditsField()
    subsidy_share = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        help_text="Share of the list price the margin floor counts as revenue.",
    )

    class Meta:
        verbose_name_plural = "free credits"
        constraints = [_dated_once("free_credits")]

    def __str__(self) -> str:
        return self.slug


class StorefrontTariff(DatedModel):
    """The base product by number of storefronts; the `per_extra` row prices each one beyond the last."""

    slug = models.SlugField(max_length=40)
    storefronts = models.PositiveSmallIntegerField(help_text="0 for the price of each further storefront.")
    price_ghs = GhsField("price (GHS)")

    class Meta:
        constraints = [_dated_once("storefront_tariff")]

    def __str__(self) -> str:
        return self.slug


class ApiTier(DatedModel):
    """Requests that reach a provider, per user."""

    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    requests_per_day = models.PositiveIntegerField()
    requests_per_month = models.PositiveIntegerField()
    price_usd = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        verbose_name = "API tier"
        constraints = [_dated_once("api_tier")]

    def __str__(self) -> str:
        return self.name


class ChatLicencePlan(DatedModel):
    """What a support-chat licence allows, per user."""

    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    price_usd = models.DecimalField(max_digits=8, decimal_places=2)
    messages_per_day = models.PositiveIntegerField()
    messages_per_hour = models.PositiveIntegerField()
    messages_per_conversation = models.PositiveIntegerField()
    open_conversations = models.PositiveIntegerField()
    assistants = ArrayField(models.CharField(max_length=60), help_text="`all` for every one.")
    uploads = models.BooleanField(default=False)
    streaming = models.BooleanField(default=False)
    priority = models.BooleanField(default=False)
    integrations = models.BooleanField(default=False)

    class Meta:
        constraints = [_dated_once("chat_licence_plan")]

    def __str__(self) -> str:
        return self.name


class ModelRoute(DatedModel):
    """A class of model (`small`, `large`) and the models that serve it, first choice first."""

    slug = models.SlugField(max_length=40)
    models_in_order = ArrayField(
        models.CharField(max_length=120), help_text="`provider/model`, first choice first."
    )
    max_output_tokens = models.PositiveIntegerField()

    class Meta:
        constraints = [_dated_once("model_route")]

    def __str__(self) -> str:
        return self.slug


class AIModel(DatedModel):
    """A model and its dated prices in USD per million tokens. An unknown price is refused, never zero."""

    slug = models.CharField(max_length=120, help_text="provider/model")
    provider = models.SlugField(max_length=40)
    name = models.CharField(max_length=80, help_text="As the provider calls it.")
    input_usd = UsdField()
    cached_input_usd = UsdField()
    output_usd = UsdField()
    reasoning_effort = models.CharField(max_length=20, blank=True, help_text="Sent when set, e.g. none.")
    shutdown_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "AI model"
        constraints = [
            _dated_once("ai_model"),
            models.CheckConstraint(
                name="ai_model_prices_positive",
                condition=Q(input_usd__gt=0, cached_input_usd__gte=0, output_usd__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class FxRate(DatedModel):
    """Cedis for one unit of a currency."""

    key_field = "currency"

    currency = models.CharField(max_length=3)
    ghs = models.DecimalField(max_digits=12, decimal_places=6)
    source = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = "FX rate"
        constraints = [
            _dated_once("fx_rate", "currency"),
            models.CheckConstraint(name="fx_rate_positive", condition=Q(ghs__gt=0)),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.ghs} GHS"


class TaxRate(DatedModel):
    """A tax contained in every price, all on the same base."""

    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    rate = models.DecimalField(max_digits=6, decimal_places=4, help_text="0.15 for 15%")

    class Meta:
        constraints = [_dated_once("tax_rate")]

    def __str__(self) -> str:
        return self.name
