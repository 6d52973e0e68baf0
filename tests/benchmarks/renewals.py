"""Run as a process: `prepare N` add-ons that are due; then the others print milliseconds each.

`settle N`: the transaction that books N paid months: payment, roll-over, grant, receipt. `decide N` comes
before it: deciding and keeping the charges, and claiming each before it is sent. `grants N`: bare grants.
Only the gateway's part, HTTP, is left out.
"""

import os
import sys
import time
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

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


def settle(payment_id: int, now: object) -> None:
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
        settlement.settle(payment, report, now)  # type: ignore[arg-type]


def prepare(count: int) -> None:
    call_command("migrate", verbosity=0)
    now = timezone.now()
    start = now - timedelta(days=33)
    for number in range(count):
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


def decide(count: int) -> float:
    now = timezone.now()
    ids = renewing.due(now=now)[:count]
    assert len(ids) == count
    began = time.perf_counter()
    for addon_id in ids:
        step = renewing._step(addon_id, now)
        assert step is not None and step[1] is not None
        assert charges._claim(Payment.objects.get(pk=step[1]), now)
    return (time.perf_counter() - began) * 1000 / count


def settle_all(count: int) -> float:
    now = timezone.now()
    open_charges = AddonCharge.objects.filter(open=True).order_by("pk")
    ids = list(open_charges.values_list("payment_id", flat=True)[:count])
    assert len(ids) == count
    began = time.perf_counter()
    for payment_id in ids:
        settle(payment_id, now)
    return (time.perf_counter() - began) * 1000 / count


def grants(count: int) -> float:
    now = timezone.now()
    ids = list(Business.objects.order_by("pk").values_list("pk", flat=True)[:count])
    assert len(ids) == count
    began = time.perf_counter()
    for business_id in ids:
        ledger.grant(
            business_id=business_id,
            credits=Decimal(100),
            source="adjustment",
            key=uuid4().hex,
            unit_value_ghs=Decimal("0.5"),
            now=now,
        )
    return (time.perf_counter() - began) * 1000 / count


if __name__ == "__main__":
    command, number = sys.argv[1], int(sys.argv[2])
    print(
        {"prepare": prepare, "decide": decide, "settle": settle_all, "grants": grants}[command](number) or 0
    )
    connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's has one
