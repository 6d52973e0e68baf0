"""The storefront plan: quoted, ordered, paid once, changed, cancelled, given back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from payments.models import Payment
from payments.services import settlement
from subscriptions.models import CreditGrant, StorefrontPeriod, StorefrontPlan
from subscriptions.services import storefronts
from tests.sandboxes import PaystackSandbox

from .shop import Shop, exact

D = Decimal
PATH = "/api/subscriptions/storefront-plan/"
TOMORROW = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def get(shop: Shop, path: str = "") -> Any:
    return shop.client.get(f"{PATH}{path}")


def post(shop: Shop, path: str, body: Any = None, **headers: str) -> Any:
    return shop.client.post(f"{PATH}{path}/", body, headers=headers)


def order(shop: Shop, storefronts: int = 1, **body: Any) -> Any:
    reply = post(shop, "subscribe", {"storefronts": storefronts, **body})
    assert reply.status_code == 201, reply.content
    return reply


def subscribe(shop: Shop, storefronts_: int, now: datetime) -> StorefrontPeriod:
    """Ordered at `now`, as the view does it."""
    return storefronts.subscribe(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email=shop.membership.user.email,
        storefronts=storefronts_,
        way_to_pay={"method": "PAYSTACK"},
        now=now,
    )


def change(shop: Shop, storefronts_: int, now: datetime) -> storefronts.Changed:
    return storefronts.change(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email=shop.membership.user.email,
        storefronts=storefronts_,
        way_to_pay={"method": "PAYSTACK"},
        now=now,
    )


def pay(sandbox: PaystackSandbox, reference: str, now: datetime | None = None) -> Payment:
    sandbox.pay(reference)
    return settlement.verify(reference=reference, now=now or timezone.now())


def active(shop: Shop, sandbox: PaystackSandbox, storefronts_: int = 1, now: datetime | None = None) -> Any:
    """The plan, paid at `now`."""
    now = now or timezone.now()
    period = subscribe(shop, storefronts_, now)
    assert pay(sandbox, period.payment.reference, now).status == "SUCCESSFUL"
    return StorefrontPlan.objects.get(pk=period.plan_id)


def test_subscribe_then_pay(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = order(shop, 3)
    plan, payment = StorefrontPlan.objects.get(), Payment.objects.get()
    body = exact(reply)
    renewal = datetime.fromisoformat(body.pop("next_renewal"))
    assert body == {
        "plan_id": str(plan.pk),
        "storefronts": 3,
        "monthly_price": D("180.00"),
        "payment_reference": payment.reference,
        "payment_status": "PENDING",
        "payment_url": payment.payment_url,
        "next_action": "open_url",
        "display_text": "",
        "expires_at": None,
    }
    assert (payment.amount_ghs, payment.purpose) == (D("180.00"), "storefront_period")
    assert (plan.status, shop.account, get(shop).status_code) == ("PENDING", None, 404)

    sandbox.pay(payment.reference)
    verified = shop.verify(payment.reference)
    assert exact(verified) == {
        "success": True,
        "credits_added": D("5.00"),
        "new_balance": D("5.00"),
        "message": f"Paid: 3 storefronts until {renewal:%-d %B %Y}. 5.00 free credits were added.",
    }
    assert shop.verify(payment.reference).content == verified.content
    plan.refresh_from_db()
    period, grant = StorefrontPeriod.objects.get(), CreditGrant.objects.get()
    assert (plan.status, plan.anchor_at, plan.period_end) == ("ACTIVE", period.starts_at, period.ends_at)
    assert (grant.source, grant.key) == ("monthly_free", f"storefront:{plan.pk}:period:0:free")
    assert (grant.credits, grant.unit_value_ghs, grant.expires_at) == (D(5), D(0), period.ends_at)
    assert shop.account is not None and shop.account.total_purchased == 0
    shown = exact(get(shop))
    assert datetime.fromisoformat(shown.pop("period_start")) == plan.anchor_at
    assert datetime.fromisoformat(shown.pop("period_end")) == plan.period_end
    assert datetime.fromisoformat(shown.pop("next_renewal")) == plan.period_end
    assert shown == {
        "plan_id": str(plan.pk),
        "status": "ACTIVE",
        "storefronts": 3,
        "price": D("180.00"),
        "free_credits": D("5.00"),
        "renews": True,
        "next_storefronts": 3,
        "next_price": D("180.00"),
        "owed": None,
    }
