"""Buying credits with a prompt on a phone or a saved card, through the API."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from payments.models import Payment, SavedCard
from payments.services import settlement
from subscriptions.models import AddonPeriod, AICreditPurchase, AIMonthlyAddon, CreditGrant
from tests.concurrency.together import together
from tests.sandboxes import PaystackSandbox

from .shop import Shop, exact

D = Decimal
MOMO = {"pack_type": "VALUE", "payment_method": "MOMO", "phone": "055 123 4987", "network": "mtn"}
CARD = {"pack_type": "VALUE", "payment_method": "PAYSTACK"}


def charges(sandbox: PaystackSandbox) -> list[Any]:
    return [one["body"] for one in sandbox.requests() if one["path"] == "/charge"]


def post(shop: Shop, reference: str, what: str, body: Any) -> Any:
    return shop.client.post(f"/api/payments/{reference}/{what}/", body)


def status(shop: Shop, reference: str) -> Any:
    return shop.client.get(f"/api/payments/{reference}/").json()


def test_a_prompt_is_sent_and_the_answer_says_what_to_do(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = shop.post("purchase/", MOMO)
    assert reply.status_code == 201
    purchase, payment = AICreditPurchase.objects.get(), Payment.objects.get()
    body = exact(reply)
    left = parse_datetime(body.pop("expires_at"))
    assert left is not None
    assert 170 < (left - timezone.now()).total_seconds() <= 180
    assert body.pop("display_text") == "Please complete authorization process on your mobile phone"
    assert body == {
        "purchase_id": str(purchase.pk),
        "payment_reference": payment.reference,
        "payment_status": "PENDING",
        "payment_url": f"http://127.0.0.1:8000/payments/{payment.reference}/",
        "next_action": "approve_on_phone",
        "pack_details": {
            "type": "VALUE",
            "price": D("80.00"),
            "credits": D("83.33"),
            "bonus": D("16.67"),
            "total_credits": D("100.00"),
        },
    }
    assert charges(sandbox)[0]["mobile_money"] == {"phone": "0551234987", "provider": "mtn"}
    assert shop.verify(payment.reference).status_code == 202
    sandbox.phone(payment.reference)
    assert shop.verify(payment.reference).json()["credits_added"] == 100
    assert status(shop, payment.reference)["status"] == "SUCCESSFUL"
    assert (shop.balance, len(charges(sandbox))) == (D(100), 1)


@pytest.mark.parametrize("phone", ["0551234987", "+233551234987", "233 55 123 4987", "00233551234987"])
def test_a_phone_in_any_usual_writing(shop: Shop, sandbox: PaystackSandbox, phone: str) -> None:
    assert shop.post("purchase/", {**MOMO, "phone": phone}).status_code == 201
    assert Payment.objects.get().phone == "0551234987"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "12345"}, "phone"),
        ({"phone": "+447911123456"}, "phone"),
        ({"phone": "055\x00123"}, "phone"),
        ({"phone": None}, "phone"),
        ({"phone": ["0551234987"]}, "phone"),
        ({"network": "glo"}, "network"),
        ({"network": "MTN"}, "network"),
        ({"payment_method": "PAYSTACK"}, "phone"),
        ({"save_card": True}, "save_card"),
        ({"card_id": 1}, "card_id"),
        ({"card_id": "x"}, "card_id"),
        ({"card_id": 0}, "card_id"),
    ],
)
def test_a_way_to_pay_that_makes_no_sense(
    shop: Shop, sandbox: PaystackSandbox, changes: dict[str, Any], field: str
) -> None:
    reply = shop.post("purchase/", MOMO | changes)
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert field in [error["field"] for error in reply.json()["errors"]]
    assert (Payment.objects.count(), AICreditPurchase.objects.count(), sandbox.requests()) == (0, 0, [])


@pytest.mark.parametrize(("left_out", "field"), [("network", "network"), ("phone", "phone")])
def test_a_phone_goes_with_its_network(
    shop: Shop, sandbox: PaystackSandbox, left_out: str, field: str
) -> None:
    reply = shop.post("purchase/", {name: value for name, value in MOMO.items() if name != left_out})
    assert [error["field"] for error in reply.json()["errors"]] == [field]
    assert Payment.objects.count() == 0


def test_a_second_prompt_orders_nothing(shop: Shop, sandbox: PaystackSandbox) -> None:
    first = shop.order(**MOMO)
    own, foreign = shop.post("purchase/", MOMO), Shop().post("purchase/", MOMO)
    assert (own.status_code, own.json()["code"]) == (409, "prompt_open")
    assert own.json()["reference"] == first
    assert (foreign.status_code, set(foreign.json())) == (409, {"code", "detail", "expires_at"})
    assert Payment.objects.count() == AICreditPurchase.objects.count() == 1
    assert len(charges(sandbox)) == 1


def test_the_code_step(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = shop.post("purchase/", {**MOMO, "network": "vod"}).json()
    reference = reply["payment_reference"]
    assert reply["next_action"] == "enter_otp"
    assert "*110#" in reply["display_text"]
    assert shop.verify(reference).json()["message"] == (
        "The payment waits for a code. Enter it, then ask again."
    )
    wrong = post(shop, reference, "otp", {"otp": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "code_refused")
    assert "000000" not in wrong.content.decode()
    right = post(shop, reference, "otp", {"otp": "123456"})
    assert (right.status_code, right.json()["next_action"]) == (200, "approve_on_phone")
    again = post(shop, reference, "otp", {"otp": "123456"})
    assert (again.status_code, again.json()["code"]) == (409, "no_code_expected")
    sandbox.phone(reference)
    assert shop.verify(reference).json()["new_balance"] == 100


@pytest.mark.parametrize("otp", [None, "", "123", "12345678901", "12 345", "٣٤٥٦", ["123456"], "1234\n"])
def test_a_code_that_is_none(shop: Shop, sandbox: PaystackSandbox, otp: Any) -> None:
    reference = shop.order(**{**MOMO, "network": "vod"})
    reply = post(shop, reference, "otp", {} if otp is None else {"otp": otp})
    ok = otp == "1234\n"  # trimmed, then refused by the gateway
    assert (reply.status_code, reply.json()["code"]) == (400, "code_refused" if ok else "validation_error")


def test_another_network_pays_the_same_order(shop: Shop, sandbox: PaystackSandbox) -> None:
    first = shop.order(**MOMO)
    sandbox.phone(first, "decline")
    failed = shop.verify(first)
    assert (failed.status_code, failed.json()["code"]) == (402, "payment_failed")
    reply = post(shop, first, "retry", {"phone": "0201234567", "network": "atl"})
    second = reply.json()
    assert (reply.status_code, second["method"], second["next_action"]) == (201, "MOMO", "approve_on_phone")
    assert [one["reference"] for one in second["attempts"]] == [second["reference"], first]
    assert shop.verify(first).status_code == 202  # the order waits for its second attempt
    sandbox.phone(second["reference"])
    for reference in (first, second["reference"], first):
        verified = shop.verify(reference)
        assert (verified.status_code, verified.json()["credits_added"]) == (200, 100)
    assert (shop.balance, CreditGrant.objects.count()) == (D(100), 1)
    purchase = AICreditPurchase.objects.get()
    attempts = {first: purchase.payment_id, second["reference"]: purchase.paid_by_id}
    assert attempts == {one.reference: one.pk for one in Payment.objects.all()}
    refused = post(shop, first, "retry", {"phone": "0271234567", "network": "atl"})
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_closed")
    assert refused.json()["detail"] == "This order is paid already. There is nothing more to pay."


def test_i_have_paid_finds_the_attempt_that_was(shop: Shop, sandbox: PaystackSandbox) -> None:
    first = shop.order(**MOMO)
    second = post(shop, first, "retry", {}).json()
    assert second["next_action"] == "open_url"
    sandbox.phone(first)  # approved on the phone after all, while the page is open
    verified = shop.verify(second["reference"])
    assert (verified.status_code, verified.json()["credits_added"]) == (200, 100)
    assert Payment.objects.get(reference=second["reference"]).status == "PENDING"


@pytest.mark.django_db(transaction=True)
def test_two_attempts_paid_at_once_credit_once_and_the_other_waits_for_its_refund(
    sandbox: PaystackSandbox,
) -> None:
    shop = Shop()
    first = shop.order(**MOMO)
    second = post(shop, first, "retry", {"phone": "0201234567", "network": "atl"}).json()["reference"]
    sandbox.phone(first)
    sandbox.phone(second)
    now = timezone.now()
    calls = [partial(settlement.verify, reference=one, now=now) for one in (first, second)] * 4
    assert {one.status for one in together(calls)} == {"SUCCESSFUL"}
    assert sorted(Payment.objects.values_list("unapplied", flat=True)) == [False, True]
    assert (shop.balance, CreditGrant.objects.count()) == (D(100), 1)
    applied = Payment.objects.get(unapplied=False)
    assert AICreditPurchase.objects.get().paid_by_id == applied.pk
    twice = shop.verify(Payment.objects.get(unapplied=True).reference)
    assert (twice.status_code, twice.json()["credits_added"]) == (200, 0)
    assert "It will be refunded" in twice.json()["message"]
    assert shop.verify(applied.reference).json()["credits_added"] == 100


def test_only_those_who_may_buy_enter_codes_and_try_again(shop: Shop, sandbox: PaystackSandbox) -> None:
    reference = shop.order(**MOMO)
    cashier = shop.colleague("cashier")
    assert post(cashier, reference, "otp", {"otp": "123456"}).status_code == 403
    assert post(cashier, reference, "retry", {}).status_code == 403
    assert Payment.objects.count() == 1


def test_a_prompt_whose_answer_is_lost_is_ordered_once(shop: Shop, sandbox: PaystackSandbox) -> None:
    sandbox.script(fail_next="landed")
    key = {"Idempotency-Key": "order-0001"}
    first, again = shop.post("purchase/", MOMO, **key), shop.post("purchase/", MOMO, **key)
    assert (first.status_code, first.json()["next_action"]) == (201, "wait")
    assert again.content == first.content
    assert (len(charges(sandbox)), Payment.objects.count()) == (1, 1)
    sandbox.phone(first.json()["payment_reference"])
    assert shop.verify(first.json()["payment_reference"]).json()["new_balance"] == 100


@pytest.fixture
def card(shop: Shop, sandbox: PaystackSandbox) -> SavedCard:
    reference = shop.order("STARTER", payment_method="PAYSTACK", save_card=True)
    sandbox.pay(reference, channel="card")
    assert shop.verify(reference).json()["credits_added"] == 30
    return SavedCard.objects.get()


def test_a_saved_card_pays_at_once(shop: Shop, sandbox: PaystackSandbox, card: SavedCard) -> None:
    reply = shop.post("purchase/", {**CARD, "card_id": card.pk})
    assert reply.status_code == 201
    assert (reply.json()["payment_status"], reply.json()["next_action"]) == ("SUCCESSFUL", "")
    assert shop.balance == D(130)
    assert "AUTH_" not in reply.content.decode()


def test_a_bank_that_wants_to_see_the_payer(shop: Shop, sandbox: PaystackSandbox, card: SavedCard) -> None:
    sandbox.script(card_charge="challenge")
    reply = shop.post("purchase/", {**CARD, "card_id": card.pk}).json()
    assert (reply["payment_status"], reply["next_action"]) == ("PENDING", "open_url")
    assert reply["payment_url"].startswith(f"{sandbox.url}/checkout/")
    sandbox.pay(reply["payment_reference"], channel="card")
    assert shop.verify(reply["payment_reference"]).json()["new_balance"] == 130


def test_a_declined_card_can_be_followed_by_another_way(
    shop: Shop, sandbox: PaystackSandbox, card: SavedCard
) -> None:
    sandbox.script(card_charge="failed")
    reply = shop.post("purchase/", {**CARD, "card_id": card.pk})
    assert (reply.status_code, reply.json()["code"]) == (402, "payment_failed")
    assert reply.json()["reason"] == "Declined"
    again = post(shop, reply.json()["reference"], "retry", {"phone": "0201234567", "network": "mtn"})
    sandbox.phone(again.json()["reference"])
    assert shop.verify(again.json()["reference"]).json()["new_balance"] == 130


def test_an_expired_card(shop: Shop, sandbox: PaystackSandbox, card: SavedCard) -> None:
    SavedCard.objects.update(exp_year=2020)
    reply = shop.post("purchase/", {**CARD, "card_id": card.pk})
    assert (reply.status_code, reply.json()["code"]) == (400, "card_unusable")
    assert AICreditPurchase.objects.count() == 1


def test_the_add_on_by_prompt_and_by_card(shop: Shop, sandbox: PaystackSandbox, card: SavedCard) -> None:
    way = {"payment_method": "MOMO", "phone": "0551234987", "network": "mtn"}
    reply = shop.post("addon/subscribe/", way)
    assert (reply.status_code, reply.json()["next_action"]) == (201, "approve_on_phone")
    sandbox.phone(reply.json()["payment_reference"], "decline")
    shop.verify(reply.json()["payment_reference"])
    paid = shop.post("addon/subscribe/", {"payment_method": "PAYSTACK", "card_id": card.pk})
    assert (paid.status_code, paid.json()["payment_status"]) == (201, "SUCCESSFUL")
    assert AIMonthlyAddon.objects.get(status="ACTIVE").periods.get().payment.card_id == card.pk
    sandbox.phone(reply.json()["payment_reference"], "late")
    late = shop.verify(reply.json()["payment_reference"])
    assert (late.status_code, late.json()["credits_added"]) == (200, 0)  # a second add-on: to be refunded
    assert Payment.objects.filter(unapplied=True).count() == 1
    assert AddonPeriod.objects.filter(paid_by__isnull=False).count() == 1
    assert shop.balance == D(130)
