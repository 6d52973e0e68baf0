"""How a business's monthly add-on stands: its month, what is owed for the next one, and what was paid."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from payments.services import charges
from subscriptions.errors import NoAddon
from subscriptions.models import AddonPeriod, AIMonthlyAddon, Receipt

from . import addon_calendar

SHOWN_MONTHS = 12


def may_roll_over() -> Q:
    """Of grants: those that a renewal may still give another month.

    That is while the month after theirs can be paid, or is paid and the roll-over waits for running calls.
    """
    mine = AddonPeriod.objects.filter(grant=OuterRef("pk"))
    waits = AddonPeriod.objects.filter(addon=OuterRef("addon"), grant__isnull=False, rolled_over__isnull=True)
    renewable = Q(addon__status="ACTIVE", addon__renews=True, addon__period_end=OuterRef("expires_at"))
    return Q(Exists(mine.filter(renewable | Exists(waits))))


def is_paid_for(addon: AIMonthlyAddon, now: datetime) -> bool:
    """Whether the last paid month of an ACTIVE add-on still runs."""
    return addon.period_end is not None and addon.period_end > now


def is_over(addon: AIMonthlyAddon, now: datetime) -> bool:
    """Whether an ACTIVE add-on has run out: nothing but its status says otherwise."""
    if addon.period_end is None or is_paid_for(addon, now):
        return False
    return not addon.renews or now >= addon_calendar.lapses_at(addon.period_end)


def due_until(period: AddonPeriod) -> datetime:
    """The end of a month that is not paid yet, but of an add-on that is."""
    assert period.addon.anchor_at is not None
    return addon_calendar.period_start(period.addon.anchor_at, period.number + 1)


def active(*, business_id: UUID) -> AIMonthlyAddon | None:
    return AIMonthlyAddon.objects.filter(business_id=business_id, status="ACTIVE").first()


@dataclass(frozen=True, kw_only=True)
class Owed:
    """The month that is due. `reference` and `link` are empty until it was asked for."""

    amount_ghs: Decimal
    starts_at: datetime
    ends_at: datetime
    pay_by: datetime
    reference: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Overview:
    addon: AIMonthlyAddon
    status: str
    next_renewal: datetime | None
    owed: Owed | None
    periods: list[Any]


def overview(*, business_id: UUID, now: datetime) -> Overview:
    """The active add-on, else the last one ordered. Raises NoAddon."""
    found = (
        AIMonthlyAddon.objects.filter(business_id=business_id)
        .select_related("card")
        .order_by(Case(When(status="ACTIVE", then=Value(0)), default=Value(1)), "-created_at")
        .first()
    )
    if found is None:
        raise NoAddon("This business has no monthly add-on yet.")
    receipt = Receipt.objects.filter(payment=OuterRef("paid_by"), kind="SK")
    rows = found.periods.select_related("payment", "paid_by").order_by("-number")
    periods = list(rows.annotate(receipt_number=Subquery(receipt.values("number")))[: SHOWN_MONTHS + 1])
    paid = [one for one in periods if one.grant_id is not None][:SHOWN_MONTHS]
    unpaid = next((one for one in periods if one.grant_id is None), None)
    status = _status(found, now)
    return Overview(
        addon=found,
        status=status,
        next_renewal=found.period_end if status == "ACTIVE" and found.renews else None,
        owed=_owed(found, paid[0], unpaid) if status == "DUE" else None,
        periods=paid,
    )


def _status(addon: AIMonthlyAddon, now: datetime) -> str:
    if addon.status != "ACTIVE" or is_paid_for(addon, now):
        return addon.status
    if not addon.renews:
        return "CANCELLED"
    return "LAPSED" if is_over(addon, now) else "DUE"


def _owed(addon: AIMonthlyAddon, last: AddonPeriod, unpaid: AddonPeriod | None) -> Owed:
    assert addon.anchor_at is not None and addon.period_end is not None
    return Owed(
        amount_ghs=addon.price_ghs,
        starts_at=addon.period_end,
        ends_at=addon_calendar.period_start(addon.anchor_at, last.number + 2),
        pay_by=addon_calendar.lapses_at(addon.period_end),
        reference=unpaid.payment.reference if unpaid else "",
        link=charges.retry_page(unpaid.payment.reference) if unpaid else "",
    )
