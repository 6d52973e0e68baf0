"""A capture that found its hold no longer open."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F

from config.core import money
from subscriptions import signals
from subscriptions.errors import HoldReleased, KeyAlreadyCharged
from subscriptions.models import AITransaction, BudgetCounter, BusinessAICredits, CreditHold, UsageCounter
from subscriptions.services import locks
from subscriptions.types import Charge, ProviderUsage

from . import burning, entries


@transaction.atomic
def capture(
    *, hold_id: int, usage: ProviderUsage, response_time_ms: int, now: datetime, credits: Decimal | None
) -> Charge:
    """Captured before: the same charge again. Expired: charged now, the shortfall as debt.

    Locks hold, account and grants. Raises HoldReleased; KeyAlreadyCharged when a newer call with the same
    Idempotency-Key was charged meanwhile.
    """
    hold = locks.lock_hold(hold_id=hold_id)
    account = locks.lock_account(business_id=hold.business_id)
    logged = AITransaction.objects.get(hold_id=hold_id)
    if hold.state == "released":
        raise HoldReleased
    if hold.state == "expired":
        wanted = hold.credits if credits is None else credits
        _charge_expired(hold, account, logged, wanted, usage, now)
        logged.response_time_ms = response_time_ms
        logged.save()
        if hold.budget_counters:
            signals.mark_passed.send(sender=Charge, business_id=hold.business_id)
    return Charge(
        transaction_id=logged.pk,
        credits_charged=logged.credits_charged,
        new_balance=account.balance,
        available=account.balance - account.held,
        low_credit_warning=account.balance - account.held < account.low_credit_threshold,
        budget_percent=_fullest(hold),
    )


def _charge_expired(
    hold: CreditHold,
    account: BusinessAICredits,
    logged: AITransaction,
    wanted: Decimal,
    usage: ProviderUsage,
    now: datetime,
) -> None:
    taken = burning.burn(account, wanted, now)
    charged = entries.total(taken)
    hold.state, hold.captured, hold.settled_at = "captured", charged, now
    try:
        hold.save()
    except IntegrityError as error:
        raise KeyAlreadyCharged from error
    account.balance -= charged
    account.total_used += charged
    account.debt += wanted - charged
    entries.write(
        account,
        "capture",
        f"hold:{hold.pk}:capture",
        [(part, -amount) for part, amount in taken],
        debt_change=wanted - charged,
        hold_id=hold.pk,
        now=now,
    )
    account.save()
    UsageCounter.objects.filter(pk=hold.counter_id).update(spent_usd=F("spent_usd") + usage.cost_usd)
    for unit, amount in (("credits", charged), ("usd", usage.cost_usd)):
        counters = BudgetCounter.objects.filter(pk__in=hold.budget_counters, unit=unit)
        counters.update(spent=F("spent") + amount)
    for name, value in asdict(usage).items():
        setattr(logged, name, value)
    logged.status, logged.late, logged.error_code = "success", True, ""
    logged.credits_charged, logged.partial = charged, wanted < hold.credits
    logged.revenue_ghs = sum((part.unit_value_ghs * amount for part, amount in taken), money.ZERO)


def _fullest(hold: CreditHold) -> Decimal | None:
    """As the statement of a capture in time says it."""
    if not hold.budget_counters:
        return None
    taken = BudgetCounter.objects.filter(pk__in=hold.budget_counters)
    return max((100 * one.spent / one.monthly_limit for one in taken), default=None)
