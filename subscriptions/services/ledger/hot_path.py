"""Hold, capture, release: what every paid call does, one statement each (`sql.py`)."""

from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction

from config.core import money
from subscriptions.errors import DailyLimitReached, KeyAlreadyCharged
from subscriptions.models import BusinessAICredits
from subscriptions.types import Charge, Hold, ProviderUsage

from . import late, sql

NO_USAGE = ProviderUsage(
    model="",
    input_tokens=0,
    cached_tokens=0,
    output_tokens=0,
    reasoning_tokens=0,
    cost_usd=money.ZERO,
    cost_ghs=money.ZERO,
    fx_rate=money.ZERO,
    price_effective_from=None,
    attempts=0,
)


def hold(
    *,
    business_id: UUID,
    membership_id: int,
    user_id: int,
    feature: str,
    credits: Decimal,
    request_id: UUID,
    idempotency_key: str | None,
    predicted_cost_usd: Decimal,
    daily_limit_usd: Decimal,
    now: datetime,
) -> Hold | None:
    """Reserves credits and the member's daily allowance, both or neither. None: too few credits.

    Raises DailyLimitReached, KeyAlreadyCharged. N parallel calls with credit for k succeed exactly k times.
    """
    expires_at = now + settings.HOLD_LEASE
    parameters = {
        "business": business_id,
        "membership": membership_id,
        "user": user_id,
        "feature": feature,
        "request": request_id,
        "key": idempotency_key,
        "credits": credits,
        "cost": predicted_cost_usd,
        "daily_limit": daily_limit_usd,
        "now": now,
        "expires": expires_at,
    }
    try:
        # Too few, or looked at just before somebody else's change: the second look sees what that left.
        row = _one_row(sql.HOLD, parameters) or _one_row(sql.HOLD, parameters)
    except IntegrityError as error:
        if "counter_id" in str(error):
            resets_at = _next_midnight(business_id, now)
            seconds = int((resets_at - now).total_seconds()) + 1
            raise DailyLimitReached(
                limit_usd=daily_limit_usd, resets_at=resets_at, retry_after=seconds
            ) from None
        if "hold_key_charged_once" in str(error):
            raise KeyAlreadyCharged from None
        raise
    if row is None:
        return None
    return Hold(id=row[0], business_id=business_id, credits=credits, expires_at=expires_at)


def capture(
    *,
    hold_id: int,
    usage: ProviderUsage,
    response_time_ms: int,
    now: datetime,
    credits: Decimal | None = None,
) -> Charge:
    """Spends a hold (or only `credits` of it, the rest is given back) and logs the successful AITransaction.

    Twice changes nothing. A hold whose lease has ended is captured late: from what is available, the rest
    becomes debt. Raises HoldReleased for one that was given back because the call failed.
    """
    parameters = _usage_parameters(usage, response_time_ms, now) | {"hold": hold_id, "credits": credits}
    row = _one_row(sql.CAPTURE, parameters)
    if row is None:
        return late.capture(
            hold_id=hold_id, usage=usage, response_time_ms=response_time_ms, now=now, credits=credits
        )
    transaction_id, charged, _, balance, held, threshold = row
    return Charge(
        transaction_id=transaction_id,
        credits_charged=charged,
        new_balance=balance,
        available=balance - held,
        low_credit_warning=balance - held < threshold,
    )


def release(
    *,
    hold_id: int,
    error_code: str,
    now: datetime,
    usage: ProviderUsage | None = None,
    response_time_ms: int = 0,
    expired: bool = False,
) -> bool:
    """Gives a hold back and logs the failed (or, when `expired`, abandoned) use. False: settled before."""
    state, status = ("expired", "abandoned") if expired else ("released", "failed")
    parameters = _usage_parameters(usage or NO_USAGE, response_time_ms, now)
    parameters |= {"hold": hold_id, "state": state, "status": status, "error_code": error_code}
    return _one_row(sql.RELEASE, parameters) is not None


def _usage_parameters(usage: ProviderUsage, response_time_ms: int, now: datetime) -> dict[str, Any]:
    return {**asdict(usage), "response_time_ms": response_time_ms, "now": now}


def _one_row(statement: str, parameters: dict[str, Any]) -> Any:
    # A single statement is a transaction by itself: no BEGIN and COMMIT round trips with the account locked.
    inside = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with inside, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchone()
    except OperationalError:
        # As atomic() would: whoever handles this can ask again, on a connection that works.
        connection.close_if_unusable_or_obsolete()
        raise


def _next_midnight(business_id: UUID, now: datetime) -> datetime:
    account = BusinessAICredits.objects.select_related("business").get(pk=business_id)
    local = now.astimezone(ZoneInfo(account.business.timezone))
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
