"""What is sent for an alert, to whom, and where to."""

import html
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from accounts import selectors as accounts
from config.core import secret_text
from subscriptions.models import Alert, AlertDelivery, AlertPreferences


@dataclass(frozen=True, kw_only=True)
class Mail:
    """`message_id` is the same however often it is sent."""

    to: list[str]
    subject: str
    text: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class Post:
    """`key` is the same however often it is sent. `is_ours`: the operators' own address, not a customer's."""

    url: str
    text: str
    key: str
    is_ours: bool


def letter(*, delivery_id: int, now: datetime) -> Mail | Post | None:
    """None when nobody wants it there. Raises InvalidToken when the webhook's address can't be unsealed."""
    found = AlertDelivery.objects.select_related("alert__business").get(pk=delivery_id)
    mine = AlertPreferences.objects.filter(pk=found.alert.business_id).first()
    if found.channel == AlertDelivery.Channel.WEBHOOK:
        return _post(found.alert, mine)
    return _mail(found.alert, mine, now)


def _mail(alert: Alert, mine: AlertPreferences | None, now: datetime) -> Mail | None:
    if alert.business is None:
        to, about, footer = settings.OPS_EMAILS, "", ""
    else:
        if mine is not None and alert.kind in mine.silent_kinds:
            return None
        to = accounts.addresses_to_tell(
            business_id=alert.business.pk, with_managers=mine is not None and mine.email_managers, now=now
        )
        about = f"{alert.business.name}: "
        footer = (
            f"You get this because you look after {alert.business.name} in {settings.SITE_NAME}."
            f" Choose what is mailed: {settings.PUBLIC_URL}/app/alerts/settings"
        )
    if not to:
        return None
    parts = [alert.text, alert.link, footer and f"-- \n{footer}"]
    return Mail(
        to=to,
        subject=" ".join(f"[{settings.SITE_NAME}] {about}{alert.title}".split()),
        text="\n\n".join(part for part in parts if part),
        message_id=f"<alert-{alert.pk}@{urlsplit(settings.PUBLIC_URL).hostname}>",
    )


def _post(alert: Alert, mine: AlertPreferences | None) -> Post | None:
    url = settings.OPS_SLACK_WEBHOOK_URL
    if alert.business is not None:
        url = secret_text.unseal(mine.sealed_webhook_url) if mine and mine.sealed_webhook_url else ""
    if not url:
        return None
    about = f"{alert.business.name}: " if alert.business else ""
    parts = [f"{about}{alert.title}", alert.text, alert.link]
    return Post(
        url=url,
        text=html.escape("\n".join(part for part in parts if part), quote=False),  # as Slack wants it
        key=f"alert-{alert.pk}",
        is_ours=alert.business is None,
    )
