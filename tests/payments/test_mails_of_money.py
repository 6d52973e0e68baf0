"""Money that waits for a person is told to staff: once for each payment, and surely when it is committed."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import models, transaction
from django.utils import timezone
from pytest_django import Settings

from payments import signals
from payments.models import Payment
from payments.services import settlement
from payments.types import Claim
from subscriptions.models import Alert
from tests.concurrency.together import together
from tests.mails import send_alerts
from tests.sandboxes import PaystackSandbox


@pytest.fixture(autouse=True)
def ops(settings: Settings) -> None:
    settings.OPS_EMAILS = ["ops@sika.test"]


@pytest.fixture
def paid_twice(started: Payment) -> Iterator[Payment]:
    """What it is for was paid by another payment."""

    def receive(sender: type[models.Model], **kwargs: object) -> Claim:
        return Claim.UNAPPLIED

    signals.payment_succeeded.connect(receive)
    yield started
    signals.payment_succeeded.disconnect(receive)


def verify(payment: Payment) -> Payment:
    return settlement.verify(reference=payment.reference, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_payment_in_review_is_mailed_once(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.pay(started.reference)
    sandbox.script(tamper={"amount": 5100})
    together([partial(verify, started)] * 8)
    assert verify(started).status == "REVIEW"
    assert send_alerts() == [
        (
            "[Sika] A payment differs from what was asked for, and waits for a decision",
            f"reference: {started.reference}\nreason: {Payment.objects.get().review_reason}\n\n"
            f"http://127.0.0.1:8000/admin/payments/payment/?q={started.reference}",
        )
    ]


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_nothing_is_given_for_is_mailed_once(
    sandbox: PaystackSandbox, paid_twice: Payment
) -> None:
    sandbox.pay(paid_twice.reference)
    together([partial(verify, paid_twice)] * 8)
    assert verify(paid_twice).unapplied
    assert send_alerts() == [
        (
            "[Sika] A payment of 50.00 cedis has to be refunded: its order was paid before",
            f"reference: {paid_twice.reference}\npurpose: test_order\n\n"
            f"http://127.0.0.1:8000/admin/payments/payment/?q={paid_twice.reference}",
        )
    ]


class Stopped(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_is_not_mailed(sandbox: PaystackSandbox, paid_twice: Payment) -> None:
    sandbox.pay(paid_twice.reference)
    gateway_says = settlement.providers.gateway("paystack").verify(
        reference=paid_twice.reference, access_code=""
    )
    with pytest.raises(Stopped), transaction.atomic():
        settlement._apply(
            payment_id=paid_twice.pk, report=gateway_says, domain="test", now=timezone.now() + timedelta(1)
        )
        raise Stopped
    assert not Alert.objects.exists()
    assert send_alerts() == []
    assert Payment.objects.get().status == "PENDING"
    assert verify(paid_twice).unapplied
    assert len(send_alerts()) == 1
    assert len(send_alerts()) == 1


def test_a_payment_that_is_as_it_should_be_is_not_mailed(
    sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    sandbox.pay(started.reference)
    assert verify(started).status == "SUCCESSFUL"
    assert send_alerts() == []
