"""Licences bought the way the product sells them, at moments of a test's choice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Membership
from payments.models import Payment
from payments.services import settlement
from subscriptions.models import LicenceMonth
from subscriptions.services import licences
from tests.sandboxes import PaystackSandbox

D = Decimal
DAY = timedelta(days=1)
NOW = datetime(2127, 1, 31, 10, tzinfo=UTC)
PRICES = {"pro": D("159.84"), "enterprise": D("1599.84")}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ordered(member: Membership, plan: str = "pro", *, now: datetime = NOW, **values: Any) -> LicenceMonth:
    return licences.order(
        **{
            "business_id": member.business_id,
            "user_id": member.user_id,
            "ordered_by_id": member.user_id,
            "email": member.user.email,
            "kind": "api_tier",
            "plan": plan,
            "payment_method": "MOMO",
            "callback_url": "",
            "now": now,
            **values,
        }
    )


def paid(sandbox: PaystackSandbox, reference: str, now: datetime = NOW) -> Payment:
    sandbox.pay(reference)
    return settlement.verify(reference=reference, now=now)


def bought(
    member: Membership,
    sandbox: PaystackSandbox,
    plan: str = "pro",
    *,
    now: datetime = NOW,
    **values: Any,
) -> LicenceMonth:
    month = ordered(member, plan, now=now, **values)
    assert paid(sandbox, month.payment.reference, now).status == "SUCCESSFUL"
    month.refresh_from_db()
    return month


def days(member: Membership, kind: str = "api_tier") -> Any:
    """The paid months of the member in the order they are used."""
    months = LicenceMonth.objects.filter(licence__user=member.user, licence__kind=kind, status="paid")
    return list(months.order_by("starts_at").values_list("plan", "starts_at", "ends_at"))
