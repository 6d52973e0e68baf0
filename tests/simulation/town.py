"""A town of shops that live by a script. Each deed goes through the services that a view or a task calls."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from config.core.errors import DomainError
from subscriptions.services import purchases
from tests.factories import make_business
from tests.sandboxes import PaystackSandbox

from . import buying, calls, gateway, money_back, months, scheduler
from .gateway import News, Till
from .script import DAY, JOBS_AT, Action, Script, moment
from .shop import Deed, Shop

DEEDS: dict[str, Deed] = {
    "use": calls.use,
    "fail": calls.fail,
    "crash": calls.crash,
    "wake": calls.wake,
    "trial": buying.claim_trial,
    "buy": buying.buy,
    "pay late": buying.pay_late,
    "adjust": buying.adjust,
    "card": buying.change_card,
    "subscribe": months.subscribe,
    "renew": months.renew,
    "cancel": months.cancel,
    "plan": months.plan,
    "change plan": months.change_plan,
    "cancel plan": months.cancel_plan,
    "refund": money_back.refund,
    "refund month": money_back.refund_month,
    "refund ends": money_back.refund_ends,
    "dispute": money_back.dispute,
    "decide": money_back.decide,
}


class Town:
    """`told` is what became of every deed, in order: shop, deed, result."""

    def __init__(self, script: Script, sandbox: PaystackSandbox) -> None:
        self.script = script
        self.till = Till(sandbox)
        self.shops = [Shop(number, make_business(name=f"Shop {number}")) for number in range(script.shops)]
        self.shop_of = {shop.member.business_id: shop for shop in self.shops}
        self.told: list[tuple[int, str, str]] = []
        self.counts: Counter[str] = Counter()
        self.worker_is_out = False
        sandbox.reset()

    def live(self, days: list[int], after: Callable[[int], None]) -> None:
        """All of the script, the scheduler running on these days; `after` each day with deeds or jobs."""
        left = list(reversed(self.script.actions))
        runs = set(days)
        for day in range(self.script.days + 1):
            self.worker_is_out = self.script.is_out(day)
            if day in runs:
                self.tick(moment(day))
            has_deeds = False
            while left and left[-1].at < moment(day) - JOBS_AT + DAY:
                self.do(left.pop())
                has_deeds = True
            if has_deeds or day in runs:
                after(day)

    def tick(self, now: datetime) -> None:
        """Scheduler and worker catch up; what the gateway posts on their calls is acted upon as well."""
        scheduler.run(now, before_charge=self.tell_bank)
        self.hear(self.till.news(), now)

    def tell_bank(self, business_id: UUID | None) -> None:
        """What the saved card of this business is good for today; the cards of plans are good for them."""
        card = "success" if business_id is None else self.shop_of[business_id].card
        self.till.sandbox.script(card_charge=card)

    def hear(self, news: News, now: datetime) -> None:
        gateway.receive(news, now)
        if news and not self.worker_is_out:
            gateway.act(now)

    def spread(self, shop: Shop, reference: str, how: str, now: datetime) -> None:
        """How we hear of a payment: the gateway tells, we ask, or nobody says a word."""
        fresh = self.till.news()
        if how in ("told", "twice"):
            self.hear(fresh * (2 if how == "twice" else 1), now)
        elif how == "late":
            shop.late_news += fresh
        if how in ("asked", "twice"):
            purchases.verify(business_id=shop.member.business_id, reference=reference, now=now)

    def do(self, action: Action) -> None:
        shop = self.shops[action.shop]
        self.tell_bank(shop.member.business_id)
        try:
            result = DEEDS[action.deed](self, shop, action.at, **action.values)
        except DomainError as error:
            result = error.code
        self.hear(self.till.news(), action.at)
        self.counts[f"{action.deed}: {result.partition(' ')[0]}"] += 1
        self.told.append((action.shop, action.deed, result))
