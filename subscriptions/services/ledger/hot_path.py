"""Hold, capture, release: what every paid call does, one statement each (`sql.py`)."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError

from config.core import money
from config.core.errors import Busy
from subscriptions import signals
from subscriptions.models import CreditHold
from subscriptions.types import Charge, Hold, ProviderUsage, TierLimits

from . import late, refusals, sql
from .prepared import Prepared

# More often than budgets are made, or credits come and older ones go, one upon the other.
_LOOKS = 5
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
    tier: TierLimits | None,
    now: datetime,
) -> Hold | None:
    """Reserves credits, the member's daily allowance, what applies of budgets, and one request of the user's
    tier (None counts none): all or nothing. None: too few credits.

    Raises DailyLimitReached, BudgetReached, TierLimitReached, KeyAlreadyCharged. N parallel calls with room
    for k succeed exactly k times.
    """
    expires_at = now + settings.HOLD_LEASE
    tier_day = now.astimezone(ZoneInfo(settings.PLATFORM_TIME_ZONE)).date()
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
        "tier_day": tier_day,
        "tier_month": tier_day.replace(day=1),
        "per_day": tier.requests_per_day if tier else None,
        "per_month": tier.requests_per_month if tier else None,
        "now": now,
        "expires": expires_at,
    }
    try:
        # Too few, or looked at just before somebody else's change: the second look sees what that left.
        row = sql.HOLD.one_row(parameters) or sql.HOLD.one_row(parameters)
    except IntegrityError as error:
        raise refusals.of_hold(error, parameters, tier) from None
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
    row = _settle(sql.CAPTURE, parameters)
    if row is None:
        return late.capture(
            hold_id=hold_id, usage=usage, response_time_ms=response_time_ms, now=now, credits=credits
        )
    transaction_id, charged, business_id, balance, held, threshold, percent, passed = row
    if passed:
        signals.mark_passed.send(sender=Charge, business_id=business_id)
    return Charge(
        transaction_id=transaction_id,
        credits_charged=charged,
        new_balance=balance,
        available=balance - held,
        low_credit_warning=balance - held < threshold,
        budget_percent=percent,
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
    parameters |= {"tier_zone": settings.PLATFORM_TIME_ZONE}
    row = _settle(sql.RELEASE, parameters)
    if row is None:
        return False
    business_id, passed = row
    if passed:
        signals.mark_passed.send(sender=Hold, business_id=business_id)
    return True


def _settle(statement: Prepared, parameters: dict[str, Any]) -> Any:
    """The row of the settlement; None when somebody else has settled the hold. Raises Busy."""
    for look in range(1, _LOOKS + 1):
        try:
            row = statement.one_row(parameters)
        except IntegrityError as error:
            if look == _LOOKS or not refusals.saw_too_few_grants(error):
                raise
            continue
        if row is not None:
            return row
        if not CreditHold.objects.filter(pk=parameters["hold"], state="open").exists():
            return None
    raise Busy


def _usage_parameters(usage: ProviderUsage, response_time_ms: int, now: datetime) -> dict[str, Any]:
    return {**asdict(usage), "response_time_ms": response_time_ms, "now": now}
