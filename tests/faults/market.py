"""A market day at random: people buy, networks fail, news is lost, doubled, late and forged, money goes back.

`Market` is a Hypothesis state machine over the real services and the gateway's look-alike. It compares the
books with its own list of what was paid there after every step.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from django.test import override_settings
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from config.core.errors import DomainError
from payments.errors import InvalidSignature
from payments.models import Payment, Refund, WebhookEvent
from payments.services import charges, reconciliation, refunds, retries, schedule, settlement, webhooks
from subscriptions.models import AICreditPurchase, BusinessAICredits
from subscriptions.services import purchases
from tests.books import audit
from tests.factories import make_business

from .buying import PACK_CREDITS
from .gateway import LIES, READ_FAULTS, WRITE_FAULTS, Gateway

KINDS = ["page", "page", "mtn", "mtn", "atl", "vod"]
ACTS = ["pay"] * 8 + ["look"] * 3 + ["deliver"] * 4 + ["process"] * 3 + ["code"] * 2 + ["retry"] * 2
ACTS += ["sweep", "late", "lie", "lie", "lie", "refund", "forge", "wait"]
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
        self.bought = self.steps = 0
        self.opened_at = self.now = timezone.now()

    @initialize(number=st.integers(0, 2**32))
    def open(self, number: int) -> None:
        self.random = Random(number)
        self.member = make_business()
        self.gateway.press("script", timeout_s=0.3, rate_limit_reset=0)

    @rule(what=st.sampled_from(WHAT), number=st.integers(0, 2**32))
    def act(self, what: str, number: int) -> None:
        self.steps += 1
        self.random.seed(number + self.steps)
        self.do(what)

    def do(self, what: str) -> None:
        if what == "buy":
            if self.bought < self.orders and self.buy() and self.random.random() < 0.8:
                self.pay(self.attempts[-1])
        elif what == "process":
            self.process()
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
            with override_settings(PAYSTACK_READ_SECONDS=10):
                self.close_the_day()
        finally:
            self.gateway.press("reset")
            self.gateway.close()

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
        if self.gateway.press(how, outcome=outcome)["message"] == "success":
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

    def refund(self, attempt: Attempt) -> None:
        """Money that paid for nothing goes back."""
        payment = Payment.objects.filter(unapplied=True, status="SUCCESSFUL", refunds=None).first()
        if payment is None or payment.paid_ghs is None:
            return
        refund = refunds.open_refund(
            payment_id=payment.pk,
            amount_ghs=payment.paid_ghs,
            reason="Paid twice",
            requested_by=self.member.user_id,
            now=self.now,
        )
        with self.weather(WRITE_FAULTS, share=0.5), suppress(DomainError):
            refunds.send(refund_id=refund.pk, now=self.now)

    # Closing time.

    def close_the_day(self) -> None:
        self.gateway.press("script", faults=[], tamper={}, lose_webhooks=False)
        self.now += timedelta(hours=25)
        while due := schedule.claim_due(now=self.now):
            for payment_id in due:
                charges.check(payment_id=payment_id, now=self.now)
        for _ in range(webhooks.MAX_UNCONFIRMED + 1):
            self.now += timedelta(hours=1)
            for event_id in webhooks.claim_due(now=self.now):
                webhooks.process(event_id=event_id, now=self.now)
            for refund_id in refunds.claim_due(now=self.now):
                refunds.check(refund_id=refund_id, now=self.now)
        reconciliation.run(
            gateway="paystack",
            since=self.opened_at - timedelta(seconds=1),
            until=timezone.now() + timedelta(seconds=1),
            dry_run=False,
            now=self.now,
        )
        self.nothing_is_credited_that_was_not_paid()
        self.every_success_is_accounted_for()
        audit()

    def every_success_is_accounted_for(self) -> None:
        at_the_gateway = self.gateway.successes() & {attempt.reference for attempt in self.attempts}
        assert at_the_gateway == self.paid
        orders = AICreditPurchase.objects.filter(business_id=self.member.business_id)
        ours = Payment.objects.filter(business_id=self.member.business_id)
        credited = set(orders.exclude(paid_by=None).values_list("paid_by__reference", flat=True))
        unapplied = set(ours.filter(unapplied=True).values_list("reference", flat=True))
        review = set(ours.filter(status="REVIEW").values_list("reference", flat=True))
        assert credited | unapplied | review == at_the_gateway
        assert len(credited) + len(unapplied) + len(review) == len(at_the_gateway)
        back = Refund.objects.filter(payment__in=ours)
        assert {refund.status for refund in back} <= {"PROCESSED"}
        assert set(back.values_list("payment__reference", flat=True)) <= unapplied
        self.told["= purchases"] += orders.count()
        self.told["= attempts"] += ours.count()
        self.told["= paid at the gateway"] += len(at_the_gateway)
        self.told["= credited"] += len(credited)
        self.told["= unapplied"] += len(unapplied)
        self.told["= of these given back"] += back.count()
        self.told["= in review"] += len(review)

    @invariant()
    def nothing_is_credited_that_was_not_paid(self) -> None:
        if not self.bought:
            return
        credited = AICreditPurchase.objects.filter(business_id=self.member.business_id, grant__isnull=False)
        by = list(credited.values_list("paid_by__reference", flat=True))
        assert set(by) <= self.paid
        account = BusinessAICredits.objects.filter(pk=self.member.business_id).first()
        assert (account.balance if account else 0) == PACK_CREDITS * len(set(by)) == PACK_CREDITS * len(by)

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

    def note_newest(self, kind: str) -> bool:
        newest = Payment.objects.filter(business_id=self.member.business_id).order_by("-pk").first()
        if newest is None or any(newest.reference == one.reference for one in self.attempts):
            self.told["phone had a prompt"] += 1
            return False
        self.attempts.append(Attempt(newest.reference, kind))
        return True
