from django.db import models
from django.db.models import Q

_MODES = ["block", "redact", "flag"]


class InjectionFinding(models.Model):
    """A rule found an order to the AI in a text of a call. The text itself is not here, only its keyed hash.

    Written before it is known how the call ends, so the request is named and not pointed to.
    """

    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+")
    request_id = models.UUIDField(db_index=True)
    feature = models.CharField(max_length=60)
    rule = models.CharField(max_length=40)
    mode = models.CharField(max_length=6, choices=[(mode, mode) for mode in _MODES])
    field = models.CharField(max_length=200, help_text="Where in the body of the request.")
    text_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "suspicious text"
        constraints = [models.CheckConstraint(name="injection_finding_mode", condition=Q(mode__in=_MODES))]

    def __str__(self) -> str:
        return f"{self.rule} in {self.field}"


class FalsePositive(models.Model):
    """A person looked: this text of this business is honest, and this rule lets it through from then on."""

    business = models.ForeignKey("accounts.Business", models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=40)
    text_hash = models.CharField(max_length=64)
    request_id = models.UUIDField(help_text="The call it was marked on.")
    marked_by_id = models.BigIntegerField()
    note = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "false positive"
        constraints = [
            models.UniqueConstraint(fields=["business", "rule", "text_hash"], name="false_positive_once"),
            models.CheckConstraint(name="false_positive_has_note", condition=~Q(note="")),
        ]

    def __str__(self) -> str:
        return f"{self.rule} for {self.business_id}"
