from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class ChatUse(models.Model):
    """How many messages a user sent in the calendar day and hour.

    The first row that every send takes: sends of one person wait for each other.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    day = models.DateField()
    sent_in_day = models.PositiveIntegerField()
    hour = models.DateTimeField(help_text="When the counted hour began.")
    sent_in_hour = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"user {self.user_id}: {self.sent_in_day} on {self.day}"


class GuestUse(models.Model):
    """When a guest sent the last messages, as many as are counted; the newest last."""

    guest_id = models.UUIDField(primary_key=True)
    sent_at = ArrayField(models.DateTimeField())

    def __str__(self) -> str:
        return f"guest {self.guest_id}"
