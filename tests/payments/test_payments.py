"""Opening an attempt and its checkout page."""

from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Business
from payments.errors import GatewayUnavailable, PaymentClosed, PaymentMethodUnavailable, PaymentRejected
from payments.models import Payment
from payments.services import payments
from payments.types import PaymentStatus
from tests.sandboxes import PaystackSandbox

from .conftest import NOON, open_payment


def start(payment: Payment) -> Payment:
    return payments.start_checkout(payment_id=payment.pk, now=timezone.now())


def test_opened_payment_waits_and_will_be_asked_about(business: Business) -> None:
    payment = open_payment(business, now=NOON)
    assert payment.reference.startswith("sika-")
    assert len(payment.reference) == 37
    assert (payment.status, payment.gateway, payment.currency) == ("PENDING", "paystack", "GHS")
    assert payment.next_check_at is not None
    assert (payment.next_check_at - NOON).total_seconds() == 15


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1.005"])
def test_amount_must_be_whole_pesewas_above_zero(business: Business, amount: str) -> None:
    with pytest.raises(ValueError, match="whole pesewas"):
        open_payment(business, amount)
    assert Payment.objects.count() == 0


@pytest.mark.parametrize("method", ["STRIPE", "CASH", ""])
def test_method_that_is_not_offered(business: Business, method: str) -> None:
    with pytest.raises(PaymentMethodUnavailable):
        open_payment(business, method=method)
    assert Payment.objects.count() == 0


def test_gateway_without_a_key_is_not_offered(business: Business, settings: Settings) -> None:
    settings.PAYSTACK_SECRET_KEY = ""
    with pytest.raises(PaymentMethodUnavailable):
        open_payment(business)


@pytest.mark.parametrize(
    ("method", "channels"), [("PAYSTACK", ["card", "mobile_money"]), ("MOMO", ["mobile_money"])]
)
def test_what_is_sent_to_the_gateway(
    sandbox: PaystackSandbox, business: Business, method: str, channels: list[str]
) -> None:
    payment = start(open_payment(business, "19.99", method=method))
    assert payment.payment_url == f"{sandbox.url}/checkout/{payment.access_code}"
    [request] = sandbox.requests()
    assert request == {
        "method": "POST",
        "path": "/transaction/initialize",
        "query": {},
        "body": {
            "email": "ama@example.com",
            "amount": 1999,
            "currency": "GHS",
            "reference": payment.reference,
            "channels": channels,
            "callback_url": "http://127.0.0.1:8000/payments/return/",
            "metadata": {"purpose": "test_order"},
        },
    }


def test_callers_own_callback_url_is_used(sandbox: PaystackSandbox, business: Business) -> None:
    start(open_payment(business, callback_url="https://pos.example/back?shop=1"))
    assert sandbox.requests()[0]["body"]["callback_url"] == "https://pos.example/back?shop=1"


def test_starting_twice_gives_the_same_page(sandbox: PaystackSandbox, started: Payment) -> None:
    assert start(started).payment_url == started.payment_url
    assert len(sandbox.requests()) == 1


@pytest.mark.parametrize("fault", ["500", "drop", "timeout"])
def test_call_that_never_arrived_is_repeated_with_the_same_reference(
    sandbox: PaystackSandbox, business: Business, fault: str
) -> None:
    sandbox.script(fail_next=fault)
    payment = start(open_payment(business))
    assert payment.payment_url != ""
    assert [one["body"]["reference"] for one in sandbox.requests()] == [payment.reference] * 2


@pytest.mark.parametrize("fault", ["500", "drop", "timeout"])
def test_gateway_that_stays_away_leaves_the_attempt_open(
    sandbox: PaystackSandbox, business: Business, fault: str
) -> None:
    payment = open_payment(business)
    sandbox.script(fail_next=fault, fail_calls=2)
    with pytest.raises(GatewayUnavailable):
        start(payment)
    payment.refresh_from_db()
    assert (payment.status, payment.payment_url) == (PaymentStatus.PENDING, "")
    assert start(payment).payment_url != ""


@pytest.mark.parametrize("fault", ["401", "garbage"])
def test_answer_that_makes_no_sense_leaves_the_attempt_open(
    sandbox: PaystackSandbox, business: Business, fault: str
) -> None:
    payment = open_payment(business)
    sandbox.script(fail_next=fault)
    with pytest.raises(GatewayUnavailable):
        start(payment)
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.PENDING


def test_rate_limit_says_when_to_come_back(sandbox: PaystackSandbox, business: Business) -> None:
    sandbox.script(fail_next="429")
    with pytest.raises(GatewayUnavailable) as caught:
        start(open_payment(business))
    assert caught.value.data == {"retry_after": 1}
    assert len(sandbox.requests()) == 1


def test_lost_answer_can_not_be_asked_for_again_but_late_money_counts(
    sandbox: PaystackSandbox, business: Business, credited: list[str]
) -> None:
    from payments.services import settlement

    payment = open_payment(business)
    sandbox.script(fail_next="landed")
    with pytest.raises(GatewayUnavailable, match="start again"):
        start(payment)
    assert len(sandbox.requests()) == 2
    sandbox.pay(payment.reference)
    settled = settlement.verify(reference=payment.reference, now=timezone.now())
    assert (settled.status, credited) == ("SUCCESSFUL", [payment.reference])


def test_refused_payment_says_why_and_is_closed(sandbox: PaystackSandbox, business: Business) -> None:
    payment = open_payment(business, email="nobody@nowhere")
    with pytest.raises(PaymentRejected, match="Invalid Email Address Passed"):
        start(payment)
    payment.refresh_from_db()
    assert (payment.status, payment.next_check_at) == (PaymentStatus.FAILED, None)
    assert "Invalid Email Address Passed" in payment.gateway_response
    with pytest.raises(PaymentClosed):
        start(payment)


def test_amount_is_kept_to_the_pesewa(sandbox: PaystackSandbox, business: Business) -> None:
    for amount, pesewas in {"0.10": 10, "1.10": 110, "19.99": 1999, "10000000.00": 1_000_000_000}.items():
        start(open_payment(business, amount))
        assert sandbox.requests()[-1]["body"]["amount"] == pesewas
    assert Payment.objects.order_by("pk").first().amount_ghs == Decimal("0.10")  # type: ignore[union-attr]
