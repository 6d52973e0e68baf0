"""AI calls: answered, failed, abandoned, and settled by a process that everybody thought dead."""

from datetime import datetime
from typing import Any

from tests.subscriptions.test_ledger import AIBillingService, capture, hold

from .shop import Shop, Town


def use(town: Town, shop: Shop, now: datetime, *, credits: str, times: int, **_: Any) -> str:
    for _number in range(times):
        capture(hold(shop.member, credits, now=now, cost="0.0001"), now=now)
    return f"ok {credits}×{times}"


def fail(town: Town, shop: Shop, now: datetime, *, credits: str, **_: Any) -> str:
    held = hold(shop.member, credits, now=now, cost="0.0001")
    AIBillingService.release(hold_id=held.id, error_code="provider_failed", now=now)
    return "ok"


def crash(town: Town, shop: Shop, now: datetime, *, credits: str, **_: Any) -> str:
    shop.crashed.append(hold(shop.member, credits, now=now, cost="0.0001"))
    return "ok"


def wake(town: Town, shop: Shop, now: datetime, *, which: int, **_: Any) -> str:
    if not shop.crashed:
        return "nothing"
    held = shop.crashed.pop(which % len(shop.crashed))
    return f"ok {capture(held, now=now).credits_charged} of {held.credits}"
