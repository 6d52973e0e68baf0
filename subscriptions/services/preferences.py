"""How a business wants to be told of what happens."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction

from config.core import public_http, secret_text
from subscriptions import tasks
from subscriptions.models import Alert, AlertPreferences

from . import ledger, locks

_log = structlog.get_logger("sika.alerts")


@transaction.atomic
def update(
    *,
    business_id: UUID,
    now: datetime,
    low_credit_threshold: Decimal | None = None,
    emails: Mapping[str, bool] | None = None,
    email_managers: bool | None = None,
    webhook_url: str | None = None,
) -> None:
    """Changes what is given; an empty `webhook_url` removes it. Locks the account when the threshold changes.

    A threshold above what is available is told at once. Raises AddressNotAllowed.
    """
    mine, _ = AlertPreferences.objects.select_for_update(no_key=True).get_or_create(business_id=business_id)
    if emails is not None:
        silent = {*mine.silent_kinds, *(kind for kind, on in emails.items() if not on)}
        mine.silent_kinds = sorted(silent - {kind for kind, on in emails.items() if on})
    if email_managers is not None:
        mine.email_managers = email_managers
    if webhook_url is not None:
        _set_webhook(mine, webhook_url)
    mine.save()
    if low_credit_threshold is not None:
        account = locks.lock_account(business_id=business_id)
        account.low_credit_threshold = low_credit_threshold
        account.save(update_fields=["low_credit_threshold"])
        ledger.rearm(account, now=now)
        transaction.on_commit(lambda: tasks.check_business.delay(str(business_id)), robust=True)


def _set_webhook(mine: AlertPreferences, url: str) -> None:
    mine.sealed_webhook_url = mine.webhook_host = ""
    if url:
        mine.webhook_host = public_http.check(url, allow_loopback=settings.ALERT_WEBHOOKS_ON_LOOPBACK)
        mine.sealed_webhook_url = secret_text.seal(url)


def mark_read(*, business_id: UUID, alert_id: int | None, now: datetime) -> int:
    """Marks one alert of the business as read, or all; how many were unread. Another's is not found."""
    alerts = Alert.objects.filter(business_id=business_id, read_at=None)
    if alert_id is not None:
        alerts = alerts.filter(pk=alert_id)
    return alerts.update(read_at=now)


def reseal() -> int:
    """Encrypts every webhook's address with the newest key; how many. One that no key reads is logged."""
    count = 0
    for pk in AlertPreferences.objects.exclude(sealed_webhook_url="").values_list("pk", flat=True):
        with transaction.atomic():
            mine = AlertPreferences.objects.select_for_update(no_key=True).get(pk=pk)
            try:
                mine.sealed_webhook_url = secret_text.reseal(mine.sealed_webhook_url)
            except InvalidToken:
                _log.error("webhook_url_unreadable", business_id=str(pk))
                continue
            mine.save(update_fields=["sealed_webhook_url"])
            count += 1
    return count
