"""A market day at random: people buy and use it, networks fail, news is lost, doubled, late and forged, money
is asked back, and banks dispute it.

`Market` is a Hypothesis state machine over the real services and the gateway's look-alike. It compares the
books with its own list of what was paid there and what was spent after every step; `closing` does the rest.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from config.core.errors import DomainError
from payments.errors import InvalidSignature
from payments.models import Payment, WebhookEvent
from payments.services import charges, retries, schedule, settlement, webhooks
from payments.services import refunds as payment_refunds
from subscriptions.services import purchases, refunds
from tests.factories import make_business
from tests.subscriptions.test_ledger import capture, hold

from . import accounts, closing
from .buying import PACK_CREDITS, PACK_PESEWAS
from .gateway import LIES, READ_FAULTS, REFUNDS_END, VERDICTS, WRITE_FAULTS, Gateway

KINDS = ["page", "page", "mtn", "mtn", "atl", "vod"]
ACTS = ["pay"] * 8 + ["look"] * 3 + ["deliver"] * 4 + ["process"] * 3 + ["code"] * 2 + ["retry"] * 2
ACTS += ["sweep", "late", "forge", "wait"] + ["lie", "use", "ask_back", "ask_back", "dispute", "decide"] * 3
WHAT = ["buy"] * 7 + ACTS


@dataclass
class Attempt:
    reference: str
    kind: str


class Market(RuleBasedStateMachine):
    """`orders` of one business, then closing time: everything that happens by itself, and the account."""

    orders = 125
    told: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.gateway = Gateway()
        self.attempts: list[Attempt] = []
        self.paid: set[str] = set()
        self.disputed: set[str] = set()
        self.disputes: list[str] = []  # that the bank has not decided
        self.spent = Decimal(0)
        self.bought = self.steps = 0
        self.opened_at = self.now = timezone.now()

    @initialize(number=st.integers(0, 2**32))
    def open(self, number: int) -> None:
        self.random = Random(number)
        self.member = make_business()
        self.gateway.press("script", timeout_s=0.15, rate_limit_reset=0)

    @rule(what=st.sampled_from(WHAT), number=st.integers(0, 2**32))
    def act(self, what: str, number: int) -> None:
        self.steps += 1
        self.random.seed(number + self.steps)
        self.do(what)

    def do(self, what: str) -> None:
        if what == "buy":
            if self.bought < self.orders and self.buy() and self.random.random() < 0.8:
                self.pay(self.attempts[-1])
        elif what in ("process", "use", "decide"):
            getattr(self, what)()
        elif what == "sweep":
            self.sweep(self.random.choice([1, 16, 61, 200, 3600, 40_000]))
        elif what == "wait":
            self.now += timedelta(seconds=self.random.choice([5, 50, 181, 90_000]))
        elif self.attempts:
            getattr(self, what)(self.random.choice(self.attempts[-6:]))

    def teardown(self) -> None:
        try:
            while self.bought < self.orders:
                self.do("buy")
                self.do(self.random.choice(ACTS))
                self.nothing_is_credited_that_was_not_paid()
            closing.close(self)
        finally:
            self.gateway.press("reset")

    # What people and networks do.

    def buy(self) -> bool:
        kind = self.random.choice(KINDS)
        with self.weather(WRITE_FAULTS, share=0.2, times=2), suppress(DomainError):
            purchases.start(
                business_id=self.member.business_id,
                user_id=self.member.user_id,
                email=self.member.user.email,
                pack_type="VALUE",
                payment_method="MOMO",
                amount_ghs=None,
                callback_url="",
                now=self.now,
                **self.way(kind),
            )
        is_ordered = self.note_newest(kind)
        self.bought += is_ordered
        return is_ordered

    def retry(self, attempt: Attempt) -> None:
        """Mostly of an order that still waits; then, often, both attempts are paid."""
        attempt = next((one for one in self.attempts[::-1] if one.reference not in self.paid), attempt)
        kind = self.random.choice(KINDS)
        way = {"method": "MOMO", **self.way(kind)} if kind != "page" else {"method": "PAYSTACK"}
        with self.weather(WRITE_FAULTS, share=0.2), suppress(DomainError):
            retries.try_again(reference=attempt.reference, started_by_id=None, now=self.now, **way)
        if self.note_newest(kind) and self.random.random() < 0.7:
            self.late(attempt)
            self.pay(self.attempts[-1])

    def pay(self, attempt: Attempt, outcome: str = "") -> None:
        outcome = outcome or self.random.choice(["approve"] * 8 + ["decline", "timeout"])
        how = f"pay/{attempt.reference}" if attempt.kind == "page" else f"phone/{attempt.reference}"
        if is_lost := self.random.random() < 0.3:
            self.gateway.press("script", lose_webhooks=True)
            self.told["webhook lost"] += 1
        if self.gateway.pay(how, outcome):
            self.paid.add(attempt.reference)
        if is_lost:
            self.gateway.press("script", lose_webhooks=False)
        if outcome != "approve":
            self.told[f"payer: {outcome}"] += 1

    def late(self, attempt: Attempt) -> None:
        self.pay(attempt, "approve" if attempt.kind == "page" else "late")

    def code(self, attempt: Attempt) -> None:
        otp = self.random.choice(["123456", "123456", "000000"])
        payment = Payment.objects.get(reference=attempt.reference)
        with self.weather(WRITE_FAULTS, share=0.2), suppress(DomainError):
            charges.submit_code(payment_id=payment.pk, otp=otp, now=self.now)

    # What we hear, and ask.

    def look(self, attempt: Attempt) -> None:
        way = self.random.choice(["verify", "return page", "poll"])
        payment = Payment.objects.get(reference=attempt.reference)
        with self.weather(READ_FAULTS, share=0.3, times=3), suppress(DomainError):
            if way == "verify":
                purchases.verify(business_id=payment.business_id, reference=payment.reference, now=self.now)
            elif way == "poll":
                charges.check(payment_id=payment.pk, now=self.now)
            else:
                settlement.verify(reference=payment.reference, now=self.now)

    def lie(self, attempt: Attempt) -> None:
        """What it says of the money where there is some, what it says of the state where there is none."""
        is_paid = self.random.random() < 0.4
        fit = [one for one in self.attempts[-20:] if (one.reference in self.paid) is is_paid]
        attempt = self.random.choice(fit or [attempt])
        lies = [lie for lie in LIES if ("status" in lie) is not is_paid]
        self.gateway.press("script", tamper=self.random.choice(lies))
        self.told["gateway's answer tampered with"] += 1
        with suppress(DomainError):
            settlement.verify(reference=attempt.reference, now=self.now)
        self.gateway.press("script", tamper={})

    def deliver(self, attempt: Attempt) -> None:
        """Some of what was sent about it and about another one, some of it twice, in any order."""
        both = [attempt, self.random.choice(self.attempts)]
        found = [one for each in both for one in self.gateway.deliveries(each.reference)]
        for one in self.random.choices(found, k=self.random.randint(1, 4)) if found else []:
            known = not webhooks.receive(
                gateway_name="paystack", body=one["body"].encode(), signature=one["signature"], now=self.now
            )
            self.told["webhook doubled"] += known

    def forge(self, attempt: Attempt) -> None:
        body = f'{{"event":"charge.success","data":{{"reference":"{attempt.reference}"}}}}'
        self.told["webhook forged"] += 1
        with suppress(InvalidSignature):
            webhooks.receive(gateway_name="paystack", body=body.encode(), signature="0" * 128, now=self.now)
            raise AssertionError("a forged signature was believed")

    def process(self) -> None:
        waiting = list(WebhookEvent.objects.filter(processed_at=None).order_by("pk"))
        for event in self.random.sample(waiting, min(len(waiting), 3)):
            with self.weather(READ_FAULTS, share=0.2, times=3), suppress(DomainError):
                webhooks.process(event_id=event.pk, now=self.now)

    def sweep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for payment_id in schedule.claim_due(now=self.now, limit=5):
            with self.weather(READ_FAULTS, share=0.1, times=3), suppress(DomainError):
                charges.check(payment_id=payment_id, now=self.now)
        for refund_id in payment_refunds.claim_due(now=self.now, limit=5):
            with self.weather(READ_FAULTS, share=0.1, times=3), suppress(DomainError):
                payment_refunds.check(refund_id=refund_id, now=self.now)

    # Money that goes back.

    def use(self) -> None:
        credits = self.random.choice(["0.10", "3.37", "25", "60"])
        with suppress(DomainError):
            capture(hold(self.member, credits, now=self.now), now=self.now)
            self.spent += Decimal(credits)
            self.told["credits used"] += 1

    def ask_back(self, attempt: Attempt) -> None:
        """The shop wants its money, mostly for credits that it has; a payment for nothing goes back whole."""
        payment_id = Payment.objects.values_list("pk", flat=True).get(reference=self.one_paid(attempt))
        try:
            asked = refunds.request(
                payment_id=payment_id, reason="Too many", requested_by=self.member.user_id, now=self.now
            )
        except DomainError:
            self.told["refund refused"] += 1
            return
        self.told["refund asked"] += 1
        self.gateway.press("script", refunds_end=self.random.choice(REFUNDS_END))
        with self.weather(WRITE_FAULTS, share=0.5), suppress(DomainError):
            payment_refunds.send(refund_id=asked.refund.pk, now=self.now)

    def dispute(self, attempt: Attempt) -> None:
        """The payer's bank takes all of it, or a part. It may know of a payment of which we don't yet."""
        part = self.random.choice([{}, {}, {"amount": self.random.randint(1, PACK_PESEWAS)}])
        reference = self.one_paid(attempt)
        if reference not in self.disputed and (opened := self.gateway.open_dispute(reference, **part)):
            self.told["dispute opened"] += 1
            self.disputed.add(reference)
            self.disputes.append(opened)

    def decide(self) -> None:
        if self.disputes:
            which = self.disputes.pop(self.random.randrange(len(self.disputes)))
            self.gateway.press(f"dispute/{which}/decide", resolution=self.random.choice(VERDICTS))

    # What must be so after every step.

    @invariant()
    def nothing_is_credited_that_was_not_paid(self) -> None:
        """And what is there is what was paid for, less what was used and what went back."""
        if not self.bought:
            return
        credited, sold, there = accounts.books(self.member.business_id)
        assert len(credited) == len(set(credited)) and set(credited) <= self.paid
        assert there == sold - self.spent
        assert sold <= PACK_CREDITS * len(credited)

    # How it is done.

    @contextmanager
    def weather(self, faults: list[str], *, share: float, times: int = 1) -> Iterator[None]:
        """In this share of cases the gateway fails the next reads, or writes."""
        if self.random.random() > share:
            yield
            return
        fault = self.random.choice(faults)
        times = self.random.randint(1, times)
        self.told[f"gateway: {fault}"] += times
        method = "GET" if faults is READ_FAULTS else "POST"
        self.gateway.press("script", faults=[{"method": method, "fault": fault, "times": times}])
        yield
        self.gateway.press("script", faults=[])

    def way(self, kind: str) -> dict[str, Any]:
        """Now and then a phone that has a prompt already: then there is no order."""
        if kind == "page":
            return {}
        number = max(len(self.attempts) - (self.random.random() < 0.05), 0)
        return {"phone": f"055{number:07}", "network": kind}

    def one_paid(self, attempt: Attempt) -> str:
        """Mostly one of the last that we know are paid, else one that is; `attempt` where there is none."""
        known = Payment.objects.filter(business_id=self.member.business_id, status="SUCCESSFUL")
        found = list(known.order_by("-pk").values_list("reference", flat=True)[:8])
        if not found or self.random.random() < 0.2:
            found = [one.reference for one in self.attempts if one.reference in self.paid][-8:]
        return self.random.choice(found or [attempt.reference])

    def note_newest(self, kind: str) -> bool:
        newest = accounts.newest(self.member.business_id)
        if newest is None or any(newest == one.reference for one in self.attempts):
            self.told["phone had a prompt"] += 1
            return False
        self.attempts.append(Attempt(newest, kind))
        return True
