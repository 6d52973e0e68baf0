"""Edges in tables: amounts against exact fractions, debts paid by several grants, the moment of expiry."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from django.db import transaction

from accounts.models import Membership
from payments.models import Payment
from subscriptions.errors import InsufficientCreditsError, NothingToRefund
from subscriptions.models import BusinessAICredits, CreditEntry, CreditGrant
from subscriptions.selectors import account, refundable
from subscriptions.services import adjustments, ledger, sweeps, trial
from tests.factories import make_business

from .money import NOW, Sale
from .test_ledger import capture, give, hold

D = Decimal
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


def books(member: Membership) -> tuple[Decimal, ...]:
    row = BusinessAICredits.objects.get(pk=member.business_id)
    return row.balance, row.debt, row.total_used


# Unspent ÷ total × paid, rounded down: (paid in pesewas, sold and unspent in hundredths of a credit).

ODD = [
    *[(paid, sold, left) for paid in (1, 2, 333, 8000, 9999) for sold in (1, 3, 700) for left in (1, 2, 699)],
    (3000, 3000, 1),
    (8000, 10000, 1),
    (8000, 10000, 3333),
    (18000, 25000, 7),
    (500_000, 500_000, 499_999),
    (1001, 1001, 1000),
    (99_999_999, 99_999_998, 99_999_997),
]


def odd_cases(how_many: int) -> list[tuple[int, int, int]]:
    random = Random(4)
    cases = [case for case in ODD if case[2] <= case[1]]
    while len(cases) < how_many:
        sold = random.randint(1, 10 ** random.randint(1, 6))
        cases.append((random.randint(1, 10 ** random.randint(1, 6)), sold, random.randint(1, sold)))
    return cases


def test_a_refund_is_the_exact_share_rounded_down_to_the_pesewa(member: Membership) -> None:
    sale = Sale(member)
    for paid, sold, left in odd_cases(80):
        expected = Fraction(left, sold) * paid // 1
        with transaction.atomic():
            cents = {"credits": D(sold) / 100, "remaining": D(left) / 100}
            CreditGrant.objects.filter(pk=sale.grant.pk).update(**cents)
            BusinessAICredits.objects.update(balance=cents["remaining"])
            Payment.objects.update(amount_ghs=D(paid) / 100, paid_ghs=D(paid) / 100)
            if expected == 0:
                with pytest.raises(NothingToRefund):
                    refundable.quote(payment_id=sale.payment.pk, now=NOW)
            else:
                found = refundable.quote(payment_id=sale.payment.pk, now=NOW)
                assert (found.amount_ghs * 100, found.credits) == (expected, D(left) / 100), (
                    paid,
                    sold,
                    left,
                )
            transaction.set_rollback(True)


@pytest.mark.parametrize("steps", [["10", "20", "30"], ["0.01", "0.01", "0.01"], ["33.33", "33.33", "33.32"]])
def test_refunds_that_fail_give_back_all_and_later_ones_no_more_than_was_paid(
    member: Membership, steps: list[str]
) -> None:
    """Spend, ask, have it fail, spend on: the last refund is the share of what is left then."""
    sale, spent = Sale(member, "100", "79.99"), D(0)
    for credits in steps:
        capture(hold(member, credits))
        spent += D(credits)
        asked = sale.request()
        share = Fraction(100 - spent) / 100 * 7999 // 1
        assert (asked.credits, asked.refund.amount_ghs * 100) == (100 - spent, share)
        sale.end(asked.refund, "FAILED")
        assert books(member) == (100 - spent, D(0), spent)
    asked = sale.request()
    sale.end(asked.refund, "PROCESSED")
    assert books(member) == (D(0), D(0), spent)


def test_a_refund_after_a_dispute_that_was_won(member: Membership) -> None:
    sale = Sale(member)
    capture(hold(member, "30"))
    sale.decide(sale.dispute(), "WON")
    asked = sale.request()
    assert (asked.credits, asked.refund.amount_ghs) == (D(70), D(56))
    sale.end(asked.refund, "PROCESSED")
    assert sale.status == "REFUNDED"
    assert books(member) == (D(0), D(0), D(30))


# A debt that is larger than what comes next: (credits of each grant, what is owed and there after each).

DEBTS = {
    "several grants": (["20", "30", "49.99", "5"], ["80", "50", "0.01", "0"], ["0", "0", "0", "4.99"]),
    "to the last hundredth": (["99.99", "0.01", "1"], ["0.01", "0", "0"], ["0", "0", "1"]),
    "exactly": (["100", "1"], ["0", "0"], ["0", "1"]),
    "one hundredth at a time": (["0.01", "0.01"], ["99.99", "99.98"], ["0", "0"]),
}


@pytest.mark.parametrize("kind", ["purchase", "adjustment", "addon"])
@pytest.mark.parametrize("name", DEBTS)
def test_a_debt_is_paid_by_one_grant_after_the_other(member: Membership, name: str, kind: str) -> None:
    sale = Sale(member)
    capture(hold(member, "100"))
    sale.dispute(status="LOST")
    assert books(member) == (D(0), D(100), D(0))
    for number, (credits, owed, left) in enumerate(zip(*DEBTS[name], strict=True)):
        if kind == "purchase":
            Sale(member, credits, "10")
        elif kind == "adjustment":
            adjustments.adjust(
                business_id=member.business_id,
                credits=D(credits),
                reason=f"number {number}",
                actor_id=1,
                now=NOW,
            )
        else:
            give(member, credits, days=30)
        assert books(member) == (D(left), D(owed), 100 - D(owed))
    paid = CreditEntry.objects.filter(kind="debt_payment")
    assert sum(entry.amount for entry in paid) == D(owed) - 100
    assert sum(entry.debt_change for entry in paid) == D(owed) - 100


def test_the_free_trial_pays_a_debt_too(member: Membership) -> None:
    sale = Sale(member)
    capture(hold(member, "100"))
    sale.dispute(status="LOST")
    trial.claim(business_id=member.business_id, email="ama@shop.test", phone="", now=NOW)
    assert books(member) == (D(0), D(95), D(5))


# The moment of expiry, to the microsecond, before the job has run and after.

LATER = NOW + timedelta(days=30)


@pytest.mark.parametrize("swept", [False, True], ids=["before the job", "after the job"])
@pytest.mark.parametrize(
    ("when", "usable"), [(LATER - MOMENT, True), (LATER, False), (LATER + MOMENT, False)]
)
def test_credits_end_at_their_moment(member: Membership, when: object, usable: bool, swept: bool) -> None:
    give(member, "5", days=30)
    assert isinstance(when, type(NOW))
    if swept:
        assert sweeps.expire_credits(now=when) == ((0, D(0)) if usable else (1, D(5)))
    there = D(5) if usable else D(0)
    assert account.available(business_id=member.business_id, now=when) == there
    assert [grant.remaining for grant in account.live_grants(business_id=member.business_id, now=when)] == (
        [D(5)] if usable else []
    )
    if usable:
        assert capture(hold(member, "5", now=when), now=LATER + MOMENT).credits_charged == D(5)
    else:
        with pytest.raises(InsufficientCreditsError):
            hold(member, "0.01", now=when)
    balance = D(0) if usable or swept else D(5)
    assert books(member)[0] == balance
    sweeps.expire_credits(now=LATER)
    assert books(member)[0] == D(0)


@pytest.mark.parametrize(("when", "amount"), [(LATER - MOMENT, "80"), (LATER, None)])
def test_money_of_expired_credits_does_not_go_back(
    member: Membership, when: object, amount: str | None
) -> None:
    sale = Sale(member, expires_at=LATER)
    assert isinstance(when, type(NOW))
    if amount is None:
        with pytest.raises(NothingToRefund):
            sale.request(now=when)
        assert CreditEntry.objects.count() == 1
    else:
        assert sale.request(now=when).refund.amount_ghs == D(amount)


def test_a_late_capture_finds_nothing_in_what_has_expired(member: Membership) -> None:
    """The hold was abandoned, its credits expired, then its process woke up: all of it is owed."""
    give(member, "5", days=30)
    held = hold(member, "5", now=LATER - timedelta(minutes=20))
    sweeps.release_stale_holds(now=LATER - MOMENT)
    charge = capture(held, now=LATER)
    assert (charge.credits_charged, books(member)) == (D(0), (D(5), D(5), D(0)))
    assert ledger.expire(grant_id=CreditGrant.objects.get().pk, now=LATER) == D(5)
    assert books(member) == (D(0), D(5), D(0))
