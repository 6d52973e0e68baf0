"""Owners' monthly budgets: made, changed, removed, told of as they fill. The ledger takes and books them."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Func, Sum, Value

from accounts import selectors as accounts
from config.core import money
from config.core.errors import NotFound
from subscriptions.errors import BudgetExists
from subscriptions.models import (
    AITransaction,
    Alert,
    Budget,
    BudgetCounter,
    BusinessAICredits,
    CreditHold,
)
from subscriptions.selectors import budgets, catalogue

from . import alerts, locks
from .ledger.sql import BUDGET_MARK

SEVERITIES = {50: "info", 75: "warning", 90: "critical", 100: "blocked"}


@transaction.atomic
def create(
    *,
    business_id: UUID,
    unit: str,
    monthly_limit: Decimal,
    member_id: int | None = None,
    feature: str = "",
    soft_only: bool = False,
    now: datetime,
) -> Budget:
    """A limit from now on, in which what this month's calls have spent so far counts, running ones, too.

    Raises NotFound for a member, UnknownFeature, BudgetExists. Locks the open holds, then the account.
    """
    if member_id is not None:
        _check_member(business_id, member_id)
    if feature:
        catalogue.feature(slug=feature, now=now)
    running = _lock_calls(business_id)
    try:
        with transaction.atomic():
            budget = Budget.objects.create(
                business_id=business_id,
                membership_id=member_id,
                feature=feature,
                unit=unit,
                monthly_limit=monthly_limit,
                soft_only=soft_only,
                created_at=now,
            )
    except IntegrityError as error:
        if "budget_once" in str(error):
            raise BudgetExists from None
        raise
    _open_month(budget, running, now)
    _changed(business_id)
    raise_alerts(business_id=business_id, now=now)
    return budget


@transaction.atomic
def change(
    *,
    business_id: UUID,
    budget_id: int,
    monthly_limit: Decimal | None = None,
    soft_only: bool | None = None,
    now: datetime,
) -> Budget:
    """Another limit, or another way of keeping it, from now on; what was spent stays. Raises NotFound.

    What the new limit has not come to yet will be told again. Locks the account.
    """
    locks.lock_account(business_id=business_id)
    budget = _find(business_id, budget_id)
    budget.monthly_limit = budget.monthly_limit if monthly_limit is None else monthly_limit
    budget.soft_only = budget.soft_only if soft_only is None else soft_only
    budget.save()
    month = budgets.month_of(now, accounts.zone(business_id=business_id))
    counter, _ = BudgetCounter.objects.get_or_create(
        budget=budget,
        month=month,
        defaults={
            "unit": budget.unit,
            "monthly_limit": budget.monthly_limit,
            "soft_only": budget.soft_only,
        },
    )
    counter.monthly_limit, counter.soft_only = budget.monthly_limit, budget.soft_only
    counter.alerted_percent = min(counter.alerted_percent, _mark(counter))
    counter.save(update_fields=["monthly_limit", "soft_only", "alerted_percent"])
    _changed(business_id)
    raise_alerts(business_id=business_id, now=now)
    return budget


@transaction.atomic
def remove(*, business_id: UUID, budget_id: int) -> None:
    """Its limit is gone, also for what runs. Raises NotFound. Locks the account."""
    locks.lock_account(business_id=business_id)
    _find(business_id, budget_id).delete()
    _changed(business_id)


# The account's lock comes first, as with everything that takes several counters; nobody waits for it in vain.
_RAISE = """
WITH account AS (
    SELECT business_id FROM subscriptions_businessaicredits WHERE business_id = %(business)s
       AND EXISTS (SELECT FROM subscriptions_budgetcounter counter
                     JOIN subscriptions_budget budget ON budget.id = counter.budget_id
                    WHERE budget.business_id = %(business)s AND counter.alerted_percent < {mark})
       FOR NO KEY UPDATE
)
UPDATE subscriptions_budgetcounter counter SET alerted_percent = {mark}
  FROM account JOIN subscriptions_budget budget USING (business_id)
 WHERE counter.budget_id = budget.id AND counter.alerted_percent < {mark}
