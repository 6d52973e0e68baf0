"""What users hold, what a business bought for them, and the plans on offer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import DateTimeField, QuerySet, Value

from config.core import money
from subscriptions.errors import NotOnSale, UnknownPlan
from subscriptions.models import ApiTier, ChatLicencePlan, Licence, LicenceMonth

from . import catalogue

FREE = "free"
_PLANS: dict[str, type[ApiTier] | type[ChatLicencePlan]] = {
    Licence.Kind.API_TIER: ApiTier,
    Licence.Kind.SUPPORT_CHAT: ChatLicencePlan,
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A plan and what a month of it costs now."""

    plan: ApiTier | ChatLicencePlan
    price_ghs: Decimal


def chat_licence(*, user_id: int, now: datetime) -> ChatLicencePlan:
    """The support-chat plan a user has at `now`, free by default. One query.

    A plan that was withdrawn is kept until it ends, as it was when it was bought. Raises NotOnSale when the
    catalogue has no free one.
    """
    month = in_force(user_id=user_id, kind=Licence.Kind.SUPPORT_CHAT, now=now)
    bought = plan_of(month, now=now) if month is not None else None
    found = bought or ChatLicencePlan.find(FREE, now)
    if not isinstance(found, ChatLicencePlan):
        raise NotOnSale
    return found


def in_force(*, user_id: int, kind: str, now: datetime) -> LicenceMonth | None:
    """The paid month that contains `now`, unless the licence is suspended. At most one can: a constraint."""
    mine = LicenceMonth.objects.filter(licence__user=user_id, licence__kind=kind, status="paid")
    return mine.filter(starts_at__lte=now, ends_at__gt=now).exclude(licence__status="suspended").first()


def plan_of(month: LicenceMonth, *, now: datetime) -> ApiTier | ChatLicencePlan | None:
    """What a month allows at `now`; as it was when it was ordered, once the plan is withdrawn."""
    model = _PLANS[month.licence.kind]
    return model.find(month.plan, now) or model.find(month.plan, month.created_at)


def plan(*, kind: str, slug: str, now: datetime) -> ApiTier | ChatLicencePlan:
    """Raises UnknownPlan, which names the plans there are."""
    found = _PLANS[kind].find(slug, now)
    if found is None:
        raise UnknownPlan(plans=[one.slug for one in _PLANS[kind].in_force(now)])
    return found


def offers(*, kind: str, now: datetime) -> list[Offer]:
    """Every plan of a kind with its price in cedis at today's rate. Raises FxRateUnknown."""
    rate = catalogue.usd_to_ghs(now=now)
    return [
        Offer(plan=one, price_ghs=price_ghs(price_usd=one.price_usd, fx_rate=rate))
        for one in _PLANS[kind].in_force(now)
    ]


def price_ghs(*, price_usd: Decimal, fx_rate: Decimal) -> Decimal:
    """Dollars times the rate, half up to the pesewa; tax inclusive."""
    return money.ghs(price_usd * fx_rate)


def bought(*, business_id: UUID, user_id: int | None, now: datetime) -> QuerySet[LicenceMonth]:
    """The months a business ordered, for one user or (None) for all, each with `asked_at`."""
    ours = LicenceMonth.objects.filter(business=business_id).select_related("licence__user", "payment")
    shown = ours.annotate(asked_at=Value(now, output_field=DateTimeField()))
    return shown if user_id is None else shown.filter(licence__user=user_id)


def state(month: LicenceMonth, *, now: datetime) -> str:
    """In one word what a month is at `now`: its status, or where a paid one stands in time."""
    if month.status != LicenceMonth.Status.PAID:
        return str(month.status)
    assert month.starts_at is not None and month.ends_at is not None
    if month.ends_at <= now:
        return "expired"
    if month.licence.status == Licence.Status.SUSPENDED:
        return "suspended"
    return "active" if month.starts_at <= now else "waiting"


def sold_by(*, payment_id: int) -> LicenceMonth | None:
    """The month that this very attempt paid for, if it is one."""
    return LicenceMonth.objects.select_related("licence").filter(paid_by=payment_id).first()


def ending(*, before: datetime, now: datetime) -> list[LicenceMonth]:
    """Months that end after `now` and up to `before` without another of their plan; not if suspended."""
    soon = LicenceMonth.objects.filter(status="paid", ends_at__gt=now, ends_at__lte=before)
    soon = soon.exclude(licence__status="suspended")
    months = list(soon.select_related("licence__user").order_by("ends_at", "pk"))
    licences = [month.licence_id for month in months]
    rows = LicenceMonth.objects.filter(licence__in=licences, status="paid")
    followed = set(rows.values_list("licence", "plan", "starts_at"))
    return [month for month in months if (month.licence_id, month.plan, month.ends_at) not in followed]


def next_plan(month: LicenceMonth) -> str:
    """The name of the plan that follows a month; empty when it is the free one."""
    rows = LicenceMonth.objects.filter(licence=month.licence_id, status="paid", starts_at=month.ends_at)
    return rows.values_list("plan_name", flat=True).first() or ""
