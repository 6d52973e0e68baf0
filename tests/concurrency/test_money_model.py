"""The ledger's model again, with money that goes back: refunds asked for or not, disputes lost and won."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from hypothesis.stateful import run_state_machine_as_test as run

from config.core.errors import Busy
from payments.errors import NotRefundable, RefundInProgress
from payments.models import Dispute, Refund
from subscriptions.errors import NothingToRefund
from tests.factories import make_business
from tests.subscriptions.money import Sale

from .test_ledger_model import FOREVER, ZERO, Grant, Ledger, which

D = Decimal
CENT = D("0.01")
WHAT = ["spend", "end", "decide"] * 3 + ["hold", "capture", "request", "gateway", "dispute"] * 2
WHAT += ["sell", "time", "lose", "reverse"]


@dataclass
class Sold:
    """What a payment bought, and what became of its money."""

    grant: Grant
    row: Sale
    paid: Decimal
    taken_back: Decimal = ZERO
    owed: Decimal = ZERO
    refunds: list[tuple[Refund, Decimal]] = field(default_factory=list)
    given_back: Decimal = ZERO
    elsewhere: Decimal = ZERO
    lost: Decimal = ZERO
    disputes: list[Dispute] = field(default_factory=list)

    @property
    def due(self) -> Decimal:
        """The credits whose money is not ours."""
        alive = [(refund, taken) for refund, taken in self.refunds if refund.status != "FAILED"]
        rest = self.paid - sum((refund.amount_ghs for refund, _ in alive), D(0))
        gone = self.grant.credits * min(self.elsewhere + self.lost, rest) / self.paid
        taken = sum((taken for _, taken in alive), D(0))
        return min(self.grant.credits, taken + gone.quantize(CENT, ROUND_DOWN))

    @property
    def open_refund(self) -> Refund | None:
        return next((one for one, _ in self.refunds if one.status not in ("PROCESSED", "FAILED")), None)

    @property
    def open_disputes(self) -> list[Dispute]:
        return [dispute for dispute in self.disputes if dispute.status == "OPEN"]


class Money(Ledger):
    def __init__(self) -> None:
        super().__init__()
        self.sold: list[Sold] = []

    @initialize()
    def open(self) -> None:
        self.member = make_business()
        self.grant(D(1), paid=False, days=None)
        self.sell(D(2), 1)
        self.sell(D("1.5"), 3)

    # What the model says.

    def free(self, grant: Grant) -> Decimal:
        """What running calls can do without, when nothing else that is dead helps them."""
        dead = (one.remaining for one in self.grants if one is not grant and not self.is_usable(one))
        return max(self.balance - self.held - sum(dead, D(0)), D(0))

    def settle(self, sold: Sold) -> bool:
        """Moves the grant to what is due. False, and nothing moved, when running calls need the credits."""
        grant, missing = sold.grant, sold.due - sold.taken_back
        if missing < 0:
            grant.remaining -= missing
            sold.taken_back += missing
            self.pay_debt(grant, -missing)
        elif missing > 0:
            taken = min(grant.remaining, missing)
            if taken > self.free(grant):
                return False
            debt = max(grant.spent - (grant.credits - sold.due) - sold.owed, D(0))
            grant.remaining -= taken
            sold.taken_back += taken + debt
            sold.owed += debt
            self.debt += debt
            self.used -= debt
        if bool(sold.open_disputes) != (grant.frozen is not None):
            newest = [hold.created + timedelta(microseconds=1) for hold in self.holds if hold.state == "open"]
            grant.frozen = max([self.now, *newest]) if sold.open_disputes else None
        return True

    # What may happen.

    @rule(what=st.sampled_from(WHAT), number=which, cents=st.integers(1, 250))
    def money(self, what: str, number: int, cents: int) -> None:
        fitting = [one for one in self.sold if self.fits(what, one)] or self.sold
        sold, amount = fitting[number % len(fitting)], D(cents) / 100
        if what == "sell":
            self.sell(amount, number % 5 + 1, days=(None, 1)[number % 2])
        elif what == "request":
            self.request(sold)
        elif what == "end" and sold.open_refund:
            self.end(sold, sold.open_refund, ("PROCESSED", "FAILED")[number % 2])
        elif what == "gateway":
            self.gateway(sold, amount)
        elif what == "dispute":
            status = ("OPEN", "OPEN", "LOST", "WON")[cents % 4]
            self.dispute(sold, amount if number % 3 else sold.paid, status)
        elif what == "decide" and sold.open_disputes:
            self.decide(sold, sold.open_disputes[0], ("LOST", "LOST", "WON")[cents % 3])
        elif what == "spend":
            self.spend(min(amount, self.available))
        else:
            self.act(what, number, amount, 1)

    def fits(self, what: str, sold: Sold) -> bool:
        return bool({"end": sold.open_refund, "decide": sold.open_disputes}.get(what))

    def spend(self, credits: Decimal) -> None:
        if credits > 0:
            self.hold(credits)
            self.capture(self.holds[-1])

    def sell(self, credits: Decimal, price: int, days: int | None = None) -> None:
        expires = None if days is None else self.now + timedelta(days=days)
        row = Sale(self.member, str(credits), str(price), now=self.now, expires_at=expires)
        grant = Grant(row.grant.pk, credits, True, expires or FOREVER, self.now)
        self.add(grant)
        self.sold.append(Sold(grant, row, D(price)))

    def request(self, sold: Sold) -> None:
        grant, before = sold.grant, self.rows()
        unspent = min(grant.remaining, grant.credits - sold.taken_back, self.free(grant))
        unspent = unspent if grant.expires > self.now else D(0)
        left = sold.paid - sold.given_back - sold.lost
        amount = min(left, (unspent * sold.paid / grant.credits).quantize(CENT, ROUND_DOWN))
        refusal: type[Exception] | None = None
        if sold.open_refund:
            refusal = RefundInProgress
        elif grant.frozen:
            refusal = NotRefundable
        elif amount <= 0:
            refusal = NothingToRefund
        if refusal:
            with pytest.raises(refusal):
                sold.row.request(now=self.now)
            assert self.rows() == before
            return
        done = sold.row.request(now=self.now)
        assert (done.credits, done.refund.amount_ghs) == (unspent, amount)
        sold.refunds.append((done.refund, unspent))
        grant.remaining -= unspent
        sold.taken_back += unspent

    def end(self, sold: Sold, refund: Refund, status: str) -> None:
        if status == "PROCESSED" and sold.given_back + refund.amount_ghs > sold.paid:
            return  # payments leaves this to a person
        before = refund.status
        refund.status = status
        if status == "PROCESSED":
            sold.given_back += refund.amount_ghs
        assert self.settle(sold)
        refund.status = before
        self.twice(lambda: sold.row.end(refund, status, now=self.now), refund, status)

    def gateway(self, sold: Sold, amount: Decimal) -> None:
        if sold.given_back + amount > sold.paid:
            return
        sold.elsewhere += amount
        sold.given_back += amount
        if self.settle(sold):
            sold.row.refund_at_gateway(str(amount), now=self.now)
        else:
            sold.elsewhere -= amount
            sold.given_back -= amount
            self.is_busy(lambda: sold.row.refund_at_gateway(str(amount), now=self.now))

    def dispute(self, sold: Sold, amount: Decimal, status: str) -> None:
        self.decide(sold, sold.row.new_dispute(str(amount), now=self.now), status, is_new=True)

    def decide(self, sold: Sold, dispute: Dispute, status: str, *, is_new: bool = False) -> None:
        if is_new:
            sold.disputes.append(dispute)
        before, dispute.status = dispute.status, status
        sold.lost += dispute.amount_ghs if status == "LOST" else 0
        if self.settle(sold):
            self.twice(lambda: sold.row.decide(dispute, status, now=self.now), dispute, status)
            return
        self.is_busy(lambda: sold.row.decide(dispute, status, now=self.now))
        sold.lost -= dispute.amount_ghs
        if is_new:
            sold.disputes.remove(dispute)
        dispute.status, dispute.closed_at, dispute.next_check_at = before, None, self.now

    def twice(self, tell: Any, row: Any, status: str) -> None:
        tell()
        assert row.status == status
        before = self.rows()
        sold = next(one for one in self.sold if one.row.payment.pk == row.payment_id)
        sold.row.tell_again(row, now=self.now)
        assert self.rows() == before

    def is_busy(self, tell: Any) -> None:
        before = self.rows()
        with pytest.raises(Busy):
            tell()
        assert self.rows() == before


@pytest.mark.django_db
def test_credits_follow_their_money_as_the_model_says() -> None:
    number = random.SystemRandom().randrange(2**32)
    print(f"seed {number}")  # noqa: T201 — pytest shows it when the test fails
    run(
        seed(number)(Money),
        settings=settings(
            max_examples=8,
            stateful_step_count=40,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # as in test_ledger_model.py
            suppress_health_check=list(HealthCheck),
        ),
    )
