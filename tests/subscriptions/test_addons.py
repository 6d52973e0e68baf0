"""The monthly add-on: ordered, paid, granted once, cancelled, lapsed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from payments.models import Payment
from payments.services import settlement
from subscriptions.models import AddonPeriod, AIMonthlyAddon, CreditGrant
from subscriptions.services import addons
from tests.concurrency.together import together
from tests.sandboxes import PaystackSandbox

from .shop import Shop, exact

D = Decimal


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def subscribe(shop: Shop, now: datetime) -> AddonPeriod:
    """Ordered at `now`, as the view does it."""
    return addons.subscribe(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email=shop.membership.user.email,
        payment_method="PAYSTACK",
        callback_url="",
        now=now,
    )


def pay(sandbox: PaystackSandbox, reference: str, now: datetime | None = None) -> str:
    sandbox.pay(reference)
    return settlement.verify(reference=reference, now=now or timezone.now()).status


def order(shop: Shop) -> Any:
    reply = shop.post("addon/subscribe/", {"payment_method": "PAYSTACK"})
    assert reply.status_code == 201, reply.content
    return reply


def active(shop: Shop, sandbox: PaystackSandbox) -> AIMonthlyAddon:
    pay(sandbox, order(shop).json()["payment_reference"])
    return AIMonthlyAddon.objects.get(business_id=shop.business_id, status="ACTIVE")


def test_subscribe_then_pay(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = order(shop)
    addon, payment = AIMonthlyAddon.objects.get(), Payment.objects.get()
    body = exact(reply)
    renewal = datetime.fromisoformat(body.pop("next_renewal"))
    assert addons.period_start(addon.created_at, 1) == renewal
    assert body == {
        "addon_id": str(addon.pk),
        "monthly_price": D("50.00"),
        "monthly_credits": D("100.00"),
        "payment_reference": payment.reference,
        "payment_status": "PENDING",
        "payment_url": payment.payment_url,
        "next_action": "open_url",
        "display_text": "",
        "expires_at": None,
    }
    assert (payment.amount_ghs, payment.purpose) == (D("50.00"), "addon_period")
    assert (addon.status, shop.account) == ("PENDING", None)
    assert shop.get("credits/").json()["has_monthly_addon"] is False

    sandbox.pay(payment.reference)
    verified = shop.verify(payment.reference)
    assert (verified.status_code, exact(verified)) == (
        200,
        {
            "success": True,
            "credits_added": D("100.00"),
            "new_balance": D("100.00"),
            "message": "100.00 credits were added.",
        },
    )
    assert shop.verify(payment.reference).content == verified.content
    addon.refresh_from_db()
    period, grant = AddonPeriod.objects.get(), CreditGrant.objects.get()
    assert (addon.status, addon.renews, addon.cancelled_at) == ("ACTIVE", True, None)
    assert (grant.source, grant.key, grant.credits) == ("addon", f"addon:{addon.pk}:period:0", D(100))
    assert grant.unit_value_ghs == D("0.500000")
    assert addon.anchor_at is not None
    assert (period.number, period.grant_id, period.starts_at) == (0, grant.pk, addon.anchor_at)
    assert grant.expires_at == period.ends_at == addon.period_end == addons.period_start(addon.anchor_at, 1)
    credits = exact(shop.get("credits/"))
    assert credits["has_monthly_addon"] is True
    details = credits["monthly_addon_details"]
    assert (details["price"], details["credits"]) == (D("50.00"), D("100.00"))
    assert datetime.fromisoformat(details["next_renewal"]) == addon.period_end
    assert credits["total_purchased"] == D("100.00")


@pytest.mark.parametrize(
    ("anchor", "starts"),
    [
        ("2027-01-31", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        ("2028-01-31", ["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("2027-01-30", ["2027-01-30", "2027-02-28", "2027-03-30"]),
        ("2027-01-28", ["2027-01-28", "2027-02-28", "2027-03-28"]),
        ("2027-11-30", ["2027-11-30", "2027-12-30", "2028-01-30", "2028-02-29", "2028-03-30"]),
        ("2027-12-31T23:59:59.999999", ["2027-12-31T23:59:59.999999", "2028-01-31T23:59:59.999999"]),
    ],
)
def test_periods_are_counted_from_the_anchor(anchor: str, starts: list[str]) -> None:
    assert [addons.period_start(at(anchor), number) for number in range(len(starts))] == [
        at(start) for start in starts
    ]


def test_a_leap_days_anniversary() -> None:
    found = [addons.period_start(at("2028-02-29"), 12 * year) for year in range(5)]
    assert found == [at(f"{year}-02-{29 if year % 4 == 0 else 28}") for year in range(2028, 2033)]


def test_the_first_month_ends_where_the_calendar_says(shop: Shop, sandbox: PaystackSandbox) -> None:
    now = at("2128-01-31T10:00")
    assert pay(sandbox, subscribe(shop, now).payment.reference, now) == "SUCCESSFUL"
    assert CreditGrant.objects.get().expires_at == at("2128-02-29T10:00")


def test_subscribing_twice_is_409(shop: Shop, sandbox: PaystackSandbox) -> None:
    active(shop, sandbox)
    again = shop.post("addon/subscribe/", {"payment_method": "PAYSTACK"})
    assert (again.status_code, again.json()) == (
        409,
        {"code": "already_subscribed", "detail": "The monthly add-on is active already."},
    )
    assert Payment.objects.count() == 1
    assert Shop().post("addon/subscribe/").status_code == 201  # another business may


@pytest.mark.django_db(transaction=True)
def test_two_orders_paid_at_once_are_one_add_on(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    references = [order(shop).json()["payment_reference"] for _ in range(2)]
    paid = together([partial(pay, sandbox, one) for one in references * 2])
    assert paid == ["SUCCESSFUL"] * 4
    found = AIMonthlyAddon.objects.order_by("status").values_list("status", flat=True)
    assert list(found) == ["ACTIVE", "UNAPPLIED"]
    assert (shop.balance, CreditGrant.objects.count()) == (D(100), 1)


def test_the_payer_of_a_second_order_is_told(shop: Shop, sandbox: PaystackSandbox) -> None:
    references = [order(shop).json()["payment_reference"] for _ in range(2)]
    for reference in references:
        sandbox.pay(reference)
    assert shop.verify(references[0]).json()["credits_added"] == 100
    second = shop.verify(references[1])
    assert (second.status_code, exact(second)) == (
        200,
        {
            "success": True,
            "credits_added": D("0.00"),
            "new_balance": D("100.00"),
            "message": "This was paid already, so the second payment added nothing. It will be refunded.",
        },
    )


def test_cancel_at_the_end_of_the_period(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = active(shop, sandbox)
    end = addon.period_end
    for _ in range(2):
        reply = shop.post("addon/cancel/")
        assert (reply.status_code, reply.json()) == (
            200,
            {
                "success": True,
                "cancelled_immediately": False,
                "message": f"The add-on will not renew. Its credits stay yours until {end:%-d %B %Y}.",
            },
        )
    addon.refresh_from_db()
    assert (addon.status, addon.renews, addon.period_end) == ("ACTIVE", False, end)
    assert addon.cancelled_at is not None
    credits = shop.get("credits/").json()
    assert (credits["has_monthly_addon"], credits["monthly_addon_details"]["next_renewal"]) == (True, None)
    assert credits["available"] == 100


def test_cancel_immediately_keeps_the_credits(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = active(shop, sandbox)
    reply = shop.post("addon/cancel/", {"immediate": True})
    assert (reply.status_code, reply.json()["cancelled_immediately"]) == (200, True)
    addon.refresh_from_db()
    assert (addon.status, addon.renews) == ("CANCELLED", False)
    credits = shop.get("credits/").json()
    assert (credits["has_monthly_addon"], credits["monthly_addon_details"]) == (False, None)
    assert (credits["available"], CreditGrant.objects.get().expires_at) == (100, addon.period_end)
    assert shop.post("addon/cancel/").status_code == 404
    assert active(shop, sandbox).pk != addon.pk
    assert shop.balance == D(200)


def test_nothing_to_cancel(shop: Shop, sandbox: PaystackSandbox) -> None:
    expected = {"code": "no_addon", "detail": "There is no active add-on to cancel."}
    assert (shop.post("addon/cancel/").status_code, shop.post("addon/cancel/").json()) == (404, expected)
    order(shop)  # not paid
    assert shop.post("addon/cancel/").json() == expected
    other = Shop()
    mine = active(other, sandbox)
    assert shop.post("addon/cancel/").status_code == 404
    mine.refresh_from_db()
    assert (mine.status, mine.renews) == ("ACTIVE", True)


def test_a_lapsed_add_on_makes_room_for_a_new_one(shop: Shop, sandbox: PaystackSandbox) -> None:
    start = at("2127-01-31T10:00")
    pay(sandbox, subscribe(shop, start).payment.reference, start)
    lapsed = start + timedelta(days=28 + 8)
    assert pay(sandbox, subscribe(shop, lapsed).payment.reference, lapsed) == "SUCCESSFUL"
    first, second = AIMonthlyAddon.objects.order_by("created_at")
    assert (first.status, first.period_end) == ("LAPSED", at("2127-02-28T10:00"))
    assert (second.status, second.period_end) == ("ACTIVE", at("2127-04-08T10:00"))
    assert shop.balance == D(200)  # the first 100 have expired, but are not yet swept
    assert [grant.expires_at for grant in CreditGrant.objects.order_by("pk")] == [
        at("2127-02-28T10:00"),
        at("2127-04-08T10:00"),
    ]


@pytest.mark.parametrize("role", ["cashier", "accountant"])
def test_who_may_subscribe(shop: Shop, sandbox: PaystackSandbox, role: str) -> None:
    colleague = shop.colleague(role)
    for path in ("addon/subscribe/", "addon/cancel/"):
        reply = colleague.post(path)
        assert (reply.status_code, reply.json()["code"]) == (403, "role_not_allowed")
    assert Payment.objects.count() == 0


def test_the_same_key_orders_once(shop: Shop, sandbox: PaystackSandbox) -> None:
    first = shop.post("addon/subscribe/", {}, **{"Idempotency-Key": "addon-0001"})
    again = shop.post("addon/subscribe/", {}, **{"Idempotency-Key": "addon-0001"})
    assert (first.status_code, again.content) == (201, first.content)
    assert Payment.objects.count() == AIMonthlyAddon.objects.count() == 1


@pytest.mark.parametrize("body", [{"immediate": "maybe"}, {"immediate": None}, "now"])
def test_cancel_with_a_body_that_makes_no_sense(shop: Shop, sandbox: PaystackSandbox, body: Any) -> None:
    addon = active(shop, sandbox)
    reply = shop.post("addon/cancel/", body)
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    addon.refresh_from_db()
    assert (addon.status, addon.renews) == ("ACTIVE", True)
