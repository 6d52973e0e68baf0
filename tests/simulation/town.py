"""A town of shops that live by a script. Each deed goes through the services that a view or a task calls."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from accounts.models import Membership
from config.core.errors import DomainError
from payments.models import Payment, Refund, SavedCard
from payments.services import refunds as payment_refunds
from subscriptions.models import AddonPeriod, AICreditPurchase, AIMonthlyAddon
from subscriptions.services import addons, adjustments, purchases, refunds, trial
from subscriptions.types import Hold
from tests.factories import make_business
from tests.sandboxes import PaystackSandbox
from tests.subscriptions import test_ledger as calls

from . import gateway, scheduler
from .gateway import News, Till
from .script import Action, Script, moment

D = Decimal


@dataclass
class Shop:
    """What its people remember. Rows are found again by their place in these lists, the same in every run."""

    number: int
    member: Membership
    open_payments: list[tuple[str, str]] = field(default_factory=list)  # reference, way
    purchases: list[AICreditPurchase] = field(default_factory=list)
    sweep_paid: set[str] = field(default_factory=set)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)
    disputed: set[str] = field(default_factory=set)
    crashed: list[Hold] = field(default_factory=list)
    card: str = "success"  # what a charge of its saved card comes to
    late_news: News = field(default_factory=list)


class Town:
    """`told` is what became of every deed, in order: shop, deed, result."""

    def __init__(self, script: Script, sandbox: PaystackSandbox) -> None:
        self.script = script
        self.till = Till(sandbox)
        self.shops = [Shop(number, make_business(name=f"Shop {number}")) for number in range(script.shops)]
        self.told: list[tuple[int, str, str]] = []
        self.counts: Counter[str] = Counter()
        self.worker_is_out = False
        sandbox.reset()

    def live(self, days: list[int], after: Callable[[int], None]) -> None:
        """All of the script, the scheduler running on these days; `after` each day with deeds or jobs."""
        deeds = iter(self.script.actions)
        upcoming = next(deeds, None)
        runs = set(days)
        for day in range(self.script.days + 1):
            end = moment(day + 1) - scheduler_hour()
            self.worker_is_out = self.script.is_out(day)
            if day in runs:
                self.tick(moment(day))
            has_deeds = False
            while upcoming is not None and upcoming.at < end:
                self.do(upcoming)
                upcoming, has_deeds = next(deeds, None), True
            if has_deeds or day in runs:
                after(day)

    def tick(self, now: datetime) -> None:
        """Scheduler and worker catch up; what the gateway posts on their calls is acted upon as well."""
        scheduler.run(now, before_charge=self.tell_bank)
        self.hear(self.till.news(), now)

    def tell_bank(self, addon_id: UUID) -> None:
        """What the card of this add-on's shop is good for today."""
        business_id = AIMonthlyAddon.objects.values_list("business_id", flat=True).get(pk=addon_id)
        shop = next(shop for shop in self.shops if shop.member.business_id == business_id)
        self.till.sandbox.script(card_charge=shop.card)

    def hear(self, news: News, now: datetime) -> None:
        gateway.receive(news, now)
        if news and not self.worker_is_out:
            gateway.act(now)

    def do(self, action: Action) -> None:
        shop = self.shops[action.shop]
        self.till.sandbox.script(card_charge=shop.card)
        try:
            result = getattr(self, action.deed)(shop, action.at, **action.values)
        except DomainError as error:
            result = error.code
        self.hear(self.till.news(), action.at)
        self.counts[f"{action.deed}: {result.partition(' ')[0]}"] += 1
        self.told.append((action.shop, action.deed, result))

    # AI calls.

    def use(self, shop: Shop, now: datetime, *, credits: str, times: int, which: int) -> str:
        for _ in range(times):
            calls.capture(calls.hold(shop.member, credits, now=now, cost="0.0001"), now=now)
        return f"ok {credits}×{times}"

    def fail(self, shop: Shop, now: datetime, *, credits: str, times: int, which: int) -> str:
        held = calls.hold(shop.member, credits, now=now, cost="0.0001")
        calls.AIBillingService.release(hold_id=held.id, error_code="provider_failed", now=now)
        return "ok"

    def crash(self, shop: Shop, now: datetime, *, credits: str, times: int, which: int) -> str:
        shop.crashed.append(calls.hold(shop.member, credits, now=now, cost="0.0001"))
        return "ok"

    def wake(self, shop: Shop, now: datetime, *, credits: str, times: int, which: int) -> str:
        """A process that everybody thought dead settles its call after all."""
        if not shop.crashed:
            return "nothing"
        held = shop.crashed.pop(which % len(shop.crashed))
        charge = calls.capture(held, now=now)
        return f"ok {charge.credits_charged} of {held.credits}"

    # Money in.

    def trial(self, shop: Shop, now: datetime, *, which: int) -> str:
        trial.claim(
            business_id=shop.member.business_id,
            email=shop.member.user.email,
            phone=f"+23355{shop.number:07}",
            now=now,
        )
        return "ok"

    def buy(
        self,
        shop: Shop,
        now: datetime,
        *,
        pack: str,
        amount: str,
        way: str,
        outcome: str,
        news: str,
        which: int,
    ) -> str:
        how = self._how(shop, way)
        if how is None:
            return "no card"
        purchase = purchases.start(
            business_id=shop.member.business_id,
            user_id=shop.member.user_id,
            email=shop.member.user.email,
            pack_type=pack,
            amount_ghs=D(amount) if pack == "CUSTOM" else None,
            callback_url="",
            now=now,
            **how,
        )
        shop.purchases.append(purchase)
        reference = purchase.payment.reference
        if outcome == "never":
            shop.open_payments.append((reference, way))
            return "waits"
        self.till.pay(reference, way=way, outcome=outcome)
        if news == "lost":
            shop.sweep_paid.add(reference)
        self._spread(shop, reference, news, now)
        return f"{outcome} {news}"

    def _how(self, shop: Shop, way: str) -> dict[str, Any] | None:
        """How somebody wants to pay; None without a card."""
        if way == "phone":
            phone = f"055{shop.number:07}"
            return {"payment_method": "MOMO", "phone": phone, "network": "mtn"}
        if way == "page":
            return {"payment_method": "MOMO"}
        card = SavedCard.objects.filter(business_id=shop.member.business_id, removed_at=None).first()
        if way == "new_card":
            return {"payment_method": "PAYSTACK", "save_card": True}
        return {"payment_method": "PAYSTACK", "card_id": card.pk} if card else None

    def _spread(self, shop: Shop, reference: str, how: str, now: datetime) -> None:
        """How we hear of a payment: the gateway tells, we ask, or nobody says a word."""
        fresh = self.till.news()
        if how in ("told", "twice"):
            self.hear(fresh * (2 if how == "twice" else 1), now)
        elif how == "late":
            shop.late_news += fresh
        if how in ("asked", "twice"):
            self._ask(shop, reference, now)

    def _ask(self, shop: Shop, reference: str, now: datetime) -> None:
        purchases.verify(business_id=shop.member.business_id, reference=reference, now=now)

    def pay_late(self, shop: Shop, now: datetime, *, which: int) -> str:
        """Late news arrive; somebody pays an order from long ago."""
        late, shop.late_news = shop.late_news, []
        self.hear(late, now)
        if not shop.open_payments:
            return "nothing"
        reference, way = shop.open_payments.pop(which % len(shop.open_payments))
        self.till.pay(reference, way=way, outcome="approve", on_time=False)
        self._spread(shop, reference, "told", now)
        return f"ok {Payment.objects.get(reference=reference).status}"

    def subscribe(self, shop: Shop, now: datetime, **values: Any) -> str:
        return self._pay_month(addons.subscribe, shop, now, **values)

    def renew(self, shop: Shop, now: datetime, **values: Any) -> str:
        return self._pay_month(addons.renew, shop, now, **values)

    def _pay_month(self, order: Any, shop: Shop, now: datetime, *, way: str, outcome: str, which: int) -> str:
        how = self._how(shop, way)
        if how is None:
            return "no card"
        period = order(
            business_id=shop.member.business_id,
            user_id=shop.member.user_id,
            email=shop.member.user.email,
            callback_url="",
            now=now,
            **how,
        )
        reference = period.payment.reference
        if outcome == "never":
            shop.open_payments.append((reference, way))
            return "waits"
        self.till.pay(reference, way=way, outcome=outcome)
        self._spread(shop, reference, "twice", now)
        return f"ok {way}"

    def cancel(self, shop: Shop, now: datetime, *, immediate: bool, which: int) -> str:
        addons.cancel(business_id=shop.member.business_id, immediate=immediate, now=now)
        return f"ok {immediate}"

    def card(self, shop: Shop, now: datetime, *, charge: str, which: int) -> str:
        shop.card = charge
        return f"ok {charge}"

    def adjust(self, shop: Shop, now: datetime, *, credits: str, days: int | None, which: int) -> str:
        done = adjustments.adjust(
            business_id=shop.member.business_id,
            credits=D(credits),
            reason="Made up for an outage",
            actor_id=1,
            key=f"{now:%Y%m%d%H%M%S}",
            expires_at=None if days is None else now + timedelta(days=days),
            now=now,
        )
        return f"ok {credits}, {done.available} available"

    # Money out.

    def refund(self, shop: Shop, now: datetime, *, by: str, ends: str, which: int) -> str:
        if not shop.purchases:
            return "nothing"
        purchase = shop.purchases[-1 - which % min(len(shop.purchases), 5)]
        purchase.refresh_from_db()
        # When the sweep found the money depends on when it ran, and with it the end of the owner's 7 days.
        is_swept = purchase.paid_by is not None and purchase.paid_by.reference in shop.sweep_paid
        values: dict[str, Any] = {
            "purchase_id": purchase.pk,
            "reason": "Too many",
            "requested_by": shop.member.user_id,
            "now": now,
        }
        if by == "owner" and not is_swept:
            done = refunds.request_as_owner(business_id=shop.member.business_id, **values)
        else:
            done = refunds.request_for_purchase(**values)
        return self._send(shop, done, ends, now)

    def refund_month(self, shop: Shop, now: datetime, *, ends: str, which: int) -> str:
        months = AddonPeriod.objects.filter(addon__business_id=shop.member.business_id, grant__isnull=False)
        last = months.order_by("starts_at").last()
        if last is None or last.paid_by_id is None:
            return "nothing"
        done = refunds.request(
            payment_id=last.paid_by_id, reason="Too dear", requested_by=shop.member.user_id, now=now
        )
        return self._send(shop, done, ends, now)

    def _send(self, shop: Shop, done: refunds.Requested, ends: str, now: datetime) -> str:
        shop.refunds.append(done.refund)
        if not self.worker_is_out:
            self.till.sandbox.script(refunds_end=ends)
            payment_refunds.send(refund_id=done.refund.pk, now=now)
        return f"ok {done.credits} for {done.refund.amount_ghs}"

    def refund_ends(self, shop: Shop, now: datetime, *, ends: str, which: int) -> str:
        """The gateway goes on with a refund that it had left pending."""
        waiting = Refund.objects.filter(pk__in=[one.pk for one in shop.refunds], status="PENDING")
        found = waiting.exclude(gateway_refund_id="").order_by("created_at").first()
        if found is None:
            return "nothing"
        self.till.sandbox.refund_to(found.gateway_refund_id, ends)
        return f"ok {ends}"

    def dispute(self, shop: Shop, now: datetime, *, part: int | None, which: int) -> str:
        mine = {"business_id": shop.member.business_id, "status__in": ["SUCCESSFUL", "REFUNDED"]}
        paid = Payment.objects.filter(**mine).exclude(reference__in=shop.disputed)
        orders = paid.filter(purpose=purchases.PURPOSE).order_by("-created_at")[:3]
        months = paid.filter(purpose=addons.PURPOSE).order_by("-created_at")[:2]
        found = [*orders, *months]
        if not found:
            return "nothing"
        payment = Random(which).choice(found)
        left = int((payment.amount_ghs - payment.refunded_ghs) * 100)
        if left <= 0:
            return "all back"
        shop.disputed.add(payment.reference)
        opened = self.till.dispute(payment.reference, None if part is None else min(part, left))
        if opened is None:
            return "refused"
        shop.disputes.append(opened)
        return f"ok {part}"

    def decide(self, shop: Shop, now: datetime, *, verdict: str, which: int) -> str:
        if not shop.disputes:
            return "nothing"
        self.till.sandbox.decide(shop.disputes.pop(which % len(shop.disputes)), verdict)
        return f"ok {verdict}"


def scheduler_hour() -> timedelta:
    return moment(0) - moment(0).replace(hour=0)
