"""What the owner is told about a month that is due: reminders, each once, and that it lapsed."""

from datetime import datetime
from typing import Any

from payments.services import charges
from payments.types import PaymentStatus
from subscriptions.models import AddonPeriod, AIMonthlyAddon
from subscriptions.selectors import addons
from subscriptions.selectors.addon_calendar import lapses_at
from subscriptions.services import alerts

from . import ending

_SEVERITY = {0: "info", 1: "warning", 3: "warning", 7: "critical"}


def remind(*, addon: AIMonthlyAddon, period: AddonPeriod, day: int, waiting: Any, now: datetime) -> None:
    """Asks for the month, once for each of the days.

    The link opens our page for this payment, where one more tap pays; it works until the month is paid.
    `waiting` is a charge for which the bank wants to see the payer.
    """
    assert addon.period_end is not None
    end = addons.due_until(period)
    pay_by = lapses_at(addon.period_end)
    reference = waiting.reference if waiting else period.payment.reference
    link = charges.pay_page(reference) if waiting else charges.retry_page(reference)
    alerts.raise_alert(
        business_id=addon.business_id,
        kind="renewal",
        key=f"addon:{addon.pk}:period:{period.number}:day:{day}",
        severity=_SEVERITY[day],
        title=f"Your monthly AI add-on waits for GHS {addon.price_ghs}",
        text=(
            f"{_why(period, waiting)} Pay GHS {addon.price_ghs} for {addon.period_end:%-d %B %Y} to"
            f" {end:%-d %B %Y} and get {addon.credits} credits; up to {addon.rollover_cap} unused ones roll"
            f" over. Unpaid, the add-on lapses on {pay_by:%-d %B %Y at %H:%M} UTC."
        ),
        link=link,
        data={
            "addon_id": str(addon.pk),
            "period": period.number,
            "amount_ghs": str(addon.price_ghs),
            "pay_by": pay_by.isoformat(),
            "reference": reference,
        },
        now=now,
    )


def lapse(*, addon: AIMonthlyAddon, now: datetime) -> None:
    """Ends it unpaid, and says so. The caller has locked it."""
    assert addon.period_end is not None
    unpaid = addon.periods.filter(grant=None).select_related("payment").first()
    alerts.raise_alert(
        business_id=addon.business_id,
        kind="lapsed",
        key=f"addon:{addon.pk}:lapsed",
        severity="critical",
        title="Your monthly AI add-on has lapsed",
        text=(
            f"The month from {addon.period_end:%-d %B %Y} was not paid, so the add-on has ended and its"
            " unused credits have expired. Other credits are not touched. Paying again starts a new month at"
            " once."
        ),
        link=charges.retry_page(unpaid.payment.reference) if unpaid else "",
        data={"addon_id": str(addon.pk)},
        now=now,
    )
    ending.close(addon, AIMonthlyAddon.Status.LAPSED)


def _why(period: AddonPeriod, waiting: Any) -> str:
    if waiting:
        return "Your bank wants to see you before it lets your saved card pay."
    last = period.charges.order_by("-pk").select_related("payment__card").first()
    if last is None or last.payment.status != PaymentStatus.FAILED or last.payment.card is None:
        return "The next month of your add-on is due."
    return f"Your saved card ending in {last.payment.card.last4} could not be charged."
