from django.db import models
from django.db.models import Q


class SavedCard(models.Model):
    """A card that the owner may charge again without typing it. Its code is encrypted and never shown."""

    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+")
    gateway = models.CharField(max_length=20)
    sealed_code = models.TextField(
        editable=False, blank=True, help_text="The gateway's code, encrypted. Empty once forgotten."
    )
    signature = models.CharField(max_length=100, help_text="The same whenever this card pays.")
    email = models.EmailField(help_text="The gateway binds the code to it.")
    brand = models.CharField(max_length=40, blank=True)
    bank = models.CharField(max_length=80, blank=True)
    last4 = models.CharField(max_length=4)
    exp_month = models.SmallIntegerField()
    exp_year = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(
        null=True, blank=True, help_text="When the gateway was told, after it was removed."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business", "gateway", "signature"],
                condition=Q(removed_at__isnull=True),
                name="card_saved_once",
            ),
            models.CheckConstraint(name="card_month", condition=Q(exp_month__gte=1, exp_month__lte=12)),
            models.CheckConstraint(
                name="card_has_code",
                condition=~Q(signature="")
                & (
                    (~Q(sealed_code="") & Q(forgotten_at__isnull=True))
                    | Q(sealed_code="", forgotten_at__isnull=False, removed_at__isnull=False)
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["removed_at"],
                condition=Q(removed_at__isnull=False, forgotten_at__isnull=True),
                name="card_to_forget",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand} •••• {self.last4}"
