from django.contrib.postgres.fields import ArrayField
from django.db import models

from config.core.models import DatedModel, UsdField


class Role(DatedModel):
    """What a member may do, from the catalogue. Memberships name it by slug."""

    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    daily_ai_cost_usd = UsdField(help_text="Provider cost one member may cause in a day.")
    capabilities = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Of: manage, buy, subscribe, refund, statements.",
    )
    features = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="AI feature slugs."
    )
    assistants = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    guidance = models.CharField(max_length=300, blank=True, help_text="One line for the prompt.")
    is_owner = models.BooleanField(default=False, help_text="The role of whoever creates a business.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "effective_from"], name="role_dated_once")]

    def __str__(self) -> str:
        return self.name
