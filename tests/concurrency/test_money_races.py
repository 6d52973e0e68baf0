"""Money that goes back while its credits are being spent, with real commits."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from config.core.errors import Busy
from payments.errors import NotRefundable, RefundInProgress
from payments.models import Payment, Refund
from payments.services import locks as payment_locks
from subscriptions.errors import HoldReleased, InsufficientCreditsError, NothingToRefund
from subscriptions.models import AITransaction, BusinessAICredits, CreditEntry, CreditGrant
from subscriptions.services import ledger, locks
from subscriptions.services.ledger import sql
from subscriptions.services.ledger.prepared import Prepared
from tests.factories import make_business
from tests.subscriptions.money import Sale

from .test_ledger_races import capture, give, hold, kinds, release
from .together import together

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def sale() -> Sale:
    """100 credits for GHS 80."""
    return Sale(make_business(), now=timezone.now())


def books(sale: Sale) -> tuple[Decimal, ...]:
    row, grant = BusinessAICredits.objects.get(pk=sale.member.business_id), sale.grant
    return row.balance, row.held, row.debt, row.total_used, grant.remaining, grant.taken_back


def request(sale: Sale) -> Decimal:
    return sale.request(now=timezone.now()).credits


# Refund requests.


def test_32_requests_take_once(sale: Sale) -> None:
    outcomes = together([partial(request, sale)] * 32)
    assert kinds(outcomes) == {"Decimal": 1, "RefundInProgress": 31}
    assert books(sale) == (D(0), D(0), D(0), D(0), D(0), D(100))
    assert Refund.objects.get().amount_ghs == D(80)


def test_without_the_lock_many_take_the_same_credits(sale: Sale) -> None:
    """The control: looking first and writing afterwards really pays out more than was paid."""
    paid_out = []

    def naive() -> None:
        with transaction.atomic():
            payment = Payment.objects.get(pk=sale.payment.pk)
            remaining = sale.grant.remaining
            if payment.refunds.exists() or remaining == 0:
                return
            time.sleep(0.01)  # the moment that a look and a write are apart
            paid_out.append(remaining / D(100) * D(80))

    together([naive] * 32)
    assert sum(paid_out) > D(80)


def test_requests_against_holds_give_and_reserve_each_credit_once(sale: Sale) -> None:
    outcomes = together([*[partial(hold, sale.member, "10", cost="0")] * 8, *[partial(request, sale)] * 2])
    holds = [one for one in outcomes[:8] if isinstance(one, int)]
    (taken,) = [one for one in outcomes[8:] if isinstance(one, Decimal)]
    # A request that comes between two holds leaves nothing for the later one.
    assert taken == D(100) - D(10) * len(holds)
    assert books(sale)[:2] == (D(10) * len(holds), D(10) * len(holds))
    assert together([partial(capture, one) for one in holds]) == [D(10)] * len(holds)
    assert books(sale) == (D(0), D(0), D(0), D(10) * len(holds), D(0), taken)


def test_a_refund_fails_eight_times_at_once_and_comes_back_once(sale: Sale) -> None:
    refund = sale.request(now=timezone.now()).refund
    outcomes = together([partial(sale.end, Refund.objects.get(pk=refund.pk), "FAILED")] * 8)
    assert outcomes == [None] * 8
    assert books(sale) == (D(100), D(0), D(0), D(0), D(100), D(0))
    assert CreditEntry.objects.filter(kind="return").count() == 1


# Disputes.


def test_lost_eight_times_at_once_is_lost_once(sale: Sale) -> None:
    capture(hold(sale.member, "30", cost="0"))
    dispute = sale.dispute(now=timezone.now())
    assert together([partial(sale.decide, dispute, "LOST", now=timezone.now())] * 8) == [None] * 8
    assert books(sale) == (D(0), D(0), D(30), D(0), D(0), D(100))
    assert CreditEntry.objects.filter(kind="withdrawal").count() == 1


def test_refund_and_dispute_lost_at_once_are_netted(sale: Sale) -> None:
    capture(hold(sale.member, "30", cost="0"))
    outcomes = together([partial(request, sale), partial(sale.dispute, status="LOST", now=timezone.now())])
    assert [one for one in outcomes if isinstance(one, Exception) and not is_refusal(one)] == []
    assert books(sale) == (D(0), D(0), D(30), D(0), D(0), D(100))


def freeze_while_it_waits(sale: Sale, place: Any) -> Any:
    """What `place` returns or raises when it found credits, waited for the account, and they were frozen."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(place())
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    with transaction.atomic():
        ledger.set_frozen(grant_id=sale.grant.pk, frozen=True, now=timezone.now())
        waiter = threading.Thread(target=run)
        waiter.start()
        _until_somebody_waits()
    waiter.join(10)
    return found[0]


def _until_somebody_waits() -> None:
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.005)
    raise AssertionError("nobody waits")


def test_a_hold_that_waited_for_the_freeze_does_not_get_the_credits(sale: Sale) -> None:
    outcome = freeze_while_it_waits(sale, partial(hold, sale.member, "10", cost="0"))
    assert isinstance(outcome, InsufficientCreditsError)
    assert outcome.data["available"] == D(0)
    assert books(sale)[:2] == (D(100), D(0))
    ledger.set_frozen(grant_id=sale.grant.pk, frozen=False, now=timezone.now())


