import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now


class Business(models.Model):
    """The tenant, and who pays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=40, default="Africa/Accra")
    phone = models.CharField(max_length=16, blank=True, help_text="E.164")
    is_active = models.BooleanField(default=True, help_text="Untick to refuse every call of this business.")
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "businesses"

    def __str__(self) -> str:
        return self.name


class Storefront(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    business = models.ForeignKey(Business, models.PROTECT, related_name="storefronts", db_index=False)
    name = models.CharField(max_length=120)
    location = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["business", "name"], name="storefront_name_once")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user inside a business, with one role."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.SlugField(max_length=40)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["business", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.business_id} as {self.role}"
