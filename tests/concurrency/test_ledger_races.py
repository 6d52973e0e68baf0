"""The ledger under parallel calls with real commits: N calls with credit for k succeed exactly k times."""

import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from subscriptions.ai_billing import AIBillingService
from subscriptions.errors import DailyLimitReached, HoldReleased, InsufficientCreditsError, KeyAlreadyCharged
from subscriptions.models import (
    AITransaction,
    BusinessAICredits,
    CreditEntry,
    CreditGrant,
    CreditHold,
    UsageCounter,
)
from subscriptions.services import ledger
from subscriptions.types import ProviderUsage
from tests.factories import make_business, make_member

from .together import together

pytestmark = pytest.mark.django_db(transaction=True)

D = Decimal
USAGE = ProviderUsage(
    model="openai/gpt-6-luna",
    input_tokens=300,
    cached_tokens=0,
    output_tokens=200,
    reasoning_tokens=0,
    cost_usd=D("0.0002"),
    cost_ghs=D("0.0032"),
    fx_rate=D(16),
    price_effective_from=None,
)


@pytest.fixture
def member() -> Membership:
    return make_business()


def give(member: Membership, credits: str, *, key: str | None = None, days: int | None = None) -> CreditGrant:
    now = timezone.now()
    return ledger.grant(
        business_id=member.business_id,
        credits=D(credits),
        source="adjustment",
        key=key or f"test:{uuid4()}",
        unit_value_ghs=D(1),
        expires_at=None if days is None else now + timedelta(days=days),
        now=now,
    )


def hold(member: Membership, credits: str = "0.1", *, key: str | None = None, cost: str = "0.0001") -> int:
    return AIBillingService.hold(
        business_id=member.business_id,
        membership_id=member.pk,
        user_id=member.user_id,
        feature="product_description",
        credits=D(credits),
        request_id=uuid4(),
        idempotency_key=key,
        predicted_cost_usd=D(cost),
        daily_limit_usd=D("0.01"),
        now=timezone.now(),
    ).id


def capture(hold_id: int) -> Any:
    return AIBillingService.capture(
        hold_id=hold_id, usage=USAGE, response_time_ms=5, now=timezone.now()
    ).credits_charged


def release(hold_id: int, *, expired: bool = False) -> bool:
    return ledger.release(hold_id=hold_id, error_code="x", now=timezone.now(), expired=expired)


def books(member: Membership) -> tuple[Decimal, ...]:
    row = BusinessAICredits.objects.get(pk=member.business_id)
    return row.balance, row.held, row.debt, row.total_used


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


def test_64_holds_with_credit_for_10(member: Membership) -> None:
    give(member, "1")
    outcomes = together([partial(hold, member, cost="0")] * 64)
    assert kinds(outcomes) == {"int": 10, "InsufficientCreditsError": 54}
    refused = [one for one in outcomes if isinstance(one, InsufficientCreditsError)]
    assert {one.data["available"] for one in refused} == {D(0)}
    assert books(member) == (D(1), D(1), D(0), D(0))
    assert together([partial(capture, one) for one in outcomes if isinstance(one, int)]) == [D("0.10")] * 10
    assert books(member) == (D(0), D(0), D(0), D(1))


def test_without_the_lock_the_same_64_sell_more_than_there_is(member: Membership) -> None:
    """The control: looking first and writing afterwards, in a transaction or not, really oversells."""
    give(member, "1")
    sold = []

    def naive() -> bool:
        with transaction.atomic():
            account = BusinessAICredits.objects.get(pk=member.business_id)
            if account.balance - account.held < D("0.1"):
                return False
            time.sleep(0.005)  # the moment that a look and a write are apart
            sold.append(D("0.1"))
            BusinessAICredits.objects.filter(pk=member.business_id).update(held=account.held + D("0.1"))
            return True

    outcomes = together([naive] * 64)
    assert outcomes.count(True) > 10
    assert sum(sold) > BusinessAICredits.objects.get(pk=member.business_id).held
    BusinessAICredits.objects.filter(pk=member.business_id).update(held=0)


def test_members_of_one_business_share_its_credits_and_not_their_limits(member: Membership) -> None:
    give(member, "1")
    members = [member, *(make_member(business=member.business) for _ in range(3))]
    outcomes = together([partial(hold, one, cost="0.001") for one in members] * 6)
    assert kinds(outcomes) == {"int": 10, "InsufficientCreditsError": 14}
    assert UsageCounter.objects.count() <= 4
    assert sum(UsageCounter.objects.values_list("held_usd", flat=True)) == D("0.01")


def test_the_daily_limit_lets_exactly_k_through(member: Membership) -> None:
    give(member, "100")
    outcomes = together([partial(hold, member, cost="0.0025")] * 24)
    assert kinds(outcomes) == {"int": 4, "DailyLimitReached": 20}
    assert books(member)[:2] == (D(100), D("0.40"))
    assert UsageCounter.objects.get().held_usd == D("0.0100")
    assert isinstance(next(one for one in outcomes if isinstance(one, Exception)), DailyLimitReached)


def test_one_hold_captured_eight_times_is_one_charge(member: Membership) -> None:
    give(member, "1")
    held = hold(member)
    assert together([partial(capture, held)] * 8) == [D("0.10")] * 8
    assert books(member) == (D("0.90"), D(0), D(0), D("0.10"))
    assert CreditEntry.objects.filter(kind="capture").count() == AITransaction.objects.count() == 1
    assert UsageCounter.objects.get().spent_usd == D("0.0002")


