"""Run as a process: `prepare N` sells a month of the add-on to each of N businesses, and all renew now.

`measure N` then prints milliseconds each, as JSON. `decide`: the charge decided, kept, and claimed before it
is sent. `settle`: the transaction that books the paid month: payment, roll-over, grant, receipt. `grant`: a
bare grant. Only the gateway's part, HTTP, is left out.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.core.management import call_command  # noqa: E402 — Django first
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Business  # noqa: E402
from payments.models import Payment, SavedCard  # noqa: E402
from payments.providers.base import GatewayState, Report  # noqa: E402
from payments.services import charges, locks, settlement  # noqa: E402
from subscriptions.models import AddonCharge, AddonPeriod, AIMonthlyAddon  # noqa: E402
from subscriptions.services import ledger  # noqa: E402
from subscriptions.services.addons import renewing  # noqa: E402

PRICE = Decimal(50)
TURN = 50


def settle(payment_id: int, now: datetime) -> None:
    """As the gateway's answer does it."""
    with transaction.atomic():
        payment = locks.payment(payment_id=payment_id)
        report = Report(
            state=GatewayState.PAID,
            reference=payment.reference,
            domain="test",
            currency="GHS",
            paid_ghs=PRICE,
            transaction_id=uuid4().hex,
            channel="card",
        )
        settlement.settle(payment, report, now)


def prepare(count: int) -> None:
    call_command("migrate", verbosity=0)
    now = timezone.now()
    start = now - timedelta(days=33)
    for number in told(range(count), "sold"):
        business = Business.objects.create(name=f"Shop {number}")
        card = SavedCard.objects.create(
            business=business,
            gateway="paystack",
            sealed_code="x",
            signature="x",
            email="ama@shop.test",
            last4="4081",
            exp_month=12,
            exp_year=2134,
            created_at=now,
        )
        payment = Payment.objects.create(
            business=business,
            purpose="addon_period",
            method="PAYSTACK",
            gateway="paystack",
            amount_ghs=PRICE,
            email="ama@shop.test",
            card=card,
            created_at=start,
        )
        addon = AIMonthlyAddon.objects.create(
            business=business, user_id=1, price_ghs=PRICE, credits=Decimal(100), created_at=start
        )
        AddonPeriod.objects.create(addon=addon, number=0, payment=payment)
        settle(payment.pk, start)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def decide(addon_ids: list[UUID], now: datetime) -> None:
    for addon_id in addon_ids:
        step = renewing._step(addon_id, now)
        assert step is not None and step[1] is not None
        assert charges._claim(Payment.objects.get(pk=step[1]), now)


def settle_all(payment_ids: list[int], now: datetime) -> None:
    for payment_id in payment_ids:
        settle(payment_id, now)


def grant(business_ids: list[UUID], now: datetime) -> None:
    for business_id in business_ids:
        ledger.grant(
            business_id=business_id,
            credits=Decimal(100),
            source="adjustment",
            key=uuid4().hex,
            unit_value_ghs=Decimal("0.5"),
            now=now,
        )


def measure(count: int) -> dict[str, float]:
    """In turns of one process, so that a machine that slows down slows all of them down."""
    now = timezone.now()
    addon_ids = renewing.due(now=now)
    business_ids = list(Business.objects.order_by("pk").values_list("pk", flat=True))
    assert len(addon_ids) == len(business_ids) == count
    seconds = dict.fromkeys(("decide", "settle", "grant"), 0.0)

    def timed(what: str, run: Callable[[list[Any], datetime], None], ids: list[Any]) -> None:
        began = time.perf_counter()
        run(ids, now)
        seconds[what] += time.perf_counter() - began

    for first in told(range(0, count, TURN), "renewed"):
        turn = slice(first, first + TURN)
        timed("decide", decide, addon_ids[turn])
        opened = AddonCharge.objects.filter(open=True).order_by("pk")
        timed("settle", settle_all, list(opened.values_list("payment_id", flat=True)))
        timed("grant", grant, business_ids[turn])
    return {what: 1000 * taken / count for what, taken in seconds.items()}


def told(numbers: range, what: str) -> Iterator[int]:
    for number in numbers:
        if number % 1000 == 0:
            print(f"{what} {number:,} of {numbers.stop:,}", file=sys.stderr, flush=True)
        yield number


if __name__ == "__main__":
    command, number = sys.argv[1], int(sys.argv[2])
    if command == "prepare":
        prepare(number)
    else:
        print(json.dumps(measure(number)))
    connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's has one
