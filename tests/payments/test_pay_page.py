"""The page a payer waits on: what it shows, what it does, and that it gives nothing away."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Business
from payments.models import Payment
from payments.services import payments, settlement
from tests.sandboxes import PaystackSandbox

from .conftest import open_payment

PHONE = "0551234987"


def prompted(business: Business, now: datetime | None = None, **values: Any) -> Payment:
    """A payment whose prompt was sent at `now`."""
    now = now or timezone.now()
    payment = open_payment(business, method="MOMO", phone=PHONE, network="mtn", now=now)
    told = {
        "sent_at": now,
        "next_action": "approve_on_phone",
        "display_text": "Approve it with your PIN",
        **values,
    }
    Payment.objects.filter(pk=payment.pk).update(**told)
    payment.refresh_from_db()
    return payment


def page(client: Client, reference: str, suffix: str = "", **post: str) -> tuple[int, str, str]:
    """Status, outcome and text."""
    path = f"/payments/{reference}/{suffix}"
    reply = client.post(path, post) if suffix.endswith("/") else client.get(path)
    text = reply.content.decode()
    found = re.search(r'data-outcome="(\w+)"', text)
    return reply.status_code, found[1] if found else "", text


def state(client: Client, payment: Payment) -> Any:
    return client.get(f"/payments/{payment.reference}/state/").json()


def test_it_shows_the_amount_and_a_masked_phone_and_not_whose_shop_it_is(
    client: Client, business: Business, sandbox: PaystackSandbox
) -> None:
    payment = prompted(business)
    status, outcome, text = page(client, payment.reference)
    assert (status, outcome) == (200, "approve")
    for shown in ("GHS 50.00", "MTN MoMo", "055•••4987", "Approve it with your PIN", "I have paid"):
        assert shown in text
    for hidden in (business.name, "Ama", payment.email, PHONE, str(business.pk)):
        assert hidden not in text
    assert sandbox.requests() == []  # the gateway is left alone for ten seconds


def test_its_headers(client: Client, business: Business) -> None:
    reply = client.get(f"/payments/{prompted(business).reference}/")
    assert "no-store" in reply["Cache-Control"]
    # Not "no-referrer": browsers would then send its own forms without an origin, which CSRF refuses.
    assert reply["Referrer-Policy"] == "same-origin"
    assert "script-src 'self'" in reply["Content-Security-Policy"]
    assert "<script>" not in reply.content.decode()


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({}, "approve"),
        ({"next_action": "enter_otp"}, "code"),
        ({"next_action": "wait"}, "wait"),
        ({"next_action": "open_url", "payment_url": "https://bank.example/3ds"}, "open"),
        ({"status": "FAILED", "prompt_open": False, "gateway_response": "Declined"}, "failed"),
        (
            {"status": "FAILED", "prompt_open": False, "gateway_response": settlement.UNANSWERED},
            "timed_out",
        ),
        ({"status": "REVIEW", "prompt_open": False, "review_reason": "x", "next_check_at": None}, "review"),
    ],
)
def test_each_state_has_a_page(
    client: Client, business: Business, sandbox: PaystackSandbox, values: dict[str, Any], outcome: str
) -> None:
    payment = prompted(business, **values)
    assert page(client, payment.reference)[:2] == (200, outcome)
    assert state(client, payment)["outcome"] == outcome
    text = page(client, payment.reference, "?retry")[2]
    assert ('name="network"' in text) == (outcome != "review")


def test_a_prompt_that_never_reached_the_gateway(
    client: Client, business: Business, sandbox: PaystackSandbox
) -> None:
    payment = prompted(business, now=timezone.now() - timedelta(seconds=181))
    status, outcome, text = page(client, payment.reference)
    assert (status, outcome) == (200, "failed")
    assert settlement.NEVER_ARRIVED in text
    payment.refresh_from_db()
    assert (payment.status, payment.prompt_open, payment.next_action) == ("FAILED", False, "")


def test_the_countdown(client: Client, business: Business, sandbox: PaystackSandbox) -> None:
    payment = prompted(business, now=timezone.now() - timedelta(seconds=60))
    body = state(client, payment)
    assert body["outcome"] == "approve"
    assert 118 <= body["seconds_left"] <= 120
    assert re.search(r'<span id="left">(1:59|2:00|1:58)</span>', page(client, payment.reference)[2])


def test_whoever_looks_the_gateway_is_asked_once_in_ten_seconds(
    client: Client, business: Business, sandbox: PaystackSandbox
) -> None:
    payment = prompted(business, now=timezone.now() - timedelta(seconds=20))
    for _ in range(3):
        state(client, payment)
        page(client, payment.reference)
    assert len(sandbox.requests()) == 1


def test_an_unknown_reference(client: Client, db: None, sandbox: PaystackSandbox) -> None:
    assert page(client, "sika-unknown")[:2] == (404, "unknown")
    reply = client.get("/payments/sika-unknown/state/")
    assert (reply.status_code, reply.json()) == (404, {"code": "not_found", "detail": "Not found."})
    for suffix in ("otp/", "paid/", "retry/"):
        assert page(client, "sika-unknown", suffix)[:2] == (404, "unknown")
    assert sandbox.requests() == []


@pytest.mark.parametrize("suffix", ["otp/", "paid/", "retry/"])
def test_its_forms_are_posted_and_carry_a_token(client: Client, business: Business, suffix: str) -> None:
    payment = prompted(business)
    assert client.get(f"/payments/{payment.reference}/{suffix}").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/payments/{payment.reference}/{suffix}").status_code == 403
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("callback", "button"),
    [
        ("https://pos.example/back?x=1&y=", 'href="https://pos.example/back?x=1&amp;y=&amp;reference=REF"'),
        ("http://127.0.0.1:8000/app", 'href="http://127.0.0.1:8000/app?reference=REF"'),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//evil.example", ""),
        ("", ""),
    ],
)
def test_paid_goes_back_to_the_shop_by_an_ordinary_address_only(
    client: Client,
    business: Business,
    sandbox: PaystackSandbox,
    credited: list[str],
    started: Payment,
    callback: str,
    button: str,
) -> None:
    Payment.objects.filter(pk=started.pk).update(callback_url=callback)
    sandbox.pay(started.reference)
    status, outcome, text = page(client, started.reference)
    assert (status, outcome) == (200, "paid")
    assert ("http-equiv" in text, "Back to the shop" in text) == (bool(button), bool(button))
    assert button.replace("REF", started.reference) in text
    assert "javascript:" not in text


def test_i_have_paid_asks_and_says_so(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    status, outcome, text = page(client, started.reference, "paid/")
    assert (status, outcome) == (200, "open")
    assert "We have not seen the payment arrive yet" in text
    sandbox.pay(started.reference)
    reply = client.post(f"/payments/{started.reference}/paid/")
    assert (reply.status_code, reply["Location"]) == (302, f"/payments/{started.reference}/")
    assert page(client, started.reference)[1] == "paid"
    assert credited == [started.reference]


@pytest.mark.parametrize("fault", ["500", "garbage"])
def test_it_is_shown_while_the_gateway_is_away(
    client: Client, sandbox: PaystackSandbox, started: Payment, fault: str
) -> None:
    sandbox.script(fail_next=fault, fail_calls=9)
    assert page(client, started.reference)[:2] == (200, "open")
    status, outcome, text = page(client, started.reference, "paid/")
    assert (status, outcome) == (503, "open")
    assert "can&#x27;t be reached" in text


def test_money_that_nobody_claims_is_not_called_paid(
    client: Client, sandbox: PaystackSandbox, started: Payment
) -> None:
    sandbox.pay(started.reference)
    assert page(client, started.reference)[:2] == (200, "open")
    assert page(client, started.reference, "paid/")[:2] == (200, "open")


def test_too_many_presses_are_told_to_wait(
    client: Client, sandbox: PaystackSandbox, started: Payment
) -> None:
    pressed = [page(client, started.reference, "paid/")[0] for _ in range(13)]
    assert pressed == [200] * 12 + [429]
    assert page(client, started.reference)[0] == 200  # looking is another matter
    cache.clear()


def test_trying_the_gateways_page_instead(
    client: Client, business: Business, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    payment = prompted(business)
    reply = client.post(f"/payments/{payment.reference}/retry/", {"method": "PAYSTACK"})
    again = Payment.objects.get(first_attempt=payment)
    assert (reply.status_code, reply["Location"]) == (302, f"/payments/{again.reference}/")
    status, outcome, text = page(client, again.reference)
    assert (status, outcome) == (200, "open")
    assert f'href="{again.payment_url}"' in text
    assert (again.started_by, again.amount_ghs, again.purpose) == (None, payment.amount_ghs, "test_order")
    # Paid there: the page of the first attempt says so, too.
    sandbox.pay(again.reference)
    assert page(client, payment.reference, "paid/")[0] == 302
    assert page(client, payment.reference)[1] == "paid"
    assert credited == [again.reference]


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"phone": "12", "network": "mtn"}, "Enter a mobile number of Ghana"),
        ({"phone": "0241234567", "network": "glo"}, "is not a valid choice"),
        ({"phone": "0241234567"}, "Name the network"),
        ({"method": "CASH"}, "is not a valid choice"),
        ({"phone": "055 123 4987", "network": "vod"}, "A payment prompt is already open on this phone"),
    ],
)
def test_a_form_that_can_not_be_followed_says_why(
    client: Client, business: Business, sandbox: PaystackSandbox, form: dict[str, str], problem: str
) -> None:
    payment = prompted(business)
    status, outcome, text = page(client, payment.reference, "retry/", **form)
    assert (status, outcome) == (409 if "already open" in problem else 400, "approve")
    assert problem in text
    assert 'name="network"' in text  # the form is there to be corrected
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("otp", ["", "123", "12345678901", "12 34", "<b>hi</b>"])
def test_a_code_that_is_none_is_not_sent(
    client: Client, business: Business, sandbox: PaystackSandbox, otp: str
) -> None:
    payment = prompted(business, next_action="enter_otp")
    status, outcome, text = page(client, payment.reference, "otp/", otp=otp)
    assert (status, outcome) == (400, "code")
    assert "<b>hi" not in text
    assert sandbox.requests() == []


def test_a_code_nobody_asked_for(client: Client, business: Business, sandbox: PaystackSandbox) -> None:
    status, outcome, text = page(client, prompted(business).reference, "otp/", otp="123456")
    assert (status, outcome) == (409, "approve")
    assert "This payment is not waiting for a code." in text
    assert sandbox.requests() == []


def test_without_a_script_it_looks_again_by_itself(client: Client, business: Business) -> None:
    payment = prompted(business)
    text = page(client, payment.reference)[2]
    refresh = (
        f'<noscript><meta http-equiv="refresh" content="5;url=/payments/{payment.reference}/"></noscript>'
    )
    assert refresh in text
    assert "http-equiv" not in page(client, payment.reference, "?retry")[2]  # not under somebody's fingers
    Payment.objects.update(next_action="enter_otp")
    assert "http-equiv" not in page(client, payment.reference)[2]


def test_a_prompt_with_a_code_from_beginning_to_end(
    client: Client, business: Business, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    payment = open_payment(business, method="MOMO", phone=PHONE, network="vod")
    payments.start(payment_id=payment.pk, now=timezone.now())
    status, outcome, text = page(client, payment.reference)
    assert (status, outcome) == (200, "code")
    assert "Please dial *110#" in text
    status, outcome, text = page(client, payment.reference, "otp/", otp="000000")
    assert (status, outcome) == (400, "code")
    assert "That code was not accepted." in text
    assert client.post(f"/payments/{payment.reference}/otp/", {"otp": "123456"}).status_code == 302
    assert page(client, payment.reference)[1] == "approve"
    sandbox.phone(payment.reference)
    assert client.post(f"/payments/{payment.reference}/paid/").status_code == 302
    assert page(client, payment.reference)[:2] == (200, "paid")
    assert state(client, payment)["outcome"] == "paid"
    assert credited == [payment.reference]


def test_another_network_from_the_page(
    client: Client, business: Business, sandbox: PaystackSandbox, credited: list[str]
) -> None:
    payment = open_payment(business, method="MOMO", phone=PHONE, network="mtn")
    payments.start(payment_id=payment.pk, now=timezone.now())
    sandbox.phone(payment.reference, "decline")
    page(client, payment.reference, "paid/")
    assert page(client, payment.reference)[1] == "failed"
    form = {"phone": "+233 20 123 4567", "network": "atl"}
    reply = client.post(f"/payments/{payment.reference}/retry/", form)
    again = Payment.objects.get(first_attempt=payment)
    assert (reply.status_code, reply["Location"]) == (302, f"/payments/{again.reference}/")
    text = page(client, again.reference)[2]
    assert "AT Money · 020•••4567" in text
    sandbox.phone(again.reference)
    assert client.post(f"/payments/{payment.reference}/paid/").status_code == 302
    assert [page(client, one.reference)[1] for one in (payment, again)] == ["paid", "paid"]
    status, outcome, _ = page(client, payment.reference, "retry/", phone="0271234567", network="atl")
    assert (status, outcome, Payment.objects.count()) == (409, "paid", 2)


def test_paid_twice_is_said(client: Client, business: Business, sandbox: PaystackSandbox) -> None:
    now = timezone.now()
    payment = prompted(business, prompt_open=False, status="SUCCESSFUL", settled_at=now, next_check_at=None)
    told = {"paid_ghs": payment.amount_ghs, "gateway_domain": "test", "unapplied": True}
    Payment.objects.filter(pk=payment.pk).update(**told)
    status, outcome, text = page(client, payment.reference)
    assert (status, outcome) == (200, "twice")
    assert "will be refunded" in text
