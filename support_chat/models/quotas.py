from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class ChatUse(models.Model):
    """How many messages a user sent in the calendar day and hour, or when a guest sent the last ones.

    The first row every send takes: sends of one person wait for each other.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    guest_id = models.UUIDField(null=True, unique=True)
    day = models.DateField(null=True)
    sent_in_day = models.PositiveIntegerField(default=0)
    hour = models.DateTimeField(null=True, help_text="When the counted hour began.")
    sent_in_hour = models.PositiveIntegerField(default=0)
    sent_at = ArrayField(models.DateTimeField(), default=list, help_text="A guest's last messages.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="chat_use_of_user_or_guest",
                condition=Q(user__isnull=False, guest_id__isnull=True)
                | Q(user__isnull=True, guest_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}" if self.user_id else f"guest {self.guest_id}"
