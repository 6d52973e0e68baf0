from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.utils import timezone

from accounts.models import Business
from payments import signals
from payments.models import Payment
from payments.services import payments
from payments.types import Claim


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
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def _line() -> Iterator[Any]:
    from .paystack_line import open_line

    with open_line() as both:
        yield both


@pytest.fixture
def line(_line: Any) -> Any:
    """What is at the other end of `paystack`."""
    return _line[0]


@pytest.fixture
def paystack(_line: Any) -> Any:
    return _line[1]


NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)
