"""What time alone does to licences: the status of those that are over, and a warning before."""

from datetime import datetime, timedelta

from django.db import transaction

from subscriptions.models import Alert, Licence, LicenceMonth
from subscriptions.selectors import licences

from . import alerts

# Each is told once. A sweep that was down for days tells the shortest alone.
WARN_DAYS = (1, 7)


def expire_licences(*, now: datetime) -> tuple[int, int]:
    """Warns of licences that end soon and marks those that are over; returns how many of each.

    They were free from their end on: this only tidies. Safe twice and beside a payment, which looks at the
    months. Locks each row it marks.
    """
    warned = sum(warn(month=month, now=now) for month in _soon(now))
    over = Licence.objects.filter(status=Licence.Status.ACTIVE, expires_at__lte=now)
    return warned, over.update(status=Licence.Status.EXPIRED)


def _soon(now: datetime) -> list[LicenceMonth]:
    return licences.ending(before=now + timedelta(days=max(WARN_DAYS)), now=now)


@transaction.atomic
def warn(*, month: LicenceMonth, now: datetime) -> bool:
    """Tells the business that paid when this month ends, once for each of WARN_DAYS; False if it was told."""
    assert month.ends_at is not None
    left = month.ends_at - now
    before = min(days for days in WARN_DAYS if left <= timedelta(days=days))
    name = f"{month.licence.get_kind_display()} {month.plan_name}"
    whose = month.licence.user.get_full_name()
    then = licences.next_plan(month) or "Free"
    alert = alerts.raise_alert(
        business_id=month.business_id,
        kind=Alert.Kind.LICENCE,
        # With the end: a month that was moved behind a higher plan ends again, later.
        key=f"licence:{month.pk}:{month.ends_at:%Y-%m-%dT%H:%M}:{before}",
        severity=Alert.Severity.WARNING if before == min(WARN_DAYS) else Alert.Severity.INFO,
        title=f"{name} of {whose} ends on {month.ends_at:%-d %B %Y}"[:160],
        text=f"{name} of {whose} ends on {month.ends_at:%-d %B %Y at %H:%M} UTC; then it is {then}."
        " Buy the next month before, and it goes on without a gap.",
        data={"licence_id": str(month.pk), "kind": month.licence.kind, "plan": month.plan},
        now=now,
    )
    return alert is not None
