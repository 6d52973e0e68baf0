"""The storefront plan: quoted, ordered, paid once, changed, cancelled, given back."""

import re
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Storefront, User
from config.core.errors import DomainError
from payments.models import Payment, Refund, WebhookEvent
from payments.services import locks as payment_locks
from payments.services import refunds as payment_refunds
from payments.services import retries, settlement
from payments.signals import payment_refunded
from payments.types import Claim
from subscriptions.models import (
    CreditGrant,
    FreeCredits,
    Receipt,
    StorefrontPeriod,
    StorefrontPlan,
    StorefrontTariff,
)
from subscriptions.selectors import storefronts as selectors
from subscriptions.services import refunds, storefronts
from tests.concurrency.together import together
from tests.sandboxes import PaystackSandbox

from .shop import Shop, deliveries, exact, process

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


# --- what it costs ------------------------------------------------------------------------------------------
TARIFF = [(1, 100), (2, 150), (3, 180), (4, 200), (5, 250), (6, 300), (7, 350), (100, 5000)]


@pytest.mark.parametrize(("count", "price"), TARIFF)
def test_the_tariff(shop: Shop, count: int, price: int) -> None:
    body = exact(get(shop, f"quote/?storefronts={count}"))
    assert (body["storefronts"], body["price"], body["change"]) == (count, D(price), None)
    assert sum(line["amount"] for line in body["breakdown"]) == D(price)
    assert body["base"] + sum(tax["amount"] for tax in body["taxes"]) == D(price)


def test_a_quote_says_what_is_in_it(shop: Shop) -> None:
    assert exact(get(shop, "quote/?storefronts=6")) == {
        "storefronts": 6,
        "price": D("300.00"),
        "breakdown": [
            {"description": "4 storefronts", "amount": D("200.00")},
            {"description": "2 more, 50.00 each", "amount": D("100.00")},
        ],
        "base": D("250.00"),
        "taxes": [
            {"name": "VAT", "rate": D("0.1500"), "amount": D("37.50")},
            {"name": "NHIL", "rate": D("0.0250"), "amount": D("6.25")},
            {"name": "GETFund", "rate": D("0.0250"), "amount": D("6.25")},
        ],
        "free_credits": D("5.00"),
        "change": None,
    }


def test_prices_are_dated_and_what_was_sold_keeps_its_price(shop: Shop, sandbox: PaystackSandbox) -> None:
    start = at("2127-01-31T10:00")
    plan = active(shop, sandbox, 2, start)
    later = start + TOMORROW
    for slug, count, price in (("two", 2, 160), ("three", 3, 200)):
        StorefrontTariff.objects.create(slug=slug, storefronts=count, price_ghs=price, effective_from=later)
    assert selectors.price(storefronts=2, now=start).price_ghs == D(150)
    assert selectors.price(storefronts=2, now=later).price_ghs == D(160)
    assert selectors.change(plan=plan, storefronts=2, now=later).next_ghs == D(150)
    assert selectors.change(plan=plan, storefronts=3, now=later).next_ghs == D(200)


def test_a_tariff_with_a_gap_sells_nothing(shop: Shop) -> None:
    StorefrontTariff.objects.create(slug="three", storefronts=3, price_ghs=1, is_active=False)
    assert get(shop, "quote/?storefronts=3").json()["code"] == "not_on_sale"
    assert get(shop, "quote/?storefronts=2").status_code == 200


@pytest.mark.parametrize(
    ("count", "code"),
    [
        *((text, "validation_error") for text in ("0", "-1", "x", "", "99999")),
        ("101", "too_many_storefronts"),
    ],
)
def test_counts_that_make_no_sense(shop: Shop, count: str, code: str) -> None:
    reply = get(shop, f"quote/?storefronts={count}")
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    reply = post(shop, "subscribe", {"storefronts": count})
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert StorefrontPlan.objects.count() == 0


