"""The platform's figures: hand-counted, equal to the rows whatever is summed up, and for staff alone."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Membership
from subscriptions.models import AITransaction
from subscriptions.selectors import analytics, money_report
from subscriptions.services import ledger, rollups
from subscriptions.types import TierLimits
from tests.factories import client_for, make_business, make_member
from tests.subscriptions.shop import Shop

pytestmark = pytest.mark.django_db
D = Decimal
ENOUGH = TierLimits(slug="pro", requests_per_day=100, requests_per_month=1000)
NOW = datetime(2126, 11, 21, 12, 0, tzinfo=UTC)


def log(member: Membership, *, at: datetime = NOW, **values: Any) -> AITransaction:
    row = {
        "feature": "product_description",
        "status": "success",
        "source": "ai",
        "model": "openai/gpt-6-luna",
        "created_at": at,
        **values,
    }
    return AITransaction.objects.create(
        business_id=member.business_id,
        membership=member,
        user_id=member.user_id,
        request_id=uuid4(),
        **row,
    )


def paid(member: Membership, *, at: datetime = NOW, **values: Any) -> None:
    amounts: dict[str, Any] = {"revenue_ghs": D("0.08"), "cost_usd": D("0.00125"), "cost_ghs": D("0.02")}
    log(member, at=at, **{**amounts, **values})


def test_hand_counted():
    """Two paid (one dearer), one cached, one local, one failed with a cost.

    Revenue 0.08 + 2.40 = 2.48; cost 0.02 + 0.16 + 0.01 = 0.19 GHS, 0.00125 + 0.01 + 0.000625 = 0.011875 USD.
    Margin 100 x 2.29 / 2.48 = 92.34; roi 100 x 2.29 / 0.19 = 1205.26; 5 / 0.011875 = 421.05.
    """
    ama, kofi = make_business(name="Ama's"), make_business(name="Kofi's")
    paid(ama)
    dear: dict[str, Any] = {
        "feature": "credit_assessment",
        "model": "openai/gpt-6.1-terra",
        "revenue_ghs": D("2.40"),
    }
    paid(kofi, cost_usd=D("0.01"), cost_ghs=D("0.16"), **dear)
    log(ama, source="cached", model="")
    log(ama, source="local", model="")
    log(ama, status="failed", cost_usd=D("0.000625"), cost_ghs=D("0.01"))
    paid(ama, at=NOW - timedelta(days=7))  # the day before the period

    report = analytics.analytics(days=7, now=NOW)

    assert report["totals"] == {
        "queries": 5,
        "successes": 4,
        "paid": 2,
        "local": 1,
        "cached": 1,
        "credits": D(0),
        "revenue_ghs": D("2.48"),
        "cost_usd": D("0.011875"),
        "cost_ghs": D("0.19"),
        "margin_ghs": D("2.29"),
        "margin": D("92.34"),
        "roi": D("1205.26"),
        "cost_per_query": D("0.00237500"),
        "queries_per_usd": D("421.05"),
        "local_ratio": D("20.00"),
    }
    assert [(row["day"].isoformat(), row["queries"]) for row in report["by_day"]] == [("2126-11-21", 5)]
    features = [(row["feature"], row["queries"], row["margin_ghs"]) for row in report["by_feature"]]
    assert features == [("credit_assessment", 1, D("2.24")), ("product_description", 4, D("0.05"))]
    assert [(row["model"], row["queries"]) for row in report["by_model"]] == [
        ("openai/gpt-6.1-terra", 1),
        ("openai/gpt-6-luna", 2),
    ]
    assert [(row["name"], row["queries"]) for row in report["by_business"]] == [("Kofi's", 1), ("Ama's", 4)]
    assert [(row["email"], row["queries"]) for row in report["top_users"]] == [
        (kofi.user.email, 1),
        (ama.user.email, 4),
    ]


def test_nothing_to_divide_by():
    log(make_business(), source="local", model="")

    totals = analytics.analytics(days=1, now=NOW)["totals"]

    assert (totals["margin"], totals["roi"], totals["queries_per_usd"]) == (None, None, None)
    assert totals["local_ratio"] == D(100)
    nobody = analytics.analytics(days=1, now=NOW, user_id=0)
    assert (nobody["totals"]["queries"], nobody["totals"]["cost_per_query"]) == (0, None)
    assert nobody["by_day"] == []


@pytest.mark.parametrize("seed", range(4))
def test_however_much_is_summed_up_the_figures_are_those_of_the_rows(seed, django_assert_num_queries):
    chance = random.Random(seed)
    members = [make_business(name=f"Shop {number}") for number in range(3)]
    members[1].business.timezone = "Pacific/Auckland"
    members[1].business.save()
    members.append(make_member(business=members[0].business))
    for step in range(6):
        for _ in range(15):
            at = NOW - timedelta(minutes=chance.randrange(5 * 24 * 60))
            paid(chance.choice(members), at=at, status=chance.choice(["success", "failed"]))
        if step in (1, 3):
            for member in chance.sample(members, 2):
                until = NOW - timedelta(minutes=chance.randrange(4 * 24 * 60))
                rollups.roll_up(business_id=member.business_id, now=until)

    reports = []
    for _ in range(2):
        with django_assert_num_queries(3):
            reports.append(analytics.analytics(days=4, now=NOW))
        for member in members:
            rollups.roll_up(business_id=member.business_id, now=NOW + timedelta(days=1))

    assert reports[0] == reports[1]
    first = (NOW - timedelta(days=3)).date()
    rows = [
        row
        for row in AITransaction.objects.select_related("business")
        if row.created_at.astimezone(ZoneInfo(row.business.timezone)).date() >= first
    ]
    assert reports[0]["totals"]["queries"] == len(rows)
    assert reports[0]["totals"]["cost_usd"] == sum(row.cost_usd for row in rows)
    assert sum(row["queries"] for row in reports[0]["by_day"]) == len(rows)


# --- Money -------------------------------------------------------------------------------------------------
def test_sales_earned_and_deferred(shop, sandbox):
    """Value pack: GHS 80 for 100 credits, 0.80 each. 12.50 burnt = GHS 10.00; 87.50 x 0.80 = 70.00 left."""
    start = timezone.now() - timedelta(days=1)
    shop.buy(sandbox)
    _use(shop, D("12.50"))

    burnt = analytics.analytics(days=2, now=timezone.now())["totals"]["revenue_ghs"]
    report = money_report.money_report(burnt_ghs=burnt, since=start, now=_soon())

    assert report == {
        "sales_ghs": D("80.00"),
        "refunds_ghs": D("0"),
        "net_sales_ghs": D("80.00"),
        "recognised_ghs": D("10.00"),
        "of_it_expired_ghs": D("0.00"),
        "deferred_ghs": D("70.00"),
    }
    assert [row["net_sales_ghs"] for row in money_report.sales_by_day(since=start, now=_soon())] == [
        D("80.00")
    ]


def test_what_expires_unused_is_earned_then(shop):
    grant = ledger.grant(
        business_id=shop.business_id,
        credits=D(100),
        source="addon",
        key="addon:x:period:0",
        unit_value_ghs=D("0.5"),
        expires_at=NOW,
        now=NOW - timedelta(days=31),
    )
    assert money_report.deferred() == D(50)

    ledger.expire(grant_id=grant.pk, now=NOW)

    report = money_report.money_report(
        burnt_ghs=D(0), since=NOW - timedelta(days=1), now=NOW + timedelta(seconds=1)
    )
    assert (report["recognised_ghs"], report["of_it_expired_ghs"], report["deferred_ghs"]) == (
        D("50.00"),
        D("50.00"),
        D("0.00"),
    )


def test_who_may_soon_pay():
    near, far, payer = (Shop(make_business(name=name)) for name in ("Near", "Far", "Payer"))
    for shop, used in ((near, "4.00"), (far, "3.90"), (payer, "5.00")):
        _grant(shop, "5.00", free=True)
        _use(shop, D(used))
    _grant(payer, "30.00", free=False)

    found = money_report.conversion_opportunities(since=timezone.now() - timedelta(days=30))

    assert [(row["name"], row["free_credits"], row["used"], row["uses"]) for row in found] == [
        ("Near", D("5.00"), D("4.00"), 1)
    ]


def _grant(shop: Shop, credits: str, *, free: bool) -> None:
    ledger.grant(
        business_id=shop.business_id,
        credits=D(credits),
        source="trial" if free else "adjustment",
        key=f"test:{uuid4()}",
        unit_value_ghs=D(0) if free else D(1),
        now=timezone.now(),
    )


def _use(shop: Shop, credits: Decimal) -> None:
    hold = ledger.hold(
        business_id=shop.business_id,
        membership_id=shop.membership.pk,
        user_id=shop.membership.user_id,
        feature="credit_assessment",
        credits=credits,
        request_id=uuid4(),
        idempotency_key=None,
        predicted_cost_usd=D(0),
        daily_limit_usd=D(1),
        tier=ENOUGH,
        now=timezone.now(),
    )
    assert hold is not None
    ledger.capture(hold_id=hold.id, usage=ledger.hot_path.NO_USAGE, response_time_ms=1, now=timezone.now())


def _soon() -> datetime:
    return timezone.now() + timedelta(minutes=1)


# --- The API -----------------------------------------------------------------------------------------------
def test_staff_alone(shop):
    assert shop.client.get("/api/admin/chatgpt-analytics/").status_code == 403
    assert shop.client.get(f"/api/admin/chatgpt-usage/{shop.membership.user_id}/").status_code == 403

    staff = _staff()

    report = staff.get("/api/admin/chatgpt-analytics?days=30")
    assert report.status_code == 200, report.content
    assert set(report.json()) >= {"period_days", "totals", "by_day", "by_feature", "by_model", "top_users"}
    for days in ("0", "367", "x"):
        assert staff.get(f"/api/admin/chatgpt-analytics/?days={days}").status_code == 400


def test_one_user_with_what_is_left_of_the_day(shop):
    _grant(shop, "5.00", free=True)
    now = timezone.now()
    hold = ledger.hold(
        business_id=shop.business_id,
        membership_id=shop.membership.pk,
        user_id=shop.membership.user_id,
        feature="product_description",
        credits=D("0.1"),
        request_id=uuid4(),
        idempotency_key=None,
        predicted_cost_usd=D("0.25"),
        daily_limit_usd=D(10),
        tier=ENOUGH,
        now=now,
    )
    assert hold is not None

    reply = _staff().get(f"/api/admin/chatgpt-usage/{shop.membership.user_id}?days=7")

    assert reply.status_code == 200, reply.content
    place = reply.json()["places"][0]
    assert (place["role"], place["daily_limit_usd"], place["remaining_today_usd"]) == ("owner", 10, 9.75)
    assert reply.json()["email"] == shop.membership.user.email
    assert _staff().get("/api/admin/chatgpt-usage/999999999/").status_code == 404


def _staff() -> Any:
    member = make_business(name="Sika")
    member.user.is_staff = True
    member.user.save()
    return client_for(member)


# --- The page ----------------------------------------------------------------------------------------------
def test_the_page_of_figures(shop, sandbox, admin_client):
    shop.buy(sandbox)
    _use(shop, D("12.50"))

    page = admin_client.get("/admin/subscriptions/dailyusage/?days=7").content.decode()

    for told in ("GHS 80.00", "GHS 10.00", "GHS 70.00", "credit_assessment", "earned GHS 10.00"):
        assert told in page, told
    assert page.count("<rect") == 2  # one day earned, one day sold
    empty = admin_client.get("/admin/subscriptions/dailyusage/?days=nonsense")
    assert (empty.status_code, empty.context["days"]) == (200, 30)