def test_capture_against_release(member: Membership) -> None:
    give(member, "2")
    for _ in range(6):
        before, held = books(member)[0], hold(member)
        outcomes = together([partial(capture, held), partial(release, held)] * 2)
        state = CreditHold.objects.get(pk=held).state
        if state == "captured":
            assert outcomes == [D("0.10"), False] * 2
            assert books(member)[:3] == (before - D("0.1"), D(0), D(0))
        else:
            assert state == "released"
            assert [type(one) for one in outcomes[::2]] == [HoldReleased] * 2
            assert sorted(outcomes[1::2]) == [False, True]
            assert books(member)[:3] == (before, D(0), D(0))
        assert AITransaction.objects.filter(hold_id=held).count() == 1


def test_capture_against_the_end_of_the_lease(member: Membership) -> None:
    """Whichever is first, the answer that was delivered is charged once."""
    give(member, "2")
    for n in range(6):
        held = hold(member)
        outcomes = together([partial(release, held, expired=True), partial(capture, held)] * 2)
        assert outcomes[1::2] == [D("0.10")] * 2
        assert outcomes[::2].count(True) <= 1
        assert books(member) == (D(2) - D("0.1") * (n + 1), D(0), D(0), D("0.1") * (n + 1))
        logged = AITransaction.objects.get(hold_id=held)
        assert (logged.status, logged.late) == ("success", True in outcomes[::2])
        assert CreditEntry.objects.filter(key=f"hold:{held}:capture").count() == 1


def test_holds_against_the_expiry_of_their_grant(member: Membership) -> None:
    grant = give(member, "1", days=1)
    give(member, "1")
    later = timezone.now() + timedelta(days=2)
    expire = partial(ledger.expire, grant_id=grant.pk, now=later)
    outcomes = together([partial(hold, member, cost="0"), expire] * 12)
    holds = [one for one in outcomes[::2] if isinstance(one, int)]
    # A hold older than the expiry keeps the grant from being swept; after a sweep there is credit for ten.
    assert sorted(set(outcomes[1::2])) in ([D(0)], [D(0), D(1)])
    assert len(holds) == (12 if D(1) not in outcomes[1::2] else 10)
    assert together([partial(capture, one) for one in holds]) == [D("0.10")] * len(holds)
    expire()
    expired = -sum(CreditEntry.objects.filter(kind="expiry").values_list("amount", flat=True))
    used = D("0.1") * len(holds)
    assert CreditGrant.objects.get(pk=grant.pk).remaining == 0
    assert books(member) == (D(2) - expired - used, D(0), D(0), used)


def test_one_key_granted_eight_times_is_one_grant(member: Membership) -> None:
    grants = together([partial(give, member, "5", key="purchase:1")] * 8)
    assert len({one.pk for one in grants}) == 1
    assert books(member)[0] == D(5)
    assert CreditEntry.objects.count() == CreditGrant.objects.count() == 1


def test_the_first_grants_of_a_new_business_at_once(member: Membership) -> None:
    """Nobody has opened its account before."""
    together([partial(give, member, "1") for _ in range(8)])
    assert books(member)[0] == D(8)


def test_one_idempotency_key_holds_once(member: Membership) -> None:
    give(member, "5")
    outcomes = together([partial(hold, member, key="order-0001")] * 8)
    assert kinds(outcomes) == {"int": 1, "KeyAlreadyCharged": 7}
    assert any(isinstance(one, KeyAlreadyCharged) for one in outcomes)
    assert books(member)[1] == D("0.10")


def test_reversed_eight_times_comes_back_once(member: Membership) -> None:
    give(member, "1")
    held = hold(member)
    capture(held)
    reverse = partial(ledger.reverse, hold_id=held, now=timezone.now())
    assert sorted(together([reverse] * 8)) == [D(0)] * 7 + [D("0.10")]
    assert books(member) == (D(1), D(0), D(0), D(0))


def test_expired_eight_times_is_taken_once(member: Membership) -> None:
    grant = give(member, "3", days=1)
    expire = partial(ledger.expire, grant_id=grant.pk, now=timezone.now() + timedelta(days=2))
    assert sorted(together([expire] * 8)) == [D(0)] * 7 + [D(3)]
    assert books(member)[0] == D(0)


def test_everything_at_once_never_deadlocks(member: Membership) -> None:
    """Every operation on one business from several threads: all end, and the books are right."""
    soon = [give(member, "1", days=1) for _ in range(2)]
    give(member, "3")
    open_holds = [hold(member) for _ in range(8)]
    lost = [hold(member) for _ in range(2)]
    for one in lost:
        release(one, expired=True)
    spent = [hold(member) for _ in range(2)]
    for one in spent:
        capture(one)
    later = timezone.now() + timedelta(days=2)
    outcomes = together(
        [
            *(partial(capture, one) for one in (*open_holds[:6], *lost)),
            *(partial(release, one) for one in open_holds[2:]),
            *(partial(ledger.reverse, hold_id=one, now=later) for one in spent * 2),
            *(partial(ledger.expire, grant_id=one.pk, now=later) for one in soon * 2),
            *(partial(give, member, "1", key=f"bonus:{n % 2}") for n in range(4)),
            *(partial(hold, member) for _ in range(8)),
        ]
    )
    unforeseen = [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, HoldReleased)]
    assert unforeseen == []