# Anchored, now, from, to, due now: difference x days left ÷ days of the month, a day that has begun counts.
CHANGES = [
    ("2127-01-31T10:00", "2127-01-31T10:00", 1, 2, "50.00"),  # 28 of 28 days
    ("2127-01-31T10:00", "2127-01-31T10:01", 1, 2, "50.00"),
    ("2127-01-31T10:00", "2127-02-01T10:00", 1, 2, "48.21"),  # 27 of 28: 48.214…
    ("2127-01-31T10:00", "2127-02-27T10:00", 1, 2, "1.79"),  # 1 of 28: 1.785… half up
    ("2127-01-31T10:00", "2127-02-28T09:59:59", 1, 2, "1.79"),
    ("2128-01-31T10:00", "2128-02-01T10:00", 1, 2, "48.28"),  # 28 of 29 in a leap year
    ("2127-03-31T10:00", "2127-04-15T10:00", 2, 3, "15.00"),  # 15 of 30
    ("2127-03-31T10:00", "2127-04-15T10:01", 2, 3, "15.00"),
    ("2127-01-01T00:00", "2127-01-02T00:00", 3, 4, "19.35"),  # 30 of 31: 19.354…
    ("2127-01-01T00:00", "2127-01-31T23:59", 3, 4, "0.65"),  # 1 of 31: 0.645… half up
    ("2127-01-01T00:00", "2127-01-16T12:00", 1, 6, "103.23"),  # 16 of 31 of 200
    ("2127-01-01T00:00", "2127-01-16T12:00", 4, 2, "0.00"),
    ("2127-01-01T00:00", "2127-01-16T12:00", 2, 2, "0.00"),
]


@pytest.mark.parametrize(("anchor", "now", "before", "after", "due"), CHANGES)
def test_what_a_change_costs(
    shop: Shop, sandbox: PaystackSandbox, anchor: str, now: str, before: int, after: int, due: str
) -> None:
    plan = active(shop, sandbox, before, at(anchor))
    cost = selectors.change(plan=plan, storefronts=after, now=at(now))
    assert cost == selectors.Change(
        raises=after > before, now_ghs=D(due), next_ghs=D(dict(TARIFF)[after]), renews_at=plan.period_end
    )


# --- ordering -----------------------------------------------------------------------------------------------
def test_the_plan_covers_every_active_storefront(shop: Shop, sandbox: PaystackSandbox) -> None:
    for name in ("Osu", "Tema", "Closed"):
        Storefront.objects.create(
            business_id=shop.business_id, name=name, is_active=name != "Closed", created_at=timezone.now()
        )
    expected = {
        "code": "too_few_storefronts",
        "detail": "You have 3 active storefronts. Close some first, or choose 3 or more.",
        "minimum": 3,
    }
    reply = post(shop, "subscribe", {"storefronts": 2})
    assert (reply.status_code, reply.json()) == (400, expected)
    active(shop, sandbox, 4)
    reply = post(shop, "change", {"storefronts": 2})
    assert (reply.status_code, reply.json()) == (400, expected)
    assert post(shop, "change", {"storefronts": 3}).status_code == 200
    # The plan is not what opens storefronts.
    assert shop.client.post("/api/business/storefronts/", {"name": "Fifth"}).status_code == 201
    assert shop.client.post("/api/business/storefronts/", {"name": "Sixth"}).status_code == 201


def test_subscribing_twice_is_409(shop: Shop, sandbox: PaystackSandbox) -> None:
    active(shop, sandbox)
    reply = post(shop, "subscribe", {"storefronts": 2})
    assert (reply.status_code, reply.json()) == (
        409,
        {
            "code": "already_subscribed",
            "detail": "The storefront plan is active already. Change it or cancel it.",
        },
    )
    assert Payment.objects.count() == 1


