from django.conf import settings
from django.db import models
from django.db.models import F, Q


class StaffView(models.Model):
    """That a member of staff looked at what somebody wrote: who, what, from when to when."""

    class Through(models.TextChoices):
        DESK = "desk", "the desk in the admin"
        API = "api", "the API"

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(
        "support_chat.SupportConversation", models.CASCADE, related_name="+", db_index=False
    )
    through = models.CharField(max_length=4, choices=Through.choices)
    viewed_at = models.DateTimeField()
    seen_until = models.DateTimeField(help_text="To about half a minute, while a page of the desk was open.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="chat_view_ends_after_it_began", condition=Q(seen_until__gte=F("viewed_at"))
            ),
            models.CheckConstraint(name="chat_view_through_known", condition=Q(through__in=["desk", "api"])),
        ]
        indexes = [
            models.Index(fields=["conversation", "-viewed_at"], name="chat_view_of_conversation"),
            models.Index(fields=["staff", "-viewed_at"], name="chat_view_of_staff"),
            models.Index(fields=["-viewed_at"], name="chat_view_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.staff} at {self.viewed_at:%Y-%m-%d %H:%M:%S}"
