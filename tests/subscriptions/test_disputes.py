"""What becomes of credits when a bank, or the gateway, takes their money back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Membership
from config.core.errors import Busy
from payments.models import Dispute, Payment, Refund
from payments.signals import payment_disputed, payment_refunded, payment_succeeded
from payments.types import Claim
from subscriptions.errors import InsufficientCreditsError
from subscriptions.models import AICreditPurchase, BusinessAICredits, CreditEntry, CreditGrant
from subscriptions.selectors import account
from subscriptions.services import ledger
from tests.factories import make_business

from .money import NOW, Sale, pay
from .test_ledger import capture, give, hold

pytestmark = pytest.mark.django_db
D = Decimal
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def member() -> Membership:
    return make_business()


@pytest.fixture
def sale(member: Membership) -> Sale:
    """100 credits for GHS 80."""
    return Sale(member)


def spend(sale: Sale, credits: str) -> int:
    held = hold(sale.member, credits, now=NOW)
    capture(held)
    return held.id


def books(sale: Sale) -> tuple[str, ...]:
    """Balance, held, debt, total used; remaining and taken back of the grant."""
    row = BusinessAICredits.objects.get(pk=sale.member.business_id)
    grant = sale.grant
    figures = (row.balance, row.held, row.debt, row.total_used, grant.remaining, grant.taken_back)
    return tuple(f"{figure.normalize():f}" for figure in figures)


def claims(answers: Any) -> list[Any]:
    return [answer for _, answer in answers if answer is not None]


def last_entry() -> tuple[Any, ...]:
    entry = CreditEntry.objects.latest("pk")
    return entry.kind, entry.amount, entry.debt_change, entry.key


# Freezing.


def test_an_open_dispute_freezes_what_remains(sale: Sale) -> None:
    give(sale.member, "1")
    spend(sale, "30")
    sale.dispute()
    assert sale.grant.frozen_at == NOW
    assert claims(sale.answers) == [Claim.APPLIED]
    held = account.account(business_id=sale.member.business_id, now=LATER)
    assert (held.balance, held.available) == (D(71), D(1))
    with pytest.raises(InsufficientCreditsError) as refused:
        hold(sale.member, "1.1", now=LATER)
    assert refused.value.data["available"] == D(1)
    capture(hold(sale.member, "1", now=LATER), now=LATER)
    assert books(sale) == ("70", "0", "0", "31", "70", "0")
    assert CreditEntry.objects.filter(kind="withdrawal").count() == 0


def test_won_makes_them_usable_again(sale: Sale) -> None:
    dispute = sale.dispute()
    sale.decide(dispute, "WON", now=LATER)
    assert sale.grant.frozen_at is None
    capture(hold(sale.member, "100", now=LATER), now=LATER)
    assert books(sale) == ("0", "0", "0", "100", "0", "0")


def test_opened_twice_freezes_once_and_keeps_the_moment(sale: Sale) -> None:
    dispute = sale.dispute()
    sale.decide(dispute, "OPEN", now=LATER)
    assert sale.grant.frozen_at == NOW
    assert BusinessAICredits.objects.get().freeze_count == 1


def test_two_disputes_freeze_until_both_are_decided(sale: Sale) -> None:
    first, second = sale.dispute("40"), sale.dispute("40")
    sale.decide(first, "WON")
    assert sale.grant.frozen
    sale.decide(second, "WON")
    assert not sale.grant.frozen


def test_a_hold_placed_before_the_freeze_may_still_burn_it(sale: Sale) -> None:
    held = hold(sale.member, "40", now=NOW)
    sale.dispute(now=LATER)
    assert capture(held, now=LATER).credits_charged == D(40)
    assert books(sale) == ("60", "0", "0", "40", "60", "0")


def test_a_freeze_that_asked_for_the_time_earlier_comes_after_the_holds_that_came_before(sale: Sale) -> None:
    held = hold(sale.member, "40", now=LATER)
    sale.dispute(now=NOW)
    assert sale.grant.frozen_at == LATER + timedelta(microseconds=1)
    assert capture(held, now=LATER).credits_charged == D(40)


def test_a_late_capture_leaves_frozen_credits_alone(sale: Sale) -> None:
    held = hold(sale.member, "40", now=NOW)
    ledger.release(hold_id=held.id, error_code="abandoned", now=NOW, expired=True)
    sale.dispute(now=NOW)
    assert capture(held, now=LATER).credits_charged == D(0)
    assert books(sale) == ("100", "0", "40", "0", "100", "0")


def test_frozen_credits_expire_as_ever(member: Membership) -> None:
    sale = Sale(member, expires_at=LATER)
    sale.dispute()
    assert ledger.expire(grant_id=sale.grant.pk, now=LATER) == D(100)
    assert books(sale) == ("0", "0", "0", "0", "0", "0")


# Lost, won, and refunds beside them: (steps, books after each).

TABLE = {
    "lost, nothing spent": (["lost 80"], ("0", "0", "0", "0", "0", "100")),
    "lost, some spent": (["spend 30", "lost 80"], ("0", "0", "30", "0", "0", "100")),
    "lost, all spent": (["spend 100", "lost 80"], ("0", "0", "100", "0", "0", "100")),
    "opened, then lost": (["spend 30", "open 80", "lose 0"], ("0", "0", "30", "0", "0", "100")),
    "opened, then won": (["spend 30", "open 80", "win 0"], ("70", "0", "0", "30", "70", "0")),
    "decided first, opened never": (["spend 30", "won 80"], ("70", "0", "0", "30", "70", "0")),
    "half, covered by what remains": (["spend 30", "lost 40"], ("20", "0", "0", "30", "20", "50")),
    "half, more than remains": (["spend 70", "lost 40"], ("0", "0", "20", "50", "0", "50")),
    "two halves": (["spend 70", "lost 40", "lost 40"], ("0", "0", "70", "0", "0", "100")),
    "more than was paid": (["spend 70", "lost 60", "lost 60"], ("0", "0", "70", "0", "0", "100")),
    "one pesewa: 0.0125 credits, down": (["lost 0.01"], ("99.99", "0", "0", "0", "99.99", "0.01")),
    "a third: 33.3375 credits, down": (["lost 26.67"], ("66.67", "0", "0", "0", "66.67", "33.33")),
    "made at the gateway, half": (["spend 30", "gateway 40"], ("20", "0", "0", "30", "20", "50")),
    "made at the gateway, all": (["spend 30", "gateway 80"], ("0", "0", "30", "0", "0", "100")),
    "gateway, then lost: netted": (
        ["spend 30", "gateway 40", "lost 80"],
        ("0", "0", "30", "0", "0", "100"),
    ),
    "lost, then gateway: netted": (
        ["spend 30", "lost 80", "gateway 40"],
        ("0", "0", "30", "0", "0", "100"),
    ),
    "refund, then lost": (["spend 30", "refund", "lost 80"], ("0", "0", "30", "0", "0", "100")),
    "refund done, then lost": (["spend 30", "refund", "done", "lost 80"], ("0", "0", "30", "0", "0", "100")),
    "refund, then half lost: 24 of 40 left, 30 credits": (
        ["spend 30", "refund", "lost 40"],
        ("0", "0", "30", "0", "0", "100"),
    ),
    "refund, then 8 lost: 10 credits of the spent": (
        ["spend 30", "refund", "lost 8"],
        ("0", "0", "10", "20", "0", "80"),
    ),
    "refund fails": (["spend 30", "refund", "fail"], ("70", "0", "0", "30", "70", "0")),
    "refund, lost, refund fails: the money is gone all the same": (
        ["spend 30", "refund", "lost 80", "fail"],
        ("0", "0", "30", "0", "0", "100"),
    ),
    "refund, half lost, refund fails: as if half was lost": (
        ["spend 30", "refund", "lost 40", "fail"],
        ("20", "0", "0", "30", "20", "50"),
    ),
    "much spent, refund, half lost, refund fails: the debt is paid first": (
        ["spend 60", "refund", "lost 40", "fail"],
        ("0", "0", "10", "50", "0", "50"),
    ),
    "lost, refund of the rest": (["spend 30", "lost 40", "refund"], ("0", "0", "0", "30", "0", "70")),
    "lost, refund of the rest fails": (
        ["spend 30", "lost 40", "refund", "fail"],
        ("20", "0", "0", "30", "20", "50"),
    ),
    "refunded twice": (["refund", "fail", "refund", "done"], ("0", "0", "0", "0", "0", "100")),
}


def run(sale: Sale, steps: list[str]) -> list[Any]:
    """Returns the disputes and refunds that came about."""
    disputes: list[Dispute] = []
    refunds: list[Refund] = []
    for step in steps:
        word, _, value = step.partition(" ")
        if word == "spend":
            spend(sale, value)
        elif word == "refund":
            refunds.append(sale.request().refund)
        elif word in ("done", "fail"):
            sale.end(refunds[-1], {"done": "PROCESSED", "fail": "FAILED"}[word])
        elif word == "gateway":
            refunds.append(sale.refund_at_gateway(value))
        elif word in ("open", "lost", "won"):
            disputes.append(sale.dispute(value, word.upper()))
        else:
            sale.decide(disputes[int(value)], {"lose": "LOST", "win": "WON"}[word])
    return [*disputes, *refunds]


@pytest.mark.parametrize("name", TABLE)
def test_what_refunds_and_disputes_leave(sale: Sale, name: str) -> None:
    steps, expected = TABLE[name]
    told = run(sale, steps)
    assert books(sale) == expected
    assert not sale.grant.frozen
    before = list(CreditEntry.objects.order_by("pk").values())
    for one in told:  # told again, nothing changes
        if one.status != "REQUESTED":
            sale.tell_again(one, now=LATER)
    assert books(sale) == expected
    assert list(CreditEntry.objects.order_by("pk").values()) == before


def test_the_entry_of_a_lost_dispute(sale: Sale) -> None:
    spend(sale, "30")
    dispute = sale.dispute(status="LOST")
    assert last_entry() == ("withdrawal", D(-70), D(30), f"dispute:{dispute.pk}:lost")
    assert CreditEntry.objects.latest("pk").grant_id == sale.grant.pk


def test_the_next_credits_pay_the_debt_and_what_was_spent_counts_as_used_again(sale: Sale) -> None:
    spend(sale, "30")
    sale.dispute(status="LOST")
    next_one = Sale(sale.member, "20", "20")
    assert books(next_one) == ("0", "0", "10", "20", "0", "0")
    give(sale.member, "50")
    row = BusinessAICredits.objects.get()
    assert (row.balance, row.debt, row.total_used, row.total_purchased) == (D(40), D(0), D(30), D(170))


def test_credits_that_paid_a_debt_count_as_spent(sale: Sale) -> None:
    spend(sale, "100")
    sale.dispute(status="LOST")
    next_one = Sale(sale.member, "60", "60")
    assert books(next_one) == ("0", "0", "40", "60", "0", "0")
    next_one.dispute("60", "LOST")
    assert books(next_one) == ("0", "0", "100", "0", "0", "60")


def test_what_expired_unspent_is_not_owed(member: Membership) -> None:
    sale = Sale(member, expires_at=LATER)
    spend(sale, "10")
    ledger.expire(grant_id=sale.grant.pk, now=LATER)
    half = sale.dispute("40", "LOST", now=LATER)
    assert books(sale) == ("0", "0", "0", "10", "0", "0")
    assert not CreditEntry.objects.filter(key=f"dispute:{half.pk}:lost").exists()
    sale.dispute("40", "LOST", now=LATER)
    assert books(sale) == ("0", "0", "10", "0", "0", "10")


def test_a_charge_given_back_after_its_money_was_lost_pays_its_debt(sale: Sale) -> None:
    lost = spend(sale, "30")
    sale.dispute(status="LOST")
    assert ledger.reverse(hold_id=lost, now=LATER) == D(30)
    assert books(sale) == ("0", "0", "0", "0", "0", "100")
    assert ledger.reverse(hold_id=lost, now=LATER) == 0


def test_a_reversal_between_two_lost_payments_leaves_what_is_owed_right(sale: Sale) -> None:
    """30 used and lost, paid by the next pack, given back, and that pack is lost as well: none was used."""
    used = spend(sale, "30")
    sale.dispute(status="LOST")
    next_one = Sale(sale.member, "30", "30")
    ledger.reverse(hold_id=used, now=LATER)
    next_one.dispute("30", "LOST")
    row = BusinessAICredits.objects.get()
    assert (row.balance, row.debt, row.total_used) == (D(30), D(30), D(-30))
    give(sale.member, "40")
    row.refresh_from_db()
    assert (row.balance, row.debt, row.total_used) == (D(40), D(0), D(0))


# Calls that are running.


def test_lost_waits_for_calls_that_need_the_credits(sale: Sale) -> None:
    held = hold(sale.member, "40", now=NOW)
    dispute = sale.dispute(now=LATER)
    before = books(sale)
    with pytest.raises(Busy):
        sale.decide(dispute, "LOST", now=LATER)
    assert books(sale) == before == ("100", "40", "0", "0", "100", "0")
    dispute.refresh_from_db()
    assert (dispute.status, sale.grant.frozen) == ("OPEN", True)
    capture(held, now=LATER)
    sale.decide(dispute, "LOST", now=LATER)
    assert books(sale) == ("0", "0", "40", "0", "0", "100")


def test_lost_does_not_wait_for_calls_that_other_credits_cover(sale: Sale) -> None:
    give(sale.member, "40")
    held = hold(sale.member, "40", now=NOW)
    sale.dispute(status="LOST", now=LATER)
    assert books(sale) == ("40", "40", "0", "0", "0", "100")
    assert capture(held, now=LATER).credits_charged == D(40)


def test_lost_does_not_count_on_credits_that_are_dead(sale: Sale) -> None:
    expired = give(sale.member, "40", days=1)
    held = hold(sale.member, "40", now=NOW)
    with pytest.raises(Busy):
        sale.dispute(status="LOST", now=NOW + timedelta(days=1))
    capture(held, now=NOW)
    assert CreditGrant.objects.get(pk=expired.pk).remaining == 0
    sale.dispute(status="LOST", now=NOW + timedelta(days=1))
    assert books(sale) == ("0", "0", "0", "40", "0", "100")


# Payments that sold nothing, and disputes that come first.


def test_a_dispute_or_refund_of_an_unapplied_payment_touches_no_credits(sale: Sale) -> None:
    spare = pay(sale.member, unapplied=True)
    before = books(sale)
    dispute = Dispute.objects.create(
        payment=spare,
        gateway_dispute_id="1",
        amount_ghs=D(80),
        status="LOST",
        due_at=NOW,
        opened_at=NOW,
        closed_at=NOW,
    )
    answers = payment_disputed.send(Payment, payment=spare, dispute=dispute, now=NOW)
    assert claims(answers) == [Claim.UNAPPLIED]
    refund = Refund(payment=spare, status="FAILED", amount_ghs=D(80))
    answers = payment_refunded.send(Payment, payment=spare, refund=refund, now=NOW)
    assert claims(answers) == [Claim.UNAPPLIED]
    assert books(sale) == before


def test_a_payment_for_something_else_is_not_ours(member: Membership) -> None:
    spare = pay(member)
    spare.purpose = "something_else"
    refund = Refund(payment=spare, status="FAILED", amount_ghs=D(80))
    for signal, values in ((payment_disputed, {"dispute": None}), (payment_refunded, {"refund": refund})):
        assert claims(signal.send(Payment, payment=spare, now=NOW, **values)) == []
    Payment.objects.all().delete()


@pytest.mark.parametrize(("status", "frozen", "left"), [("OPEN", True, D(100)), ("LOST", False, D(0))])
def test_a_dispute_that_came_before_its_payment_was_settled(
    member: Membership, status: str, frozen: bool, left: Decimal
) -> None:
    payment = pay(member)
    AICreditPurchase.objects.create(
        business_id=member.business_id,
        payment=payment,
        pack_type="VALUE",
        pack_name="Value",
        payment_method="MOMO",
        price_ghs=D(80),
        credits=D(100),
        created_at=NOW,
    )
    decided = status == "LOST"
    Dispute.objects.create(
        payment=payment,
        gateway_dispute_id="1",
        amount_ghs=D(80),
        status=status,
        due_at=NOW,
        opened_at=NOW,
        closed_at=NOW if decided else None,
        next_check_at=None if decided else NOW,
    )
    for _ in range(2):
        answers = payment_succeeded.send(Payment, payment=payment, now=NOW)
        assert claims(answers) == [Claim.APPLIED]
        grant = CreditGrant.objects.get(source="purchase")
        assert (grant.frozen, grant.remaining) == (frozen, left)
