"""What the owner is told about a renewal that is due: reminders, each once, and that the plan lapsed."""

from datetime import datetime
from typing import Any

from payments.services import charges
from subscriptions.models import StorefrontPeriod, StorefrontPlan
from subscriptions.selectors.addon_calendar import lapses_at
from subscriptions.selectors.storefronts import counted
from subscriptions.services import alerts

from . import ending

_SEVERITY = {0: "info", 1: "warning", 3: "warning", 7: "critical"}


def remind(
    *, plan: StorefrontPlan, period: StorefrontPeriod, day: int, why: str, waiting: Any, now: datetime
) -> None:
    """Asks for the month, once for each of the days.

    The link opens our page for this payment, where one more tap pays; it works until the month is paid.
    `waiting` is a charge for which the bank wants to see the payer.
    """
    assert plan.period_end is not None
    pay_by = lapses_at(plan.period_end)
    reference = waiting.reference if waiting else period.payment.reference
    alerts.raise_alert(
        business_id=plan.business_id,
        kind="renewal",
        key=f"storefront:{plan.pk}:period:{period.number}:day:{day}",
        severity=_SEVERITY[day],
        title=f"Your storefront plan waits for GHS {period.price_ghs}",
        text=(
            f"{why} Pay GHS {period.price_ghs} for {counted(period.storefronts)} from"
            f" {plan.period_end:%-d %B %Y} on. Unpaid, the plan lapses on"
            f" {pay_by:%-d %B %Y at %H:%M} UTC."
        ),
        link=charges.pay_page(reference) if waiting else charges.retry_page(reference),
        data={
            "plan_id": str(plan.pk),
            "period": period.number,
            "amount_ghs": str(period.price_ghs),
            "pay_by": pay_by.isoformat(),
            "reference": reference,
        },
        now=now,
    )


def lapse(*, plan: StorefrontPlan, period: StorefrontPeriod, now: datetime) -> None:
    """Ends it unpaid, and says so. The caller has locked it."""
    assert plan.period_end is not None
    alerts.raise_alert(
        business_id=plan.business_id,
        kind="lapsed",
        key=f"storefront:{plan.pk}:lapsed",
        severity="critical",
        title="Your storefront plan has lapsed",
        text=(
            f"The month from {plan.period_end:%-d %B %Y} was not paid, so the plan has ended. Your"
            " storefronts are still there. Paying now starts a new month at once."
        ),
        link=charges.retry_page(period.payment.reference),
        data={"plan_id": str(plan.pk)},
        now=now,
    )
    ending.close(plan, StorefrontPlan.Status.LAPSED)
