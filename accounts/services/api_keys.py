"""API keys for server-to-server use."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import ApiKey, Membership
from config.core.errors import NotFound

PREFIX = "sika_live_"
SCOPES = ("read", "ai", "billing")
_LAST_USED_STEP = timedelta(minutes=5)


def create(
    *, membership: Membership, name: str, scopes: list[str], expires_at: datetime | None, now: datetime
) -> tuple[ApiKey, str]:
    """A new key and its secret text, which is never readable again. It acts as `membership`'s user."""
    token = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        membership=membership,
        name=name,
        prefix=token[: len(PREFIX) + 6],
        key_hash=_hash(token),
        scopes=scopes,
        expires_at=expires_at,
        created_at=now,
    )
    return key, token


def authenticate(*, token: str, now: datetime) -> ApiKey | None:
    """The live key for this text, with membership, user and business; None when it must not be honoured."""
    key = (
        ApiKey.objects.select_related("membership__user", "membership__business")
        .filter(key_hash=_hash(token), revoked_at=None)
        .filter(membership__is_active=True, membership__user__is_active=True)
        .first()
    )
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or now - key.last_used_at > _LAST_USED_STEP:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def revoke(*, business_id: UUID, key_id: UUID, now: datetime) -> ApiKey:
    """Ends the key at once; a second time changes nothing. NotFound for a foreign key, as for none."""
    mine = ApiKey.objects.filter(pk=key_id, membership__business=business_id)
    mine.filter(revoked_at=None).update(revoked_at=now)
    key = mine.first()
    if key is None:
        raise NotFound
    return key


def _hash(token: str) -> str:
    # The text has 256 random bits: a fast hash can't be searched, and a slow one would cost every call.
    return hashlib.sha256(token.encode()).hexdigest()
