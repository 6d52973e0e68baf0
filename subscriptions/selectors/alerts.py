"""What a business was told of, and how it wants to be told."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from config.core.errors import NotFound
from subscriptions.models import Alert, AlertPreferences, BusinessAICredits

# What a business can be told of; the others are for the operators.
KINDS = (
    Alert.Kind.LOW_CREDIT,
    Alert.Kind.BUDGET,
    Alert.Kind.EXPIRY,
    Alert.Kind.UNUSUAL_SPEND,
    Alert.Kind.RENEWAL,
    Alert.Kind.LAPSED,
    Alert.Kind.LICENCE,
)


def alerts(*, business_id: UUID, unread: bool | None = None, kind: str | None = None) -> QuerySet[Alert]:
    found = Alert.objects.filter(business_id=business_id)
    if unread is not None:
        found = found.filter(read_at__isnull=unread)
    return found if kind is None else found.filter(kind=kind)


def alert(*, business_id: UUID, alert_id: int) -> Alert:
    """Raises NotFound, for another business's, too."""
    found = Alert.objects.filter(business_id=business_id, pk=alert_id).first()
    if found is None:
        raise NotFound
    return found


def preferences(*, business_id: UUID) -> dict[str, Any]:
    """As the API shows them; of the webhook the host alone, for its address is a secret."""
    mine = AlertPreferences.objects.filter(pk=business_id).first() or AlertPreferences()
    account = BusinessAICredits.objects.filter(pk=business_id).first() or BusinessAICredits()
    return {
        "low_credit_threshold": account.low_credit_threshold,
        "emails": {kind.value: kind.value not in mine.silent_kinds for kind in KINDS},
        "email_managers": mine.email_managers,
        "webhook_is_set": mine.webhook_host != "",
        "webhook_host": mine.webhook_host or None,
    }
