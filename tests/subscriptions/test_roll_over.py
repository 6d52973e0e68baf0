"""Unused add-on credits at a renewal: up to the cap they live on, the oldest are trimmed first."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Membership
from subscriptions.models import CreditEntry, CreditGrant
from subscriptions.selectors import account
from subscriptions.services import ledger, locks, sweeps
from tests.concurrency.together import together
from tests.factories import make_business

from .test_ledger import capture, hold

D = Decimal
BEFORE = datetime(2126, 11, 21, 9, 0, tzinfo=UTC)
END = BEFORE + timedelta(days=10)
AFTER = END + timedelta(days=2)
NEXT_END = END + timedelta(days=30)


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


def give(member: Membership, credits: str, key: str, **values: Any) -> CreditGrant:
    values = {"source": "addon", "unit_value_ghs": D("0.5"), "expires_at": END, "now": BEFORE, **values}
    return ledger.grant(business_id=member.business_id, credits=D(credits), key=key, **values)


@transaction.atomic
def roll(member: Membership, *grants: CreditGrant, cap: str = "50", now: datetime = AFTER) -> Decimal | None:
    locks.lock_account(business_id=member.business_id)
    return ledger.roll_over(
        business_id=member.business_id,
        grant_ids=[grant.pk for grant in grants],
        ended_at=END,
        expires_at=NEXT_END,
        cap=D(cap),
        key="rolled",
        now=now,
    )


def left(*grants: CreditGrant) -> list[tuple[Decimal, bool]]:
    """What remains, and whether it lives on."""
    rows = [CreditGrant.objects.get(pk=grant.pk) for grant in grants]
    return [(row.remaining, row.expires_at == NEXT_END) for row in rows]


@pytest.mark.parametrize(
    ("unused", "kept", "written_off"),
    [
        (["49.99"], [("49.99", True)], None),
        (["50"], [("50", True)], None),
        (["50.01"], [("50", True)], "-0.01"),
        # Oldest first: what was rolled over before goes before what is a month old.
        (["30", "40"], [("10", True), ("40", True)], "-20"),
        (["30", "60"], [("0", False), ("50", True)], "-40"),
        (["20", "20", "20"], [("10", True), ("20", True), ("20", True)], "-10"),
    ],
)
def test_the_cap_and_who_is_trimmed(
    member: Membership, unused: list[str], kept: list[tuple[str, bool]], written_off: str | None
) -> None:
    bought = give(member, "7", "bought", source="purchase", expires_at=None)
    trial = give(member, "5", "trial", source="trial", unit_value_ghs=D(0))
    old = [give(member, credits, f"old {number}") for number, credits in enumerate(unused)]
    for _ in range(2):
        total = roll(member, *old)
        assert left(*old) == [(D(credits), lives) for credits, lives in kept]
    assert total == D(0)  # the second time nothing was left to do
    assert left(bought, trial) == [(D(7), False), (D(5), False)]
    found = CreditEntry.objects.filter(kind="expiry").values_list("amount", flat=True)
    assert list(found) == ([D(written_off)] if written_off else [])
    assert account.available(business_id=member.business_id, now=AFTER) == 7 + sum(D(c) for c, _ in kept)


def test_a_call_that_runs_over_the_end_is_waited_for(member: Membership) -> None:
    old = give(member, "80", "old")
    held = hold(member, "20", now=END - timedelta(minutes=1))
    assert roll(member, old) is None
    assert left(old) == [(D(80), False)]
    capture(held, now=AFTER)
    assert roll(member, old) == D(50)
    assert left(old) == [(D(50), True)]


def test_a_frozen_grant_counts_and_stays_frozen(member: Membership) -> None:
    old, newer = give(member, "40", "old"), give(member, "40", "newer")
    CreditGrant.objects.filter(pk__in=[old.pk]).update(frozen_at=BEFORE)
    assert roll(member, old, newer) == D(50)
    assert left(old, newer) == [(D(10), True), (D(40), True)]
    assert account.available(business_id=member.business_id, now=AFTER) == D(40)
    CreditGrant.objects.filter(pk=old.pk).update(frozen_at=None)


def test_what_a_failed_refund_gives_back_can_be_used(member: Membership) -> None:
    old = give(member, "30", "old", source="adjustment", unit_value_ghs=D(0))
    take = partial(ledger.set_taken_back, grant_id=old.pk)
    take(credits=D(30), key="taken", now=BEFORE)
    assert roll(member, old) == D(0)
    take(credits=D(0), key="returned", now=AFTER)
    assert left(old) == [(D(30), True)]
    assert account.available(business_id=member.business_id, now=AFTER) == D(30)


def test_what_is_kept_pays_a_debt_that_the_month_did_not(member: Membership) -> None:
    old = give(member, "40", "old")
    late = hold(member, "30", now=BEFORE)
    sweeps.release_stale_holds(now=BEFORE + timedelta(minutes=20))
    capture(late, now=END + timedelta(hours=1))  # nothing is usable then
    assert roll(member, old) == D(40)
    assert left(old) == [(D(10), True)]
    assert list(CreditEntry.objects.filter(kind="debt_payment").values_list("amount", flat=True)) == [D(-30)]


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_trim_once() -> None:
    member = make_business()
    old = give(member, "80", "old")
    outcomes = together([partial(roll, member, old)] * 8)
    assert sorted(one for one in outcomes if isinstance(one, Decimal)) == [D(0)] * 7 + [D(50)]
    assert left(old) == [(D(50), True)]
