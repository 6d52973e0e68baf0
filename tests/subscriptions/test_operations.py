"""What operators are told of by themselves: once per cause and period, from calls that were really made."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from pytest_django import Settings

from accounts.models import Membership, Role
from config.core.models import forget_dated
from config.tasks import audit_books
from subscriptions.models import AITransaction, Alert, BusinessAICredits, QuotaRefusal
from subscriptions.services import ledger, operations, refusals
from tests.factories import client_for, make_business
from tests.subscriptions.test_ledger import give, hold

NOON = datetime(2126, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


def log(
    member: Membership,
    count: int = 1,
    *,
    error: str = "",
    source: str = "ai",
    ms: int = 800,
    cost: str = "0",
    at: datetime = NOON - MINUTE,
    user_id: int | None = None,
    hold_id: int | None = None,
) -> None:
    AITransaction.objects.bulk_create(
        AITransaction(
            business_id=member.business_id,
            hold_id=hold_id,
            user_id=user_id,
            request_id=uuid4(),
            feature="product_description",
            status="failed" if error else "success",
            source=source,
            error_code=error,
            response_time_ms=ms,
            cost_usd=Decimal(cost),
            created_at=at,
        )
        for _ in range(count)
    )


def answered(member: Membership, at: datetime = NOON - MINUTE) -> None:
    """A call that a provider answered badly: it has a hold, and costs nothing."""
    give(member, "1")
    held = hold(member, "1", now=at, cost="0")
    ledger.release(hold_id=held.id, error_code="answer_unusable", now=at)


def told(now: datetime = NOON) -> list[str]:
    operations.watch(now=now)
    return list(Alert.objects.filter(business=None).order_by("pk").values_list("title", flat=True))


def test_a_provider_is_down_after_more_than_five_calls_in_a_row(member: Membership) -> None:
    log(member, 5, error="provider_unavailable")
    answered(member)
    log(member, 5, error="provider_unavailable")
    log(member, 3, error="daily_limit")
    assert told() == []
    log(member, error="provider_refused")
    assert operations.watch(now=NOON, dry_run=True) == 1
    assert told() == ["The model providers do not answer"]
    log(member, 4, error="provider_unavailable")
    assert len(told()) == 1  # the same outage
    assert "6 calls in a row" in Alert.objects.get().text
    answered(member)
    log(member, 6, error="provider_unavailable")
    assert len(told()) == 2  # the next one


def test_an_outage_that_nobody_has_seen_for_ten_minutes_is_not_told(member: Membership) -> None:
    log(member, 9, error="provider_unavailable", at=NOON - 10 * MINUTE)
    assert told() == []
    log(member, 1, error="provider_unavailable", at=NOON - 9 * MINUTE)
    assert told() == ["The model providers do not answer"]


def test_an_error_rate_above_one_in_a_hundred(member: Membership) -> None:
    log(member, 198)
    log(member, 2, error="internal_error")
    log(member, 50, error="internal_error", at=NOON - 61 * MINUTE)
    assert told() == []
    log(member, 1, error="abandoned")
    assert told() == ["1.5% of the AI calls of the last hour failed"]
    assert told(NOON + 10 * MINUTE) == told()
    assert Alert.objects.get().key == "error_rate:2126-11-21T12"


def test_refusals_of_a_caller_are_no_errors_and_few_calls_no_rate(member: Membership) -> None:
    log(member, 100)
    log(member, 50, error="input_refused")
    assert told() == []
    AITransaction.objects.all().delete()
    log(member, 98)
    log(member, 1, error="internal_error")
    assert told() == []


def test_more_than_one_in_twenty_refused_by_a_quota(member: Membership) -> None:
    for user_id in range(1, 21):
        log(member, user_id=user_id)
    for _ in range(3):
        refusals.note(business_id=member.business_id, user_id=20, code="daily_limit", now=NOON)
    refusals.note(business_id=member.business_id, user_id=20, code="monthly_limit", now=NOON)
    assert QuotaRefusal.objects.count() == 2
    assert told() == []  # one person of twenty
    refusals.note(business_id=member.business_id, user_id=99, code="daily_limit", now=NOON)
    assert told() == ["9.5% of today's users were refused by a quota"]
    assert told(NOON + timedelta(hours=1)) == told()
    assert told(NOON + timedelta(hours=12)) == told()  # the next day, when nobody was refused yet


def test_a_day_that_costs_more_than_80_percent_of_its_share(member: Membership, settings: Settings) -> None:
    log(member, cost="8.00")
    log(member, cost="50", at=NOON - timedelta(hours=13))
    assert told() == []  # no budget is set
    settings.PLATFORM_MONTHLY_COST_BUDGET_USD = Decimal(300)
    assert told() == []
    log(member, cost="0.01")
    assert told() == ["Model providers cost USD 8.01 today, 80% of a day's share"]
    assert len(told(NOON + timedelta(hours=1))) == 1


def test_answers_of_our_own_that_take_more_than_half_a_second(member: Membership) -> None:
    log(member, 18, source="local", ms=20)
    log(member, 1, source="cached", ms=501)
    log(member, 90, source="ai", ms=9000)
    assert told() == []  # too few to tell
    log(member, 1, source="local", ms=500)
    assert told() == []  # the 95th percentile is 500
    log(member, 1, source="cached", ms=900)
    assert told() == ["Answers without a provider take 501 ms (p95)"]


def test_broken_books_are_told_once_a_day_for_each_rule(member: Membership) -> None:
    give(member, "5")
    BusinessAICredits.objects.update(balance=6)
    audit_books()
    audit_books()
    alerts = list(Alert.objects.filter(kind="ledger_broken").order_by("pk"))
    assert len(alerts) == len({alert.key for alert in alerts})
    assert alerts[0].title.startswith("The books are broken: 1")
    assert f"business_id={member.business_id}" in alerts[0].text
    assert alerts[0].severity == "critical"
    BusinessAICredits.objects.update(balance=5)


def test_a_refusal_by_the_daily_limit_is_noted(member: Membership) -> None:
    give(member, "5")
    Role.objects.filter(slug="owner").update(daily_ai_cost_usd=0)
    forget_dated()
    client = client_for(member)
    for _ in range(2):
        reply = client.post("/api/ai/product-description/", {"name": "Shea butter"})
        assert (reply.status_code, reply.json()["code"]) == (429, "daily_limit"), reply.content
    noted = QuotaRefusal.objects.get()
    assert (noted.user_id, noted.code, noted.business_id) == (
        member.user_id,
        "daily_limit",
        member.business_id,
    )
