"""What a purchase's row says of a refund is what asking for one does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.core.errors import DomainError
from payments.models import Refund
from subscriptions.models import AICreditPurchase
from subscriptions.services import ledger, refunds

from .money import Sale, pay
from .shop import Shop, exact
from .test_ledger import capture, give, hold

D = Decimal
DAY = timedelta(days=1)


def spend(sale: Sale, credits: str, now: datetime) -> Any:
    held = hold(sale.member, credits, now=now)
    capture(held, now=now)
    return held


def lost_by_a_second_sale(sale: Sale, now: datetime) -> None:
    """Its frozen credits are no help to calls that are running."""
    other = Sale(sale.member, now=now)
    hold(sale.member, "60", now=now)
    other.dispute(now=now)


def given_back_after_it_was_lost(sale: Sale, now: datetime) -> None:
    """Half of the money went back after all credits were spent; then the charge is reversed."""
    held = spend(sale, "100", now)
    sale.refund_at_gateway("40", now=now)
    ledger.reverse(hold_id=held.id, now=now)


STATES: dict[str, tuple[Callable[[Sale, datetime], Any], str]] = {
    "nothing used": (lambda sale, now: None, "80.00"),
    "30 spent": (lambda sale, now: spend(sale, "30", now), "56.00"),
    "16.67 spent": (lambda sale, now: spend(sale, "16.67", now), "66.66"),  # 66.664
    "40 reserved": (lambda sale, now: hold(sale.member, "40", now=now), "48.00"),
    "all reserved": (lambda sale, now: hold(sale.member, "100", now=now), "0.00"),
    "all spent": (lambda sale, now: spend(sale, "100", now), "0.00"),
    "less than a pesewa": (lambda sale, now: spend(sale, "99.99", now), "0.00"),
    "a free grant covers the calls": (
        lambda sale, now: (give(sale.member, "50", value="0"), hold(sale.member, "50", now=now)),
        "80.00",
    ),
    "another sale is disputed": (lost_by_a_second_sale, "32.00"),  # 200 - 60 held - 100 frozen
    "under way": (lambda sale, now: sale.request(now=now), "0.00"),
    "refunded": (lambda sale, now: sale.end(sale.request(now=now).refund, "PROCESSED", now=now), "0.00"),
    "failed": (lambda sale, now: sale.end(sale.request(now=now).refund, "FAILED", now=now), "80.00"),
    "half went back at the gateway": (lambda sale, now: sale.refund_at_gateway("40", now=now), "40.00"),
    "given back after it was lost": (given_back_after_it_was_lost, "40.00"),
    "disputed": (lambda sale, now: sale.dispute(now=now), "0.00"),
    "dispute lost": (lambda sale, now: sale.dispute(status="LOST", now=now), "0.00"),
    "a quarter lost": (lambda sale, now: sale.dispute("20", "LOST", now=now), "60.00"),
    "dispute won": (lambda sale, now: sale.dispute(status="WON", now=now), "80.00"),
}


def row_of(shop: Shop, sale: Sale) -> dict[str, Any]:
    """As the list has it; the detail says the same."""
    (row,) = [one for one in exact(shop.get("purchases/"))["results"] if one["id"] == str(sale.purchase.pk)]
    detail = exact(shop.get(f"purchases/{sale.purchase.pk}/"))
    asked = ("refundable", "refundable_amount")
    assert [row[name] for name in asked] == [detail[name] for name in asked]
    assert type(row["refundable_amount"]) is Decimal
    return dict(row)


def ask(shop: Shop, sale: Sale) -> Decimal:
    """What the owner gets: cedis, or 0 for a refusal."""
    try:
        done = refunds.request_as_owner(
            business_id=shop.business_id,
            purchase_id=sale.purchase.pk,
            reason="x",
            requested_by=shop.membership.user_id,
            now=timezone.now(),
        )
    except DomainError:
        return D("0.00")
    return Decimal(done.refund.amount_ghs)


@pytest.mark.parametrize("state", STATES)
def test_the_row_says_what_asking_does(shop: Shop, state: str) -> None:
    now = timezone.now()
    bring_about, expected = STATES[state]
    sale = Sale(shop.membership, now=now)
    bring_about(sale, now)
    row = row_of(shop, sale)
    assert (row["refundable"], str(row["refundable_amount"])) == (expected != "0.00", expected)
    assert ask(shop, sale) == D(expected)


@pytest.mark.parametrize(("age", "amount"), [(7 * DAY, "0.00"), (7 * DAY - timedelta(minutes=1), "80.00")])
def test_seven_days(shop: Shop, age: timedelta, amount: str) -> None:
    sale = Sale(shop.membership, now=timezone.now() - age)
    row = row_of(shop, sale)
    assert (row["refundable"], str(row["refundable_amount"])) == (amount != "0.00", amount)
    assert ask(shop, sale) == D(amount)


@pytest.mark.parametrize(("left", "amount"), [(-DAY, "0.00"), (DAY, "80.00")])
def test_expired_credits(shop: Shop, left: timedelta, amount: str) -> None:
    now = timezone.now()
    sale = Sale(shop.membership, now=now - 2 * DAY, expires_at=now + left)
    assert str(row_of(shop, sale)["refundable_amount"]) == amount
    assert ask(shop, sale) == D(amount)


def test_what_is_not_paid(shop: Shop) -> None:
    now = timezone.now()
    purchase = AICreditPurchase.objects.create(
        business_id=shop.business_id,
        payment=pay(shop.membership, unapplied=True, now=now),
        pack_type="VALUE",
        pack_name="Value",
        payment_method="MOMO",
        price_ghs=D(80),
        credits=D(100),
        created_at=now,
    )
    for shown in (
        exact(shop.get("purchases/"))["results"][0],
        exact(shop.get(f"purchases/{purchase.pk}/")),
    ):
        assert (shown["refundable"], str(shown["refundable_amount"])) == (False, "0.00")


def test_each_row_has_its_own_figures_and_many_cost_as_much_as_one(shop: Shop) -> None:
    now = timezone.now()

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert shop.get("purchases/").status_code == 200
        return len(seen)

    first = Sale(shop.membership, "100", "80", now=now - timedelta(minutes=9))
    queries()
    with_one = queries()
    assert with_one <= 4
    spend(first, "25", now)
    second = Sale(shop.membership, "30", "30", now=now - timedelta(minutes=8))
    second.request(now=now)
    third = Sale(shop.membership, "30", "25", now=now - timedelta(minutes=7))
    third.dispute("25", now=now)
    Sale(Shop().membership, now=now)  # another's
    rows = exact(shop.get("purchases/"))["results"]
    assert [(row["refundable"], str(row["refundable_amount"])) for row in rows] == [
        (False, "0.00"),
        (False, "0.00"),
        (True, "60.00"),
    ]
    assert queries() == with_one
    assert Refund.objects.count() == 1