def test_without_counting_freezes_it_would(sale: Sale, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the sum of dead credits is as old as the statement."""
    careless = sql.HOLD.text.replace("AND freeze_count = (SELECT freeze_count FROM dead)", "")
    assert careless != sql.HOLD.text
    monkeypatch.setattr(sql, "HOLD", Prepared("careless_of_freezes", sql.HOLD.types, careless))
    held = freeze_while_it_waits(sale, partial(hold, sale.member, "10", cost="0"))
    assert isinstance(held, int)
    assert books(sale)[:2] == (D(100), D(10))
    release(held)
    ledger.set_frozen(grant_id=sale.grant.pk, frozen=False, now=timezone.now())


def test_a_hold_that_waited_for_the_end_of_a_freeze_gets_them(sale: Sale) -> None:
    dispute = sale.dispute(now=timezone.now())
    give(sale.member, "20")
    found: list[Any] = []

    def run() -> None:
        found.append(hold(sale.member, "20", cost="0"))
        connections.close_all()

    waiter = threading.Thread(target=run)
    with transaction.atomic():
        payment_locks.payment(payment_id=sale.payment.pk)
        sale.decide(dispute, "WON", now=timezone.now())
        waiter.start()
        _until_somebody_waits()
    waiter.join(10)
    assert isinstance(found[0], int)


def test_holds_against_a_freeze_can_all_be_captured(sale: Sale) -> None:
    """Whoever was first: what was reserved is there, also when the freeze asked for the time earlier."""
    give(sale.member, "20")
    early = timezone.now() - timedelta(seconds=5)
    calls: list[Callable[[], Any]] = [
        *[partial(hold, sale.member, "10", cost="0")] * 12,
        partial(sale.dispute, now=early),
    ]
    outcomes = together(calls)
    holds = [one for one in outcomes if isinstance(one, int)]
    assert 2 <= len(holds) <= 12
    assert together([partial(capture, one) for one in holds]) == [D(10)] * len(holds)
    assert sale.grant.frozen


def test_a_capture_that_waited_finds_credits_that_came_while_it_did(sale: Sale) -> None:
    """Another call has used up the older credits, which the books burn first."""
    first = hold(sale.member, "100", cost="0")
    found: list[Any] = []

    def run() -> None:
        found.extend(together([partial(capture, first)]))
        connections.close_all()

    waiter = threading.Thread(target=run)
    with transaction.atomic():
        locks.lock_account(business_id=sale.member.business_id)
        waiter.start()
        _until_somebody_waits()
        give(sale.member, "100")
        second = hold(sale.member, "100", cost="0")
        assert capture(second) == D(100)
    waiter.join(10)
    assert found == [D(100)]
    assert books(sale) == (D(0), D(0), D(0), D(200), D(0), D(0))
    revenue = dict(AITransaction.objects.values_list("hold_id", "revenue_ghs"))
    assert revenue == {second: D(80), first: D(100)}  # what each one's credits were sold for


def is_refusal(error: Exception) -> bool:
    refusals = (
        Busy,
        NothingToRefund,
        NotRefundable,
        RefundInProgress,
        HoldReleased,
        InsufficientCreditsError,
    )
    return isinstance(error, refusals)


def test_everything_at_once(sale: Sale) -> None:
    """Refund requests, holds, captures, releases, expiry, disputes and grants on one business, four rounds.

    All end, nothing deadlocks, every refusal is one that was foreseen, and the books are right.
    """
    member = sale.member
    for n in range(4):
        now = timezone.now()
        soon = now + timedelta(milliseconds=1)
        expiring = Sale(member, "10", "10", now=now, expires_at=soon)
        lost, open_sale = Sale(member, "20", "30", now=now), Sale(member, "10", "5", now=now)
        dispute = lost.dispute("15", now=now)
        running = [hold(member, "2", cost="0") for _ in range(6)]
        gone = hold(member, "2", cost="0")
        release(gone, expired=True)
        outcomes = together(
            [
                *(partial(capture, one) for one in (*running[:4], gone)),
                *(partial(release, one) for one in running[3:]),
                *(partial(hold, member, "3", cost="0") for _ in range(4)),
                *(partial(request, one) for one in (sale, sale, lost, open_sale, expiring)),
                partial(ledger.expire, grant_id=expiring.grant.pk, now=now + timedelta(days=1)),
                partial(lost.decide, dispute, "LOST", now=now),
                partial(lost.decide, dispute, "LOST", now=now),
                partial(open_sale.dispute, "5", now=now),
                partial(expiring.dispute, "10", "LOST", now=now),
                partial(give, member, "1", key=f"bonus:{n}"),
                partial(give, member, "1", key=f"bonus:{n}"),
            ]
        )
        unforeseen = [one for one in outcomes if isinstance(one, Exception) and not is_refusal(one)]
        assert unforeseen == []
        for one in outcomes:
            if isinstance(one, int) and not isinstance(one, bool):
                release(one)
        for refund in Refund.objects.exclude(status__in=["PROCESSED", "FAILED"]):
            owner = next(s for s in (sale, lost, open_sale, expiring) if s.payment.pk == refund.payment_id)
            owner.end(refund, "FAILED", now=now)
    assert CreditGrant.objects.filter(frozen_at__isnull=False).count() <= 8
