"""What a call's credits will bring in: what its capture books, and free credits at their subsidy share."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.core.models import forget_dated
from subscriptions.ai_billing import AIBillingService
from subscriptions.models import AITransaction, CreditGrant, CreditPack, FreeCredits
from subscriptions.selectors import catalogue
from subscriptions.services import ledger
from subscriptions.types import Hold, ProviderUsage
from tests.factories import make_business

pytestmark = pytest.mark.django_db

NOW = datetime(2126, 11, 21, 9, 0, tzinfo=UTC)  # in the future: the audit must not find leases that ended
D = Decimal
DAY = timedelta(days=1)


class Account:
    def __init__(self) -> None:
        self.membership = make_business()
        self.business_id = self.membership.business_id

    def grant(self, credits: str, source: str, unit_value: str = "0", **when: Any) -> CreditGrant:
        return ledger.grant(
            business_id=self.business_id,
            credits=D(credits),
            source=source,
            key=f"test:{uuid.uuid4()}",
            unit_value_ghs=D(unit_value),
            **{"now": NOW - DAY, **when},
        )

    def expected(self, credits: str, now: datetime = NOW) -> Decimal | None:
        return AIBillingService.expected_revenue(business_id=self.business_id, credits=D(credits), now=now)

    def hold(self, credits: str, now: datetime = NOW) -> Hold:
        return AIBillingService.hold(
            business_id=self.business_id,
            membership_id=self.membership.pk,
            user_id=self.membership.user_id,
            feature="credit_assessment",
            credits=D(credits),
            request_id=uuid.uuid4(),
            idempotency_key=None,
            predicted_cost_usd=D(0),
            daily_limit_usd=D(10),
            now=now,
        )

    def capture(self, hold: Hold, cost_usd: str = "0.01", now: datetime = NOW) -> AITransaction:
        usage = ProviderUsage(
            model="openai/gpt-6.1-terra",
            input_tokens=1000,
            cached_tokens=0,
            output_tokens=1800,
            reasoning_tokens=0,
            cost_usd=D(cost_usd),
            cost_ghs=D(cost_usd) * 16,
            fx_rate=D(16),
            price_effective_from=NOW,
        )
        charge = AIBillingService.capture(hold_id=hold.id, usage=usage, response_time_ms=1, now=now)
        return AITransaction.objects.get(pk=charge.transaction_id)


@pytest.fixture
def account() -> Account:
    return Account()


def test_trial_bonus_and_paid_credits_by_hand(account: Account) -> None:
    """Three assessments of 3 credits: from the trial, across all three buckets, from the pack.

    Bucket          credits  a credit is worth (GHS)
    add-on             2.50  50 ÷ 100                = 0.50   expires, so it goes first
    trial              4.00  0; counts 1.00 × 0.80   = 0.80   free before paid
    PRO pack         250.00  180 ÷ (180 + 70 bonus)  = 0.72
    """
    account.grant("250", "purchase", "0.72", now=NOW - 3 * DAY)  # the oldest, and yet the last
    account.grant("4", "trial")
    account.grant("2.50", "addon", "0.50", expires_at=NOW + DAY)

    # 1st: add-on 2.50 × 0.50 = 1.25 paid, trial 0.50 × 0.80 = 0.40 subsidised
    assert account.expected("3") == D("1.65")
    first = account.capture(account.hold("3"), cost_usd="0.0106")
    # Booked is what was paid alone: 1.25. Cost 0.0106 × 16 = 0.1696; margin 1 - 0.1696 ÷ 1.25 = 86.432%
    assert first.revenue_ghs == D("1.25")
    assert first.cost_ghs == D("0.1696")
    assert 1 - first.cost_ghs / first.revenue_ghs == D("0.86432")

    # 2nd: all from the trial, 3.00 × 0.80 = 2.40; nothing of it was paid
    assert account.expected("3") == D("2.40")
    second = account.capture(account.hold("3"))
    assert second.revenue_ghs == 0

    # 3rd: trial 0.50 × 0.80 = 0.40, pack 2.50 × 0.72 = 1.80 (its bonus credits are in the 0.72)
    assert account.expected("3") == D("2.20")
    third = account.capture(account.hold("3"))
    assert third.revenue_ghs == D("1.80")

    # What is left is the pack's: 247.50 × 0.72 = 178.20; with the 1.80 that makes the 180.00 that were paid.
    assert account.expected("247.50") == D("178.20")
    assert account.expected("247.51") is None


def test_what_others_hold_will_be_burnt_first(account: Account) -> None:
    account.grant("3", "trial")
    account.grant("100", "purchase", "0.80")
    held = account.hold("2")

    assert account.expected("3") == D("1") * D("0.80") + D("2") * D("0.80")
    assert account.expected("1") == D("0.80")
    account.hold("1")
    assert account.expected("1") == D("0.80")

    ledger.release(hold_id=held.id, error_code="provider_unavailable", now=NOW)
    account.grant("50", "addon", "0.50", expires_at=NOW + DAY)
    assert account.expected("1") == D("0.50")


def test_the_parts_of_several_calls_add_up_whatever_order_they_end_in(account: Account) -> None:
    account.grant("4", "addon", "0.50", expires_at=NOW + DAY)
    account.grant("4", "purchase", "0.80")
    expected, holds = [], []
    for _ in range(2):
        expected.append(account.expected("4"))
        holds.append(account.hold("4"))

    booked = [account.capture(hold).revenue_ghs for hold in reversed(holds)]

    assert expected == [D("2.00"), D("3.20")]
    assert booked == [D("2.00"), D("3.20")]  # the other way round, and the same in all


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_the_capture_books(account: Account, seed: int) -> None:
    """Random paid grants (expiring, expired, frozen, of one moment): prediction and books never differ."""
    rnd, frozen = random.Random(seed), []
    for _ in range(8):
        expires_at = rnd.choice([None, None, NOW + DAY, NOW + 2 * DAY, NOW])
        made = account.grant(
            str(D(rnd.randint(1, 900)) / 100),
            "purchase" if expires_at is None else "addon",
            str(rnd.choice([D("0.5"), D("0.72"), D("0.8"), D("1")])),
            now=NOW - rnd.randint(1, 3) * DAY,
            **({} if expires_at is None else {"expires_at": expires_at}),
        )
        if rnd.random() < 0.2:
            frozen.append(made.pk)
            ledger.set_frozen(grant_id=made.pk, frozen=True, now=NOW - timedelta(hours=1))
    calls = 0
    while True:
        wanted = str(D(rnd.randint(1, 300)) / 100)
        expected = account.expected(wanted)
        if expected is None:
            break
        assert account.capture(account.hold(wanted)).revenue_ghs == expected
        calls += 1
    assert calls > 3
    for grant_id in frozen:  # no payment of theirs is disputed, the books would say
        ledger.set_frozen(grant_id=grant_id, frozen=False, now=NOW)


@pytest.mark.parametrize(
    ("source", "unit_value", "expected"),
    [
        ("trial", "0", "0.80"),
        ("monthly_free", "0", "0.50"),
        ("adjustment", "0", "0.80"),  # given by hand: as the trial
        ("adjustment", "0.72", "0.72"),
        ("purchase", "0.80", "0.80"),
    ],
)
def test_what_a_credit_counts_for(account: Account, source: str, unit_value: str, expected: str) -> None:
    FreeCredits.objects.filter(slug="monthly").update(subsidy_share="0.50")
    forget_dated()
    account.grant("1", source, unit_value)

    assert account.expected("1") == D(expected)
    # No storefront month gave it, the books would say.
    CreditGrant.objects.filter(source="monthly_free").update(source="trial")


def test_without_credits_there_is_no_answer(account: Account) -> None:
    assert account.expected("0.10") is None
    account.grant("5", "trial", expires_at=NOW)
    assert account.expected("0.10") is None
    account.grant("0.09", "trial")
    assert account.expected("0.10") is None


def test_one_query(account: Account, django_assert_num_queries) -> None:
    account.grant("5", "trial")
    account.expected("1")  # the catalogue's copy is fresh now
    with django_assert_num_queries(1):
        account.expected("5")


def test_the_list_price_is_the_custom_packs() -> None:
    assert catalogue.list_price_ghs(now=NOW) == 1
    CreditPack.objects.filter(type="CUSTOM").update(credits="1.25")
    forget_dated()
    assert catalogue.list_price_ghs(now=NOW) == D("0.80")
    CreditPack.objects.filter(type="CUSTOM").update(is_active=False)
    forget_dated()
    assert catalogue.list_price_ghs(now=NOW) == 1  # STARTER: 30 ÷ 30
    CreditPack.objects.update(is_active=False)
    forget_dated()
    assert catalogue.list_price_ghs(now=NOW) == 0
