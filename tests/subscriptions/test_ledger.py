"""The ledger: what each operation does, done twice, and what it refuses."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from accounts.models import Membership
from subscriptions.ai_billing import AIBillingService
from subscriptions.errors import DailyLimitReached, HoldReleased, InsufficientCreditsError, KeyAlreadyCharged
from subscriptions.models import (
    AITransaction,
    BusinessAICredits,
    CreditEntry,
    CreditGrant,
    CreditHold,
    CreditSlice,
    UsageCounter,
)
from subscriptions.selectors import account
from subscriptions.services import ledger
from subscriptions.types import Hold, ProviderUsage
from tests.factories import make_business

pytestmark = pytest.mark.django_db

NOW = datetime(2126, 11, 21, 9, 0, tzinfo=UTC)  # in the future: the audit must not find leases that ended
D = Decimal
USAGE = ProviderUsage(
    model="openai/gpt-6-luna",
    input_tokens=300,
    cached_tokens=0,
    output_tokens=200,
    reasoning_tokens=0,
    cost_usd=D("0.00013"),
    cost_ghs=D("0.00208"),
    fx_rate=D(16),
    price_effective_from=NOW,
)


@pytest.fixture
def member() -> Membership:
    return make_business()


def give(
    member: Membership, credits: str, *, key: str | None = None, value: str = "1", days: int | None = None
):
    return ledger.grant(
        business_id=member.business_id,
        credits=D(credits),
        source="adjustment",
        key=key or f"test:{uuid4()}",
        unit_value_ghs=D(value),
        expires_at=NOW + timedelta(days=days) if days is not None else None,
        now=NOW,
    )


def hold(
    member: Membership, credits: str, *, now: datetime = NOW, key: str | None = None, cost="0.001"
) -> Hold:
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
        now=now,
    )


def capture(held: Hold, *, now: datetime = NOW, credits: str | None = None):
    return AIBillingService.capture(
        hold_id=held.id,
        usage=USAGE,
        response_time_ms=800,
        credits=None if credits is None else D(credits),
        now=now,
    )


def books(business_id: UUID) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal]:
    row = BusinessAICredits.objects.get(pk=business_id)
    return row.balance, row.held, row.debt, row.total_purchased, row.total_used


def test_a_grant_is_made_once_per_key(member):
    first = give(member, "10", key="purchase:1")
    again = give(member, "10", key="purchase:1")
    assert first.pk == again.pk
    assert books(member.business_id) == (D(10), D(0), D(0), D(10), D(0))
    assert list(CreditEntry.objects.values_list("key", "kind", "amount", "balance_after")) == [
        ("purchase:1", "grant", D(10), D(10))
    ]


def test_free_credits_are_not_purchased(member):
    give(member, "5", value="0")
    assert books(member.business_id) == (D(5), D(0), D(0), D(0), D(0))


def test_hold_then_capture(member):
    give(member, "100", value="0.8")
    held = hold(member, "0.1")
    assert books(member.business_id) == (D(100), D("0.10"), D(0), D(100), D(0))
    charge = capture(held)
    assert charge.credits_charged == D("0.10")
    assert charge.new_balance == charge.available == D("99.90")
    assert charge.low_credit_warning is False
    assert books(member.business_id) == (D("99.90"), D(0), D(0), D(100), D("0.10"))
    used = AITransaction.objects.get()
    assert (used.status, used.source, used.credits_charged, used.revenue_ghs, used.cost_usd) == (
        "success",
        "ai",
        D("0.10"),
        D("0.08"),
        D("0.00013"),
    )
    entry = CreditEntry.objects.get(kind="capture")
    assert entry.key == f"hold:{held.id}:capture"
    assert (entry.amount, entry.balance_after) == (D("-0.10"), D("99.90"))


def test_a_second_capture_changes_nothing_and_says_the_same(member):
    give(member, "1")
    held = hold(member, "0.4")
    assert capture(held) == capture(held)
    assert books(member.business_id) == (D("0.60"), D(0), D(0), D(1), D("0.40"))
    assert CreditEntry.objects.filter(kind="capture").count() == 1


def test_a_capture_burns_soonest_expiry_then_free_then_paid_then_oldest(member):
    paid = give(member, "1", value="1")
    free = give(member, "1", value="0")
    late = give(member, "1", value="1", days=60)
    soon = give(member, "1", value="1", days=30)
    charge = capture(hold(member, "3.5"))
    burnt = CreditSlice.objects.filter(entry__kind="capture").order_by("pk").values_list("grant_id", "amount")
    assert dict(burnt) == {soon.pk: D(-1), late.pk: D(-1), free.pk: D(-1), paid.pk: D("-0.50")}
    assert AITransaction.objects.get(pk=charge.transaction_id).revenue_ghs == D("2.5")


def test_a_partial_capture_gives_the_rest_back(member):
    give(member, "1")
    charge = capture(hold(member, "1"), credits="0.3")
    assert charge.credits_charged == D("0.30")
    assert books(member.business_id) == (D("0.70"), D(0), D(0), D(1), D("0.30"))
    assert AITransaction.objects.get().partial is True


def test_release_gives_everything_back_and_logs_the_failure(member):
    give(member, "1")
    held = hold(member, "0.5")
    assert AIBillingService.release(hold_id=held.id, error_code="provider_unavailable", now=NOW) is True
    assert AIBillingService.release(hold_id=held.id, error_code="provider_unavailable", now=NOW) is False
    assert books(member.business_id) == (D(1), D(0), D(0), D(1), D(0))
    used = AITransaction.objects.get()
    assert (used.status, used.error_code, used.credits_charged) == ("failed", "provider_unavailable", D(0))
    with pytest.raises(HoldReleased):
        capture(held)


def test_too_few_credits_moves_nothing_and_names_the_packs(member):
    give(member, "0.05")
    with pytest.raises(InsufficientCreditsError) as refused:
        hold(member, "0.1")
    packs = refused.value.data.pop("packs")
    assert [pack["type"] for pack in packs] == ["STARTER", "VALUE", "PRO"]
    assert refused.value.data == {"required": D("0.1"), "available": D("0.05"), "shortfall": D("0.05")}
    assert books(member.business_id) == (D("0.05"), D(0), D(0), D("0.05"), D(0))
    assert not CreditHold.objects.exists()
    assert not UsageCounter.objects.exists()


def test_a_business_without_an_account_has_nothing(member):
    with pytest.raises(InsufficientCreditsError) as refused:
        hold(member, "3")
    assert refused.value.data["available"] == 0


def test_an_expired_grant_is_unusable_at_once(member):
    give(member, "5", days=1)
    give(member, "1")
    later = NOW + timedelta(days=1)
    assert account.account(business_id=member.business_id, now=NOW).available == D(6)
    assert account.account(business_id=member.business_id, now=later).available == D(1)
    with pytest.raises(InsufficientCreditsError):
        hold(member, "1.1", now=later)
    capture(hold(member, "1", now=later), now=later)
    assert list(CreditGrant.objects.order_by("pk").values_list("remaining", flat=True)) == [D(5), D(0)]


def test_expiry_takes_what_is_left_once(member):
    grant = give(member, "5", days=1)
    later = NOW + timedelta(days=1)
    assert ledger.expire(grant_id=grant.pk, now=NOW) == 0
    assert ledger.expire(grant_id=grant.pk, now=later) == D(5)
    assert ledger.expire(grant_id=grant.pk, now=later) == 0
    assert books(member.business_id) == (D(0), D(0), D(0), D(5), D(0))


def test_a_hold_placed_before_the_expiry_can_still_burn_the_grant(member):
    grant = give(member, "5", days=1)
    before, after = NOW + timedelta(days=1, seconds=-1), NOW + timedelta(days=1, seconds=1)
    held = hold(member, "2", now=before)
    assert ledger.expire(grant_id=grant.pk, now=after) == 0
    assert capture(held, now=after).credits_charged == D(2)
    assert ledger.expire(grant_id=grant.pk, now=after) == D(3)
    assert books(member.business_id) == (D(0), D(0), D(0), D(5), D(2))


def test_a_reversal_gives_back_the_same_slices_once(member):
    give(member, "1", value="0")
    give(member, "1", value="1")
    held = hold(member, "1.5")
    capture(held)
    give(member, "9", value="0", days=1)  # today's burn order would pick another one
    assert ledger.reverse(hold_id=held.id, now=NOW) == D("1.50")
    assert ledger.reverse(hold_id=held.id, now=NOW) == 0
    assert list(CreditGrant.objects.order_by("pk").values_list("remaining", flat=True)) == [D(1), D(1), D(9)]
    assert books(member.business_id) == (D(11), D(0), D(0), D(1), D(0))


def test_a_capture_after_the_lease_takes_what_there_is_and_the_rest_is_debt(member):
    give(member, "1")
    held = hold(member, "1")
    ledger.release(hold_id=held.id, error_code="abandoned", now=NOW, expired=True)
    assert AITransaction.objects.get().status == "abandoned"
    capture(hold(member, "0.4"))
    charge = capture(held, now=NOW + timedelta(minutes=20))
    assert charge.credits_charged == D("0.60")
    assert books(member.business_id) == (D(0), D(0), D("0.40"), D(1), D(1))
    late = AITransaction.objects.get(hold_id=held.id)
    assert (late.status, late.late, late.cost_usd) == ("success", True, D("0.00013"))
    assert capture(held) == charge

    give(member, "10")
    assert books(member.business_id) == (D("9.60"), D(0), D(0), D(11), D("1.40"))


def test_a_late_capture_leaves_what_other_holds_have_reserved(member):
    give(member, "1")
    first = hold(member, "1")
    ledger.release(hold_id=first.id, error_code="abandoned", now=NOW, expired=True)
    second = hold(member, "0.7")
    assert capture(first).credits_charged == D("0.30")
    assert capture(second).credits_charged == D("0.70")
    assert books(member.business_id) == (D(0), D(0), D("0.70"), D(1), D(1))


def test_one_idempotency_key_is_charged_once_even_when_a_lost_call_wakes_up(member):
    give(member, "5")
    first = hold(member, "1", key="order-1")
    with pytest.raises(KeyAlreadyCharged):
        hold(member, "1", key="order-1")
    ledger.release(hold_id=first.id, error_code="abandoned", now=NOW, expired=True)
    second = hold(member, "1", key="order-1")
    capture(second)
    with pytest.raises(KeyAlreadyCharged):
        capture(first)
    assert books(member.business_id) == (D(4), D(0), D(0), D(5), D(1))


def test_the_daily_limit_is_taken_with_the_credits(member):
    give(member, "5")
    hold(member, "1", cost="0.006")
    with pytest.raises(DailyLimitReached) as refused:
        hold(member, "1", cost="0.005")
    assert refused.value.data["resets_at"] == datetime(2126, 11, 22, tzinfo=UTC)
    assert refused.value.data["retry_after"] == 15 * 3600 + 1
    assert books(member.business_id)[1] == D(1)
    hold(member, "1", cost="0.005", now=NOW + timedelta(days=1))


def test_what_a_call_really_cost_replaces_what_was_predicted(member):
    give(member, "5")
    held = hold(member, "1", cost="0.01")
    capture(held)
    counter = UsageCounter.objects.get()
    assert (counter.spent_usd, counter.held_usd) == (D("0.00013"), D(0))


def test_charge_credits_holds_and_captures_in_one(member):
    give(member, "5")
    charge = AIBillingService.charge_credits(
        business_id=member.business_id,
        membership_id=member.pk,
        user_id=member.user_id,
        feature="customer_insight",
        credits=D("0.5"),
        request_id=uuid4(),
        idempotency_key=None,
        daily_limit_usd=D(1),
        usage=USAGE,
        response_time_ms=5,
        now=NOW,
    )
    assert (charge.credits_charged, charge.new_balance, charge.low_credit_warning) == (
        D("0.50"),
        D("4.50"),
        True,
    )