def test_the_same_key_orders_once(shop: Shop, sandbox: PaystackSandbox) -> None:
    first = post(shop, "subscribe", {"storefronts": 1}, **{"Idempotency-Key": "plan-0001"})
    again = post(shop, "subscribe", {"storefronts": 1}, **{"Idempotency-Key": "plan-0001"})
    assert (first.status_code, again.content) == (201, first.content)
    assert Payment.objects.count() == StorefrontPlan.objects.count() == 1


@pytest.mark.parametrize("role", ["cashier", "accountant"])
def test_who_may_subscribe(shop: Shop, sandbox: PaystackSandbox, role: str) -> None:
    colleague = shop.colleague(role)
    for path in ("subscribe", "change", "cancel"):
        reply = post(colleague, path, {"storefronts": 1})
        assert (reply.status_code, reply.json()["code"]) == (403, "role_not_allowed")
    assert get(colleague, "quote/?storefronts=1").status_code == 200
    assert Payment.objects.count() == 0


def test_no_plan_is_404(shop: Shop, sandbox: PaystackSandbox) -> None:
    order(shop)  # not paid
    active(Shop(), sandbox)  # another's
    for reply in (get(shop), post(shop, "change", {"storefronts": 2}), post(shop, "cancel")):
        assert (reply.status_code, reply.json()["code"]) == (404, "no_storefront_plan")


