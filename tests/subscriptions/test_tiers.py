"""Which API tier a user has: the licence's, and at least pro where the business has paid for something."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership
from subscriptions.errors import NotOnSale
from subscriptions.models import AIMonthlyAddon, ApiTier, CreditGrant, Licence, LicenceMonth
from subscriptions.selectors import tiers
from subscriptions.services import ledger
from subscriptions.types import TierLimits
from tests.factories import make_business
from tests.sandboxes import PaystackSandbox

from .licences import DAY, NOW, bought

D = Decimal
FREE = TierLimits(slug="free", requests_per_day=10, requests_per_month=100)
PRO = TierLimits(slug="pro", requests_per_day=100, requests_per_month=3000)
ENTERPRISE = TierLimits(slug="enterprise", requests_per_day=1000, requests_per_month=100_000)


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


def limits(member: Membership, now: datetime = NOW) -> TierLimits:
    return tiers.tier_limits(user_id=member.user_id, business_id=member.business_id, now=now)


def granted(member: Membership, *, value: str = "0.8", **changes: Any) -> CreditGrant:
    return ledger.grant(
        business_id=member.business_id,
        credits=D(10),
        source="purchase" if D(value) else "trial",
        key=f"test:{member.business_id}:{value}",
        unit_value_ghs=D(value),
        now=NOW,
        **changes,
    )


def test_free_by_default(member: Membership) -> None:
    assert limits(member) == FREE


@pytest.mark.parametrize(("plan", "expected"), [("pro", PRO), ("enterprise", ENTERPRISE)])
def test_the_users_licence_counts_in_every_business(
    member: Membership, sandbox: PaystackSandbox, plan: str, expected: TierLimits
) -> None:
    bought(member, sandbox, plan)
    other = make_business()
    elsewhere = Membership.objects.create(business=other.business, user=member.user, role="cashier")
    assert (limits(member), limits(elsewhere)) == (expected, expected)
    assert limits(other) == FREE


def test_a_licence_counts_from_its_start_up_to_its_end(member: Membership, sandbox: PaystackSandbox) -> None:
    end = bought(member, sandbox, "enterprise").ends_at
    assert end is not None
    moment = timedelta(microseconds=1)
    found = [limits(member, at) for at in (NOW - moment, NOW, end - moment, end)]
    assert found == [FREE, ENTERPRISE, ENTERPRISE, FREE]


def test_what_does_not_count(member: Membership, sandbox: PaystackSandbox) -> None:
    month = bought(member, sandbox, "enterprise")
    Licence.objects.update(status="suspended")
    assert limits(member) == FREE
    Licence.objects.update(status="active")
    LicenceMonth.objects.update(status="taken_back", taken_back_at=NOW)
    assert limits(member) == FREE
    LicenceMonth.objects.update(status="paid", taken_back_at=None)
    assert limits(member) == ENTERPRISE
    Licence.objects.filter(pk=month.licence_id).update(kind="support_chat")
    assert limits(member) == FREE


def test_paid_credits_make_it_pro(member: Membership, sandbox: PaystackSandbox) -> None:
    granted(member, value="0")
    assert limits(member) == FREE
    granted(member)
    assert limits(member) == PRO
    bought(member, sandbox)
    assert limits(member) == PRO
    LicenceMonth.objects.update(plan="enterprise")
    assert limits(member) == ENTERPRISE
    Licence.objects.update(status="suspended")
    assert limits(member) == PRO
    assert limits(make_business()) == FREE


def test_paid_credits_that_are_gone(member: Membership) -> None:
    grant = granted(member, expires_at=NOW + DAY)
    assert [limits(member, NOW + DAY - timedelta(seconds=1)), limits(member, NOW + DAY)] == [PRO, FREE]
    ledger.set_frozen(grant_id=grant.pk, frozen=True, now=NOW)
    assert limits(member) == FREE
    ledger.set_frozen(grant_id=grant.pk, frozen=False, now=NOW)
    assert limits(member) == PRO
    ledger.expire(grant_id=grant.pk, now=NOW + DAY)
    assert limits(member) == FREE


def test_an_active_add_on_makes_it_pro(member: Membership) -> None:
    addon = AIMonthlyAddon.objects.create(
        business=member.business,
        user_id=member.user_id,
        price_ghs=D(50),
        credits=D(100),
        status="ACTIVE",
        anchor_at=NOW,
        period_end=NOW + 28 * DAY,
        next_step_at=NOW + 28 * DAY,
        created_at=NOW,
    )
    assert [limits(member), limits(member, NOW + 28 * DAY)] == [PRO, FREE]
    addon.status, addon.next_step_at = "CANCELLED", None
    addon.save()
    assert limits(member) == FREE
    addon.delete()  # nobody paid for it, the books would say


def test_one_query(
    member: Membership, sandbox: PaystackSandbox, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bought(member, sandbox, "enterprise")
    granted(member)
    limits(member)  # the catalogue is read once
    with django_assert_num_queries(1):
        assert limits(member) == ENTERPRISE


def test_a_withdrawn_tier_is_kept_by_who_bought_it(member: Membership, sandbox: PaystackSandbox) -> None:
    bought(member, sandbox, "enterprise")
    ApiTier.objects.create(
        slug="enterprise",
        name="Enterprise",
        requests_per_day=1,
        requests_per_month=1,
        price_usd=1,
        is_active=False,
        effective_from=NOW + DAY,
    )
    assert limits(member, NOW + 2 * DAY) == ENTERPRISE


def test_a_market_without_pro(member: Membership) -> None:
    granted(member)
    ApiTier.objects.get(slug="pro").delete()
    assert limits(member) == FREE


def test_without_a_free_tier(member: Membership) -> None:
    for tier in ApiTier.objects.all():
        tier.delete()
    with pytest.raises(NotOnSale):
        limits(member)
