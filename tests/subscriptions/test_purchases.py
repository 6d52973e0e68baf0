"""Buying credits through the API against the gateway's look-alike: what is said, and what is credited."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from payments import tasks
from payments.models import Payment, WebhookEvent
from payments.services import schedule
from subscriptions.models import AICreditPurchase, CreditEntry, CreditGrant, CreditPack
from tests.concurrency.together import together
from tests.sandboxes import PaystackSandbox

from .shop import Shop, deliveries, exact, process

D = Decimal


def test_value_is_exactly_100_credits_worth_80_pesewas_each(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "MOMO"})
    purchase, payment = AICreditPurchase.objects.get(), Payment.objects.get()
    assert reply.status_code == 201
    assert exact(reply) == {
        "purchase_id": str(purchase.pk),
        "payment_reference": payment.reference,
        "payment_status": "PENDING",
        "payment_url": payment.payment_url,
        "next_action": "open_url",
        "display_text": "",
        "expires_at": None,
        "pack_details": {
            "type": "VALUE",
            "price": D("80.00"),
            "credits": D("83.33"),
            "bonus": D("16.67"),
            "total_credits": D("100.00"),
        },
    }
    assert payment.payment_url.startswith(f"{sandbox.url}/")
    assert (payment.business_id, payment.amount_ghs, payment.purpose) == (
        shop.business_id,
        D("80.00"),
        "credit_purchase",
    )
    assert (purchase.status, purchase.grant_id, shop.account) == ("PENDING", None, None)

    sandbox.pay(payment.reference)
    verified = shop.verify(payment.reference)
    assert verified.status_code == 200
    assert exact(verified) == {
        "success": True,
        "credits_added": D("100.00"),
        "new_balance": D("100.00"),
        "message": "100.00 credits were added.",
    }
    again = shop.verify(payment.reference)
    assert (again.status_code, again.content) == (200, verified.content)

    grant = CreditGrant.objects.get()
    assert (grant.source, grant.key) == ("purchase", f"purchase:{purchase.pk}")
    assert (grant.credits, grant.remaining, grant.unit_value_ghs) == (D(100), D(100), D("0.800000"))
    assert grant.expires_at is None
    account = shop.account
    assert account is not None
    assert (account.balance, account.total_purchased, account.total_used) == (D(100), D(100), D(0))
    purchase.refresh_from_db()
    assert (purchase.status, purchase.grant_id) == ("SUCCESSFUL", grant.pk)
    assert purchase.completed_at is not None


@pytest.mark.parametrize(
    ("pack", "price", "credits", "unit_value"),
    [("STARTER", "30.00", "30.00", "1.000000"), ("PRO", "180.00", "250.00", "0.720000")],
)
def test_other_packs(
    shop: Shop, sandbox: PaystackSandbox, pack: str, price: str, credits: str, unit_value: str
) -> None:
    shop.buy(sandbox, pack)
    assert Payment.objects.get().amount_ghs == D(price)
    assert (shop.balance, CreditGrant.objects.get().unit_value_ghs) == (D(credits), D(unit_value))


@pytest.mark.parametrize("amount", ["10", "10.00", "37.5", "5000", "5000.00"])
def test_custom_buys_one_credit_a_cedi(shop: Shop, sandbox: PaystackSandbox, amount: str) -> None:
    shop.buy(sandbox, "CUSTOM", amount=D(amount))
    assert Payment.objects.get().amount_ghs == D(amount)
    assert (shop.balance, CreditGrant.objects.get().unit_value_ghs) == (D(amount), D(1))


@pytest.mark.parametrize("amount", [D("9.99"), D("5000.01"), D("-10"), 0, None])
def test_custom_outside_its_range(shop: Shop, sandbox: PaystackSandbox, amount: Any) -> None:
    body = {"pack_type": "CUSTOM", "payment_method": "MOMO"}
    reply = shop.post("purchase/", body if amount is None else {**body, "amount": amount})
    assert reply.status_code == 400
    assert exact(reply) == {
        "code": "amount_out_of_range",
        "detail": "Choose an amount between the minimum and the maximum.",
        "minimum": D("10.00"),
        "maximum": D("5000.00"),
    }
    assert Payment.objects.count() == 0
    assert sandbox.requests() == []


@pytest.mark.parametrize("amount", [D("10.005"), "ten", "NaN", "Infinity", D("1e30"), [10], True])
def test_custom_amount_that_is_no_amount(shop: Shop, sandbox: PaystackSandbox, amount: Any) -> None:
    reply = shop.post("purchase/", {"pack_type": "CUSTOM", "payment_method": "MOMO", "amount": amount})
    assert reply.status_code == 400
    body = reply.json()
    assert (body["code"], [error["field"] for error in body["errors"]]) == ("validation_error", ["amount"])
    assert Payment.objects.count() == 0


def test_an_amount_for_a_fixed_price_is_refused_not_ignored(shop: Shop, sandbox: PaystackSandbox) -> None:
    body = {"pack_type": "VALUE", "payment_method": "MOMO"}
    reply = shop.post("purchase/", {**body, "amount": 1})
    assert (reply.status_code, reply.json()["code"], reply.json()["price"]) == (400, "fixed_price", 80)
    assert Payment.objects.count() == AICreditPurchase.objects.count() == 0
    assert shop.post("purchase/", {**body, "amount": 80}).status_code == 201


def test_unknown_pack(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = shop.post("purchase/", {"pack_type": "GOLD", "payment_method": "MOMO"})
    assert reply.status_code == 400
    assert (reply.json()["code"], reply.json()["packs"]) == (
        "unknown_pack",
        ["STARTER", "VALUE", "PRO", "CUSTOM"],
    )
    assert Payment.objects.count() == AICreditPurchase.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"payment_method": "MOMO"}, "pack_type"),
        ({"pack_type": "VALUE"}, "payment_method"),
        ({"pack_type": "VALUE", "payment_method": "CASH"}, "payment_method"),
        ({"pack_type": "VALUE", "payment_method": "MOMO", "network": "glo"}, "network"),
        ({"pack_type": "VALUE", "payment_method": "MOMO", "callback_url": "javascript:x"}, "callback_url"),
    ],
)
def test_bad_orders(shop: Shop, sandbox: PaystackSandbox, body: dict[str, str], field: str) -> None:
    reply = shop.post("purchase/", body)
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert [error["field"] for error in reply.json()["errors"]] == [field]
    assert Payment.objects.count() == 0


def test_a_method_that_is_not_configured_orders_nothing(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "STRIPE"})
    assert (reply.status_code, reply.json()["code"]) == (400, "payment_method_unavailable")
    assert Payment.objects.count() == AICreditPurchase.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 201), ("manager", 201), ("cashier", 403), ("accountant", 403)]
)
def test_who_may_buy(shop: Shop, sandbox: PaystackSandbox, role: str, status: int) -> None:
    reply = shop.colleague(role).post("purchase/", {"pack_type": "VALUE", "payment_method": "MOMO"})
    assert reply.status_code == status
    assert Payment.objects.count() == (status == 201)
    if status == 403:
        assert (reply.json()["code"], reply.json()["needs"]) == ("role_not_allowed", "buy")


def test_not_paid_yet_is_202(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = shop.verify(shop.order())
    assert (reply.status_code, reply.json()) == (
        202,
        {
            "success": False,
            "status": "pending",
            "message": "The payment has not arrived yet. Approve it on your phone, then ask again.",
        },
    )
    assert shop.account is None


def test_declined_is_402_and_a_later_success_still_counts(shop: Shop, sandbox: PaystackSandbox) -> None:
    reference = shop.order()
    sandbox.pay(reference, "decline")
    reply = shop.verify(reference)
    assert (reply.status_code, reply.json()) == (
        402,
        {
            "code": "payment_failed",
            "detail": "The payment did not go through. Nothing was charged; try again.",
            "reason": Payment.objects.get().gateway_response,
        },
    )
    assert reply.json()["reason"] != ""
    assert (shop.account, AICreditPurchase.objects.get().status) == (None, "PENDING")
    sandbox.pay(reference, "approve")
    assert shop.verify(reference).json()["credits_added"] == 100
    assert shop.balance == D(100)


def test_a_foreign_reference_is_as_unknown_as_one_that_does_not_exist(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    other = Shop()
    reference = shop.order()
    sandbox.pay(reference)
    foreign, unknown = other.verify(reference), other.verify(f"sika-{uuid4().hex}")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content
    assert foreign.json()["code"] == "not_found"
    assert (shop.account, other.account) == (None, None)
    assert shop.verify(reference).json()["new_balance"] == 100
    assert other.account is None


@pytest.mark.parametrize("reference", ["", " ", "x" * 101, None, 7, "a\x00b", "../../etc/passwd", "' OR 1=1"])
def test_text_that_is_no_reference(shop: Shop, sandbox: PaystackSandbox, reference: Any) -> None:
    reply = shop.verify(reference)
    assert reply.status_code in (400, 404)
    assert reply.json()["code"] in ("validation_error", "not_found")
    assert sandbox.requests() == []


@pytest.mark.django_db(transaction=True)
def test_three_webhooks_and_two_verify_calls_at_once_credit_once(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    sandbox.script(webhook_copies=3)
    reference = shop.order()
    sandbox.pay(reference)
    posts = deliveries(sandbox, reference)
    assert len(posts) == 3
    twin = Shop(shop.membership)
    verifies = [lambda: shop.verify(reference).status_code, lambda: twin.verify(reference).status_code]
    assert together([*posts, *verifies]) == [200] * 5
    event = WebhookEvent.objects.get()  # three times the same body is one event
    outcomes = together([lambda: process(event.pk)] * 3 + [lambda: shop.verify(reference).status_code])
    assert outcomes == ["applied"] * 3 + [200]
    assert shop.balance == D(100)
    assert list(CreditEntry.objects.values_list("kind", "amount")) == [("grant", D(100))]
    assert CreditGrant.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_webhook_alone_credits(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    reference = shop.order()
    sandbox.pay(reference)
    assert [post() for post in deliveries(sandbox, reference)] == [200]
    assert shop.account is None  # kept and answered at once; the queue does the rest
    tasks.process_webhook(WebhookEvent.objects.get().pk)
    tasks.process_webhook(WebhookEvent.objects.get().pk)
    assert shop.balance == D(100)
    assert shop.verify(reference).json()["credits_added"] == 100
    assert shop.balance == D(100)


@pytest.mark.parametrize(
    "tamper", [{"amount": 100, "requested_amount": 100}, {"currency": "NGN"}, {"domain": "live"}]
)
def test_what_does_not_match_goes_to_review_and_credits_nothing(
    shop: Shop, sandbox: PaystackSandbox, tamper: dict[str, Any]
) -> None:
    reference = shop.order()
    sandbox.pay(reference)
    sandbox.script(tamper=tamper)
    for _ in range(2):
        reply = shop.verify(reference)
        assert (reply.status_code, reply.json()["success"], reply.json()["status"]) == (202, False, "review")
        sandbox.script(tamper={})
    assert Payment.objects.get().status == "REVIEW"
    assert (AICreditPurchase.objects.get().status, shop.account) == ("PENDING", None)
    assert CreditGrant.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_order_whose_page_was_lost_is_honoured_by_the_sweep(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    sandbox.script(fail_next="landed", lose_webhooks=True)
    reply = shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "MOMO"})
    assert (reply.status_code, reply.json()["code"]) == (503, "gateway_unavailable")
    payment = Payment.objects.get()
    assert (payment.status, AICreditPurchase.objects.get().status) == ("PENDING", "PENDING")
    sandbox.pay(payment.reference)
    due = schedule.claim_due(now=timezone.now() + timedelta(seconds=16))
    assert due == [payment.pk]
    for payment_id in due * 2:
        tasks.check_payment(payment_id)
    assert shop.balance == D(100)


@pytest.mark.parametrize("fault", ["500", "garbage", "drop"])
def test_a_gateway_that_is_down_leaves_an_order_and_no_credits(
    shop: Shop, sandbox: PaystackSandbox, fault: str
) -> None:
    sandbox.script(fail_next=fault, fail_calls=9)
    reply = shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "MOMO"})
    assert (reply.status_code, reply.json()["code"]) == (503, "gateway_unavailable")
    assert (AICreditPurchase.objects.get().status, Payment.objects.get().status) == ("PENDING", "PENDING")
    sandbox.reset()
    shop.buy(sandbox)
    assert shop.balance == D(100)


def test_verify_while_the_gateway_is_down_is_503_and_loses_nothing(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    reference = shop.order()
    sandbox.pay(reference)
    sandbox.script(fail_next="500", fail_calls=9)
    assert shop.verify(reference).status_code == 503
    sandbox.reset()
    assert shop.verify(reference).json()["new_balance"] == 100


def test_the_same_key_orders_once(shop: Shop, sandbox: PaystackSandbox) -> None:
    body = {"pack_type": "VALUE", "payment_method": "MOMO"}
    first = shop.post("purchase/", body, **{"Idempotency-Key": "order-0001"})
    again = shop.post("purchase/", body, **{"Idempotency-Key": "order-0001"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert Payment.objects.count() == AICreditPurchase.objects.count() == 1
    assert len(sandbox.requests()) == 1

    other = shop.post("purchase/", {**body, "pack_type": "PRO"}, **{"Idempotency-Key": "order-0001"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Payment.objects.count() == 1
    elsewhere = Shop().post("purchase/", body, **{"Idempotency-Key": "order-0001"})
    assert elsewhere.status_code == 201
    assert elsewhere.json()["purchase_id"] != first.json()["purchase_id"]


def test_a_refused_order_does_not_use_its_key_up(shop: Shop, sandbox: PaystackSandbox) -> None:
    sandbox.script(fail_next="500", fail_calls=9)
    body = {"pack_type": "VALUE", "payment_method": "MOMO"}
    assert shop.post("purchase/", body, **{"Idempotency-Key": "order-0001"}).status_code == 503
    sandbox.reset()
    assert shop.post("purchase/", body, **{"Idempotency-Key": "order-0001"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_once_orders_once(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    shops = [Shop(shop.membership) for _ in range(6)]
    body = {"pack_type": "VALUE", "payment_method": "MOMO"}
    replies = together(
        [partial(one.post, "purchase/", body, **{"Idempotency-Key": "order-0001"}) for one in shops]
    )
    statuses = sorted(reply.status_code for reply in replies)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    bodies = {reply.content for reply in replies if reply.status_code == 201}
    assert len(bodies) == 1
    assert Payment.objects.count() == AICreditPurchase.objects.count() == 1


def test_a_purchase_copies_the_price_it_was_ordered_at(shop: Shop, sandbox: PaystackSandbox) -> None:
    reference = shop.order()
    now = timezone.now()
    CreditPack.objects.create(
        type="VALUE", name="Value", price_ghs=D(160), credits=D(50), bonus_credits=D(0), effective_from=now
    )
    sandbox.pay(reference)
    assert shop.verify(reference).json()["credits_added"] == 100
    dearer = shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "MOMO"})
    assert exact(dearer)["pack_details"]["price"] == D("160.00")
    assert UUID(dearer.json()["purchase_id"]).version == 4
