"""Free credits to begin with: once per business and per person, also after the business is gone."""

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from config.core import money
from subscriptions.errors import TrialTaken
from subscriptions.models import CreditGrant, TrialClaim
from subscriptions.selectors import catalogue

from . import ledger


@transaction.atomic
def claim(*, business_id: UUID, email: str, phone: str, now: datetime) -> CreditGrant:
    """Grants the trial credits. Raises TrialTaken when this business, e-mail or phone had them before."""
    free = catalogue.free_credits(slug="trial", now=now)
    try:
        with transaction.atomic():
            TrialClaim.objects.create(
                business_id=business_id,
                email_hash=_identity(_plain_email(email)),
                phone_hash=_identity(phone) if phone else None,
                created_at=now,
            )
    except IntegrityError as error:
        raise TrialTaken from error
    return ledger.grant(
        business_id=business_id,
        credits=free.credits,
        source="trial",
        key=f"trial:{business_id}",
        unit_value_ghs=money.ZERO,
        now=now,
    )


def _plain_email(email: str) -> str:
    """The mailbox behind the address: no case, no +suffix."""
    name, _, domain = email.strip().lower().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def _identity(text: str) -> str:
    return hmac.new(settings.IDENTITY_HASH_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