@pytest.mark.django_db(transaction=True)
def test_two_orders_paid_at_once_are_one_plan(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    references = [order(shop).json()["payment_reference"] for _ in range(2)]
    paid = together([partial(pay, sandbox, one) for one in references * 2])
    assert [one.status for one in paid] == ["SUCCESSFUL"] * 4
    found = StorefrontPlan.objects.order_by("status").values_list("status", flat=True)
    assert list(found) == ["ACTIVE", "UNAPPLIED"]
    assert Payment.objects.filter(unapplied=True).count() == 1
    assert (shop.balance, CreditGrant.objects.count(), Receipt.objects.count()) == (D(5), 1, 1)


def test_one_order_paid_by_two_attempts(shop: Shop, sandbox: PaystackSandbox) -> None:
    first = order(shop).json()["payment_reference"]
    again = retries.try_again(
        reference=first, method="PAYSTACK", started_by_id=None, now=timezone.now()
    ).reference
    assert pay(sandbox, again).unapplied is False
    assert pay(sandbox, first).unapplied is True
    assert StorefrontPeriod.objects.get().paid_by == Payment.objects.get(reference=again)
    assert (shop.balance, Receipt.objects.count()) == (D(5), 1)
    assert shop.verify(first).json()["message"].startswith("This was paid already")


def test_a_receipt_with_taxes_and_no_credits(shop: Shop, sandbox: PaystackSandbox) -> None:
    start = at("2127-01-31T10:00")
    active(shop, sandbox, 1, start)
    receipt = Receipt.objects.get()
    assert receipt.description == "Storefront plan, 1 storefront, 31 Jan 2127 to 28 Feb 2127"
    assert (receipt.total_ghs, receipt.base_ghs, receipt.credits) == (D("100.00"), D("83.34"), D(0))
    assert [tax["amount_ghs"] for tax in receipt.taxes] == ["12.50", "2.08", "2.08"]
    reply = shop.get(f"receipts/{receipt.number}/receipt.pdf")
    assert (reply.status_code, reply["Content-Type"]) == (200, "application/pdf")
    pay(sandbox, _order(change(shop, 2, start + TOMORROW)).payment.reference, start + TOMORROW)
    assert Receipt.objects.latest("pk").description == (
        "Storefront plan, from 1 to 2 storefronts, 1 Feb 2127 to 28 Feb 2127"
    )


def test_no_free_credits_on_offer(shop: Shop, sandbox: PaystackSandbox) -> None:
    FreeCredits.objects.create(slug="monthly", credits=5, subsidy_share=1, is_active=False)
    active(shop, sandbox)
    assert (StorefrontPeriod.objects.get().free_credits, CreditGrant.objects.count()) == (D(0), 0)
    assert exact(get(shop))["free_credits"] == D("0.00")
    assert exact(get(shop, "quote/?storefronts=1"))["free_credits"] == D("0.00")


# --- changing -----------------------------------------------------------------------------------------------
def _order(changed: storefronts.Changed) -> StorefrontPeriod:
    assert changed.order is not None
    return changed.order


def covers(plan: StorefrontPlan) -> tuple[int, Decimal, int, Decimal]:
    plan.refresh_from_db()
    return plan.storefronts, plan.price_ghs, plan.next_storefronts, plan.next_price_ghs


def test_more_count_once_the_difference_is_paid(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = active(shop, sandbox, 3)
    reply = post(shop, "change", {"storefronts": 4})
    body, payment = exact(reply), Payment.objects.latest("pk")
    assert datetime.fromisoformat(body.pop("renews_at")) == plan.period_end
    assert body == {
        "storefronts": 3,
        "next_storefronts": 3,
        "pay_now": D("20.00"),
        "from_renewal": D("200.00"),
        "payment": {
            "payment_reference": payment.reference,
            "payment_status": "PENDING",
            "payment_url": payment.payment_url,
            "next_action": "open_url",
            "display_text": "",
            "expires_at": None,
        },
        "message": "Your plan covers 4 storefronts once GHS 20.00 is paid for the rest of the month.",
    }
    assert covers(plan) == (3, D(180), 3, D(180))
    for _ in range(2):
        pay(sandbox, payment.reference)
    assert covers(plan) == (4, D(200), 4, D(200))
    added = StorefrontPeriod.objects.get(added=1)
    assert (added.number, added.ends_at, added.free_credits) == (0, plan.period_end, D(0))
    assert (shop.balance, Receipt.objects.count()) == (D(5), 2)
    assert shop.verify(payment.reference).json()["message"] == (
        f"Paid: 4 storefronts until {plan.period_end:%-d %B %Y}."
    )


def test_fewer_count_from_the_renewal_on(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = active(shop, sandbox, 3)
    for _ in range(2):
        body = exact(post(shop, "change", {"storefronts": 1}))
        assert (body["pay_now"], body["from_renewal"], body["payment"]) == (D("0.00"), D("100.00"), None)
        assert body["message"] == f"From {plan.period_end:%-d %B %Y} on your plan covers 1 storefront."
    assert covers(plan) == (3, D(180), 1, D(100))
    assert Payment.objects.count() == 1
    # Back to what is paid: nothing to pay, at the old price.
    assert post(shop, "change", {"storefronts": 3}).json()["message"] == "Your plan covers 3 storefronts."
    assert covers(plan) == (3, D(180), 3, D(180))


def test_more_that_cost_less_count_at_once(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = active(shop, sandbox, 3)
    StorefrontTariff.objects.create(slug="four", storefronts=4, price_ghs=170)
    body = exact(post(shop, "change", {"storefronts": 4}))
    assert (body["pay_now"], body["payment"], body["storefronts"]) == (D("0.00"), None, 4)
    assert covers(plan) == (4, D(170), 4, D(170))


def test_of_two_increases_the_second_is_kept_for_a_refund(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan, now = active(shop, sandbox, 1), timezone.now()
    to_three, to_two = _order(change(shop, 3, now)), _order(change(shop, 2, now))
    assert pay(sandbox, to_two.payment.reference).unapplied is False
    assert pay(sandbox, to_three.payment.reference).unapplied is True
    assert covers(plan) == (2, D(150), 2, D(150))
    assert Receipt.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_increases_paid_at_once_are_one(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    plan = active(shop, sandbox, 1)
    orders = [_order(change(shop, 2, timezone.now())).payment.reference for _ in range(2)]
    paid = together([partial(pay, sandbox, one) for one in orders * 2])
    assert [one.status for one in paid] == ["SUCCESSFUL"] * 4
    assert Payment.objects.filter(unapplied=True).count() == 1
    assert covers(plan) == (2, D(150), 2, D(150))


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_increases_count() -> None:
    """The control: looking first and writing afterwards really takes the second one's money for nothing."""
    applied = []
    plan = StorefrontPlan.objects.create(
        business_id=Shop().business_id,
        user_id=1,
        storefronts=1,
        price_ghs=D(100),
        next_storefronts=1,
        next_price_ghs=D(100),
        created_at=timezone.now(),
    )

    def naive() -> None:
        with transaction.atomic():
            seen = StorefrontPlan.objects.get(pk=plan.pk)
            time.sleep(0.05)  # the moment that a look and a write are apart
            if seen.storefronts == 1:
                applied.append(1)
                StorefrontPlan.objects.filter(pk=plan.pk).update(storefronts=2)

    together([naive] * 2)
    assert applied == [1, 1]


def test_an_increase_paid_after_its_month(shop: Shop, sandbox: PaystackSandbox) -> None:
    start = at("2127-01-31T10:00")
    plan = active(shop, sandbox, 1, start)
    late = _order(change(shop, 2, start))
    assert pay(sandbox, late.payment.reference, at("2127-02-28T10:00")).unapplied is True
    assert covers(plan) == (1, D(100), 1, D(100))


# --- cancelling ---------------------------------------------------------------------------------------------
def test_cancel_at_the_end_of_the_month(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = active(shop, sandbox, 2)
    for _ in range(2):
        reply = post(shop, "cancel")
        assert (reply.status_code, reply.json()) == (
            200,
            {
                "success": True,
                "cancelled_immediately": False,
                "message": f"The storefront plan will not renew. It ends on {plan.period_end:%-d %B %Y}.",
            },
        )
    shown = get(shop).json()
    assert (shown["status"], shown["renews"], shown["next_renewal"]) == ("ACTIVE", False, None)
    assert post(shop, "change", {"storefronts": 3}).json()["code"] == "storefront_plan_ends"
    assert get(shop, "quote/?storefronts=3").json()["change"] is None
    assert shop.balance == D(5)


def test_cancel_immediately(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = active(shop, sandbox)
    reply = post(shop, "cancel", {"immediate": True})
    assert reply.json()["message"] == "The storefront plan has ended."
    plan.refresh_from_db()
    assert (plan.status, plan.renews, plan.next_step_at) == ("CANCELLED", False, None)
    assert get(shop).status_code == post(shop, "cancel").status_code == 404
    assert shop.get("credits/").json()["available"] == 5  # until the month ends
    assert active(shop, sandbox).pk != plan.pk
    assert shop.balance == D(10)


# --- money that goes back -----------------------------------------------------------------------------------
def refund(period: StorefrontPeriod, sandbox: PaystackSandbox) -> None:
    """By staff, sent and told to be done."""
    assert period.paid_by_id is not None
    now = timezone.now()
    done = refunds.request(payment_id=period.paid_by_id, reason="closed", requested_by=1, now=now)
    assert done.credits == 0
    sent = payment_refunds.send(refund_id=done.refund.pk, now=now)
    sandbox.refund_to(sent.gateway_refund_id, "processed")
    assert payment_refunds.check(refund_id=done.refund.pk, now=now).status == "PROCESSED"


def test_the_refund_of_the_current_month_ends_the_plan(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = active(shop, sandbox, 2)
    period = StorefrontPeriod.objects.get()
    refund(period, sandbox)
    plan.refresh_from_db()
    period.refresh_from_db()
    assert (plan.status, plan.renews, plan.next_step_at) == ("REFUNDED", False, None)
    assert period.void_at is not None
    assert (shop.balance, Receipt.objects.filter(kind="CN").get().total_ghs) == (D(5), D("150.00"))
    assert get(shop).status_code == 404
    with pytest.raises(DomainError):
        refunds.request(payment_id=period.paid_by_id or 0, reason="x", requested_by=1, now=timezone.now())
    assert active(shop, sandbox).pk != plan.pk


def test_the_refund_of_more_storefronts_takes_them_back(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan, now = active(shop, sandbox, 1), timezone.now()
    two = _order(change(shop, 2, now))
    pay(sandbox, two.payment.reference)
    four = _order(change(shop, 4, now))
    pay(sandbox, four.payment.reference)
    four.refresh_from_db()
    refund(four, sandbox)
    assert covers(plan) == (2, D(150), 2, D(150))
    change(shop, 1, now)
    two.refresh_from_db()
    refund(two, sandbox)
    assert covers(plan) == (1, D(100), 1, D(100))
    assert plan.status == "ACTIVE"


def test_staff_see_what_goes_back_and_that_it_ends_the_plan(shop: Shop, sandbox: PaystackSandbox) -> None:
    active(shop, sandbox, 2)
    client = Client()
    client.force_login(User.objects.create_superuser("boss@sika.test", "x"))
    page = f"/admin/subscriptions/storefrontperiod/{StorefrontPeriod.objects.get().pk}/refund/"
    shown = client.get(page).content.decode()
    for words in ("Storefront plan (2)", "GHS 150.00 of 150.00 paid", "the plan ends", "Refund GHS 150.00"):
        assert words in shown
    assert "Credits taken back" not in shown
    seal = re.findall(r'name="seal" value="([^"]+)"', shown)[0]
    assert client.post(page, {"reason": "closed the shop", "seal": seal}).status_code == 302
    assert Refund.objects.get().amount_ghs == D(150)
    order(Shop())
    unpaid = StorefrontPeriod.objects.get(paid_by=None)
    assert client.get(page.replace(page.split("/")[-3], str(unpaid.pk))).status_code == 403


def test_a_part_that_goes_back_changes_nothing(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = active(shop, sandbox, 2)
    payment = Payment.objects.get()
    for amount, status in ((60, "ACTIVE"), (90, "REFUNDED")):
        told(payment, amount)
        plan.refresh_from_db()
        assert plan.status == status


def told(payment: Payment, amount: int) -> None:
    """A refund made at the gateway, as payments tells it."""
    with transaction.atomic():
        row = payment_locks.payment(payment_id=payment.pk)
        row.refunded_ghs += amount
        row.status = "REFUNDED" if row.refunded_ghs == row.paid_ghs else "SUCCESSFUL"
        row.save()
        made = Refund.objects.create(
            payment=row,
            amount_ghs=D(amount),
            status="PROCESSED",
            reason="x",
            gateway_refund_id=f"r{amount}",
            created_at=timezone.now(),
            finished_at=timezone.now(),
        )
        answers = payment_refunded.send(Payment, payment=row, refund=made, now=timezone.now())
    assert Claim.APPLIED in [answer for _, answer in answers]


@pytest.mark.parametrize(("resolution", "ends"), [("merchant-accepted", "REFUNDED"), ("declined", "ACTIVE")])
def test_a_dispute_of_the_current_month(
    shop: Shop, sandbox: PaystackSandbox, resolution: str, ends: str
) -> None:
    plan = active(shop, sandbox, 2)
    payment = Payment.objects.get()
    dispute = sandbox.open_dispute(payment.reference)
    for word in ("", resolution):
        if word:
            sandbox.decide(dispute, word)
        for deliver in deliveries(sandbox, payment.reference):
            deliver()
        for event in WebhookEvent.objects.filter(processed_at=None):
            process(event.pk)
    plan.refresh_from_db()
    assert plan.status == ends
    assert CreditGrant.objects.get().frozen is False


@pytest.mark.parametrize("body", [{"immediate": "maybe"}, {"immediate": None}, "now"])
def test_cancel_with_a_body_that_makes_no_sense(shop: Shop, sandbox: PaystackSandbox, body: Any) -> None:
    plan = active(shop, sandbox)
    assert post(shop, "cancel", body).status_code == 400
    plan.refresh_from_db()
    assert (plan.status, plan.renews) == ("ACTIVE", True)