RETURNING counter.id
""".format(mark=BUDGET_MARK.format(row="counter"))  # noqa: S608 — our own text


@transaction.atomic
def raise_alerts(*, business_id: UUID, now: datetime) -> list[Alert]:
    """Tells of each budget's month that has come past 50, 75, 90 or 100 per cent, once each.

    One that has passed several since it was last looked at tells the highest. Locks the account if there is
    something to tell.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, {"business": business_id})
        passed = [counter_id for (counter_id,) in cursor.fetchall()]
    counters = BudgetCounter.objects.filter(pk__in=passed).select_related("budget__membership__user")
    raised = [_tell(counter, now) for counter in counters.order_by("pk")]
    return [alert for alert in raised if alert is not None]


def _tell(counter: BudgetCounter, now: datetime) -> Alert | None:
    budget, percent = counter.budget, counter.alerted_percent
    limit, spent = (
        budgets.amount_text(amount, counter.unit) for amount in (counter.monthly_limit, counter.spent)
    )
    return alerts.raise_alert(
        business_id=budget.business_id,
        kind=Alert.Kind.BUDGET,
        # A changed limit is a new cause; changed back, it is the old one again.
        key=f"budget:{budget.pk}:{counter.month:%Y-%m}:{counter.monthly_limit.normalize():f}:{percent}",
        severity="critical" if counter.soft_only and percent == 100 else SEVERITIES[percent],
        title=f"{percent}% of the {counter.month:%B} AI budget for {_whose(budget)} is used",
        text=f"{spent} of {limit} are spent. {_what_follows(counter)}",
        data={"budget_id": budget.pk, "month": f"{counter.month:%Y-%m}", "percent": percent},
        now=now,
    )


def _whose(budget: Budget) -> str:
    if budget.membership is not None:
        return str(budget.membership.user)
    return budget.feature or "the whole business"


def _what_follows(counter: BudgetCounter) -> str:
    if counter.soft_only:
        return "Paid answers go on: this budget only tells."
    if counter.alerted_percent < 100:
        return "At 100% paid answers stop until next month, or until you raise it."
    return "Paid answers stop until next month, or until you raise it; answers from your own data go on."


def _lock_calls(business_id: UUID) -> list[CreditHold]:
    """The running calls, none of which can end, and no new one begin, before this transaction does.

    Busy when one of them began, and is about to end, between the two locks.
    """
    locks.lock_open_holds(business_id=business_id)
    locks.lock_account(business_id=business_id)
    return locks.lock_open_holds(business_id=business_id, wait=False)


def _open_month(budget: Budget, running: list[CreditHold], now: datetime) -> None:
    zone = accounts.zone(business_id=budget.business_id)
    month = budgets.month_of(now, zone)
    begin = datetime.combine(month, time(), zone)
    scope: dict[str, Any] = {"membership": budget.membership_id} if budget.membership_id else {}
    scope |= {"feature": budget.feature} if budget.feature else {}
    spent = AITransaction.objects.filter(
        business=budget.business_id, created_at__gte=begin, hold__created_at__gte=begin, **scope
    ).aggregate(credits=Sum("credits_charged", default=money.ZERO), usd=Sum("cost_usd", default=money.ZERO))
    mine = CreditHold.objects.filter(pk__in=[hold.pk for hold in running], created_at__gte=begin, **scope)
    held = mine.aggregate(
        credits=Sum("credits", default=money.ZERO), usd=Sum("predicted_cost_usd", default=money.ZERO)
    )
    counter = BudgetCounter.objects.create(
        budget=budget,
        month=month,
        unit=budget.unit,
        monthly_limit=budget.monthly_limit,
        soft_only=budget.soft_only,
        spent_before=spent[budget.unit],
        spent=spent[budget.unit],
        held=held[budget.unit],
    )
    mine.update(budget_counters=Func(F("budget_counters"), Value(counter.pk), function="array_append"))


def _mark(counter: BudgetCounter) -> int:
    """As BUDGET_MARK."""
    reached = (mark for mark in SEVERITIES if 100 * counter.spent >= mark * counter.monthly_limit)
    return max(reached, default=0)


def _changed(business_id: UUID) -> None:
    BusinessAICredits.objects.filter(pk=business_id).update(budget_changes=F("budget_changes") + 1)


def _find(business_id: UUID, budget_id: int) -> Budget:
    found = Budget.objects.filter(business=business_id, pk=budget_id).first()
    if found is None:
        raise NotFound
    return found


def _check_member(business_id: UUID, member_id: int) -> None:
    if not accounts.members(business_id=business_id).filter(pk=member_id, is_active=True).exists():
        raise NotFound("There is no such member.")
