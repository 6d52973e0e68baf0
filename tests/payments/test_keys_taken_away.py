"""A gateway's keys are taken away while something is open there: it waits, and goes on when they are back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from payments import tasks
from payments.models import Dispute, Payment, Refund
from payments.providers.base import DisputeReport
from payments.services import disputes, payments, refunds, schedule, settlement

from .conftest import open_payment
from .stripe_server import SECRET_KEY, StripeServer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def start(business: Any) -> Payment:
    payment = open_payment(business, method="STRIPE")
    return payments.start_checkout(payment_id=payment.pk, now=timezone.now())


@pytest.fixture
def without_keys(stripe_api: StripeServer, business: Any, credited: list[str], settings: Settings) -> Payment:
    """Opened and paid at Stripe, unknown to us, when Stripe's key is removed."""
    payment = start(business)
    stripe_api.pay(payment.access_code)
    settings.STRIPE_SECRET_KEY = ""
    return payment


def test_the_sweep_says_it_once_and_tries_hourly(without_keys: Payment, business: Any) -> None:
    open_payment(business, "60.00", method="PAYSTACK")
    due = timezone.now() + timedelta(minutes=1)
    with capture_logs() as logs:
        (theirs,) = schedule.claim_due(now=due)
        assert schedule.claim_due(now=due) == []
    assert Payment.objects.get(pk=theirs).gateway == "paystack"
    told = {"gateways": ["stripe"], "what": "payment", "count": 1}
    assert logs == [{"event": "gateway_without_keys", "log_level": "error", **told}]
    without_keys.refresh_from_db()
    assert (without_keys.status, without_keys.next_check_at) == ("PENDING", due + HOUR)
    with capture_logs() as logs:
        assert without_keys.pk not in schedule.claim_due(now=due + HOUR)
    assert [line["count"] for line in logs] == [1]


def test_the_task_raises_nothing(without_keys: Payment) -> None:
    Payment.objects.filter(pk=without_keys.pk).update(next_check_at=timezone.now() - HOUR)
    tasks.sweep_payments()
    without_keys.refresh_from_db()
    assert without_keys.next_check_at is not None
    assert without_keys.next_check_at > timezone.now() + HOUR / 2


def test_nothing_is_lost_when_the_keys_come_back_days_later(
    without_keys: Payment, settings: Settings, credited: list[str]
) -> None:
    now = timezone.now()
    for hours in range(1, 73):
        assert schedule.claim_due(now=now + hours * HOUR) == []
    settings.STRIPE_SECRET_KEY = SECRET_KEY
    assert schedule.claim_due(now=now + 73 * HOUR) == [without_keys.pk]
    found = settlement.check(payment_id=without_keys.pk, now=now + 73 * HOUR)
    assert (found.status, credited) == ("SUCCESSFUL", [found.reference])


def test_refunds_and_disputes_wait_too(
    stripe_api: StripeServer, business: Any, settings: Settings, taken_back: list[tuple[str, str]]
) -> None:
    payment = start(business)
    stripe_api.pay(payment.access_code)
    now = timezone.now()
    payment = settlement.verify(reference=payment.reference, now=now)
    refund = refunds.open_refund(
        payment_id=payment.pk, amount_ghs=Decimal(1), reason="Too much", requested_by=7, now=now
    )
    disputes.observe(report=DisputeReport("du_1", payment.reference, None, "", ""), now=now)
    settings.STRIPE_SECRET_KEY = ""
    with capture_logs() as logs:
        assert (refunds.claim_due(now=now + DAY), disputes.claim_due(now=now + DAY)) == ([], [])
    assert [(line["what"], line["count"]) for line in logs] == [("refund", 1), ("dispute", 1)]
    assert Refund.objects.get().next_check_at == Dispute.objects.get().next_check_at == now + DAY + HOUR
    settings.STRIPE_SECRET_KEY = SECRET_KEY
    assert refunds.claim_due(now=now + 2 * DAY) == [refund.pk]
    assert Refund.objects.get().attempts == 0
