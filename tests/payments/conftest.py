from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Business
from payments import signals
from payments.models import Dispute, Payment, Refund
from payments.services import payments, settlement
from payments.types import Claim, RefundStatus
from tests.sandboxes import PaystackSandbox

from .desk import desk

__all__ = ["desk"]

from .stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer, serving


@pytest.fixture
def business(db: None) -> Business:
    return Business.objects.create(name="Ama's shop")


@pytest.fixture
def credited(db: None) -> Iterator[list[str]]:
    """A listener with a real effect in the same transaction: it adds the amount to the shop's name.

    Yields the references it was told of, including those undone later.
    """
    told: list[str] = []

    def receive(
        sender: type[models.Model], payment: Payment, now: datetime, **kwargs: object
    ) -> Claim | None:
        if payment.purpose != "test_order":
            return None
        told.append(payment.reference)
        Business.objects.filter(pk=payment.business_id).update(
            name=models.functions.Concat("name", models.Value(f" +{payment.amount_ghs}"))
        )
        return Claim.APPLIED

    signals.payment_succeeded.connect(receive)
    yield told
    signals.payment_succeeded.disconnect(receive)


@pytest.fixture
def taken_back(credited: list[str]) -> Iterator[list[tuple[str, str]]]:
    """Beside `credited`: a listener for money that goes back, which notes it in the shop's name, too.

    Yields what it was told: (kind, state), including what was undone later.
    """
    told: list[tuple[str, str]] = []

    def note(payment: Payment, text: str) -> Claim | None:
        if payment.purpose != "test_order":
            return None
        Business.objects.filter(pk=payment.business_id).update(
            name=models.functions.Concat("name", models.Value(text))
        )
        return Claim.APPLIED

    def on_refund(payment: Payment, refund: Refund, **kwargs: object) -> Claim | None:
        told.append(("refund", refund.status))
        return note(payment, f" -{refund.amount_ghs}" if refund.status == RefundStatus.PROCESSED else " -0")

    def on_dispute(payment: Payment, dispute: Dispute, **kwargs: object) -> Claim | None:
        told.append(("dispute", dispute.status))
        return note(payment, f" {dispute.status}")

    signals.payment_refunded.connect(on_refund)
    signals.payment_disputed.connect(on_dispute)
    yield told
    signals.payment_refunded.disconnect(on_refund)
    signals.payment_disputed.disconnect(on_dispute)


def shop_name(payment: Payment) -> str:
    return Business.objects.get(pk=payment.business_id).name


@pytest.fixture
def paid(sandbox: PaystackSandbox, started: Payment, taken_back: object) -> Payment:
    """GHS 50 were paid and settled."""
    sandbox.pay(started.reference)
    return settlement.verify(reference=started.reference, now=timezone.now())


def open_payment(business: Business, amount: str = "50.00", **values: object) -> Payment:
    settings = {"purpose": "test_order", "email": "ama@example.com", "started_by_id": None} | values
    return payments.open_payment(
        business_id=business.pk,
        amount_ghs=Decimal(amount),
        now=settings.pop("now", timezone.now()),  # type: ignore[arg-type]
        **settings,  # type: ignore[arg-type]
    )


@pytest.fixture
def started(business: Business, sandbox: object) -> Payment:
    """A payment of GHS 50 with an open checkout page."""
    payment = open_payment(business)
    return payments.start_checkout(payment_id=payment.pk, now=timezone.now())


@pytest.fixture
def stripe_api(settings: Settings) -> Iterator[StripeServer]:
    """Stripe on loopback, offered as a way to pay."""
    with serving() as server:
        settings.STRIPE_BASE_URL = server.url
        settings.STRIPE_SECRET_KEY = SECRET_KEY
        settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET
        settings.STRIPE_READ_SECONDS = 1.0
        settings.PAYMENT_METHODS = ["MOMO", "PAYSTACK", "STRIPE"]
        yield server


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture(scope="session")
def _line() -> Iterator[Any]:
    from .paystack_line import open_line

    with open_line() as both:
        yield both


@pytest.fixture
def line(_line: Any) -> Any:
    """What is at the other end of `paystack`."""
    _line[0].reset()
    return _line[0]


@pytest.fixture
def paystack(_line: Any) -> Any:
    return _line[1]


NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)
