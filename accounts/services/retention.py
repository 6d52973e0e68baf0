"""Sign-ins are forgotten when they have ended, and with them from where they were made."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from config.core.retention import Kind

_JUST_MADE = timedelta(days=1)  # the list of devices may hear of a sign-in before its session is stored


def kinds(*, now: datetime) -> list[Kind]:
    live = Session.objects.filter(session_key=OuterRef("session_key"))
    return [
        Kind(name="sessions", rows=lambda: Session.objects.filter(expire_date__lt=now)),
        Kind(
            name="devices that were signed in",
            rows=lambda: UserSession.objects.filter(~Exists(live), created_at__lt=now - _JUST_MADE),
        ),
    ]
