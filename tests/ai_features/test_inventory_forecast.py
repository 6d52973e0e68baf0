"""What the forecast computes, refuses, tells the model and delivers. Its methods: test_demand.py."""

import json
import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from ai_features.errors import NotEnoughData
from ai_features.facts import inventory
from ai_features.features import inventory_forecast as feature
from ai_features.features import schema
from ai_features.features.inventory_forms import EXPLAINED, ForecastOutput, ForecastResult
from ai_features.services import question as questions
from config.core import json as decimal_json

PATH = "/api/ai/inventory-forecast/"
WEEK = [4, 5, 4, 5, 6, 9, 0]


def article(**changes: Any) -> dict[str, Any]:
    return {"sku": "MILO-500", "sales": WEEK * 6, "stock": 10, "unit_cost": 30} | changes


def body(*articles: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"sales_until": "2026-11-22", "skus": list(articles)} | changes


def facts(sent: dict[str, Any]) -> Any:
    return questions.read(feature.FEATURE, decimal_json.loads(json.dumps(sent))).facts[0]


def many(count: int) -> dict[str, Any]:
    return body(*(article(sku=f"A{n}", stock=n % 40, unit_cost=5 + n % 7) for n in range(count)))


def test_the_figures_of_a_weekly_pattern_by_hand() -> None:
    """33 a week, the same each week: 66 in 14 days without an error; 10 last two days and one more piece."""
    [row] = facts(body(article(pack_size=12, unit_price=42.50)))["articles"]

    assert row == {
        "index": 0,
        "sku": "MILO-500",
        "name": "MILO-500",
        "action": "order_now",
        "demand": "smooth",
        "method": "seasonal naive",
        "mase": None,
        "naive_mase": None,
        "forecast": {"days": 14, "expected": 66, "low": 66, "high": 66},
        "weeks": [{"days": 7, "expected": 33, "low": 33, "high": 33}] * 2,
        "stock": 10,
        "on_order": 0,
        "days_left": 2,
        "runs_out_on": "2026-11-25",
        "last_sold_days_ago": 1,
        "safety_stock": 0,
        "reorder_point": 33,
        "order_quantity": 60,
        "order_packs": 5,
        "order_cost_ghs": Decimal("1800.00"),
        "short": 56,
        "lost_sales_ghs": 2380,
        "too_much": 0,
        "tied_up_ghs": 0,
        "money_at_risk_ghs": 2380,
    }


@pytest.mark.parametrize(
    ("changes", "action", "at_risk"),
    [
        ({}, "order_now", 1680),  # 56 × 30: without a price sales are valued at cost
        ({"stock": 34}, "order", 960),
        ({"stock": 66}, "enough", 0),
        ({"stock": 2000}, "too_much", 34530),  # 180 days need 849
        ({"stock": 10, "on_order": 56}, "enough", 0),
        ({"sales": [1, *[0] * 90]}, "dead_stock", 300),
        ({"sales": [0] * 28}, "too_much", 300),
        ({"sales": [0] * 28, "stock": 0}, "enough", 0),
    ],
)
def test_what_to_do_and_what_is_at_stake(changes: dict, action: str, at_risk: int) -> None:
    [row] = facts(body(article(**changes)))["articles"]

    assert (row["action"], row["money_at_risk_ghs"]) == (action, at_risk)


@pytest.mark.parametrize(
    ("value", "whole", "shown"),
    [(0.04, True, "0"), (3.14, True, "3.1"), (9.96, True, "10"), (12.5, True, "13"), (12.34, False, "12.3")],
)
def test_quantities_are_rounded_as_a_person_reads_them(value: float, whole: bool, shown: str) -> None:
    assert str(inventory.quantity(value, whole)) == shown


@pytest.mark.parametrize(("value", "whole", "shown"), [(3.01, True, 4), (3.0, True, 3), (3.01, False, "3.1")])
def test_stock_to_keep_is_rounded_up(value: float, whole: bool, shown: Any) -> None:
    assert inventory.level(value, whole) == Decimal(shown)


def test_a_year_of_days_counts_and_only_from_the_first_sale_on() -> None:
    daily = inventory.RHYTHMS["daily"]

    assert inventory.history([9] * 400, daily) == [9.0] * 365
    assert inventory.history([0] * 20 + [1] * 30, daily) == [1.0] * 30
    assert inventory.history([0] * 50 + [1], daily) == [0.0] * 27 + [1.0]
    assert inventory.history([0] * 30, daily) == [0.0] * 30


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sales": "1,2"}, "skus.0.sales"),
        ({"sales": [1] * 1101}, "skus.0.sales"),
        ({"sales": [1, None]}, "skus.0.sales.1"),
        ({"sales": [1, "2"]}, "skus.0.sales.1"),
        ({"sales": [True]}, "skus.0.sales.0"),
        ({"sales": [1, 2, -1]}, "skus.0.sales.2"),
        ({"sales": [1.2345]}, "skus.0.sales.0"),
        ({"sales": [10**7]}, "skus.0.sales.0"),
        ({"stock": -1}, "skus.0.stock"),
        ({"unit_cost": "cheap"}, "skus.0.unit_cost"),
        ({"pack_size": 0}, "skus.0.pack_size"),
        ({"service_level": 95}, "skus.0.service_level"),
        ({"lead_time_days": 181}, "skus.0.lead_time_days"),
        ({"sku": ""}, "skus.0.sku"),
    ],
)
def test_bad_input_is_named_by_its_path(changes: dict, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        facts(body(article(**changes)))

    node: Any = refused.value.detail
    for step in field.split("."):
        node = node[step] if isinstance(node, dict) and step in node else node[int(step)]
    assert node


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (body(), "skus"),
        (body(article(), article()), "skus"),
        (body(*[article()] * 501), "skus"),
        (body(article(), granularity="monthly"), "granularity"),
        (body(article(), review_days=0), "review_days"),
        (body(article(), sales_until="yesterday"), "sales_until"),
        (body(article(), sales_until="9999-12-31"), "sales_until"),
    ],
)
def test_bad_requests_are_named(sent: dict, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        facts(sent)

    assert list(refused.value.detail) == [field]


def test_too_few_sales_leave_an_article_out_and_all_of_them_refuse() -> None:
    short = article(sku="NEW", sales=[1] * 27)
    lack = {"field": "skus.1.sales", "sku": "NEW", "have": 27, "need": 28}

    found = facts(body(article(), short))

    assert ([row["sku"] for row in found["articles"]], found["left_out"]) == (["MILO-500"], [lack])
    assert feature.for_model(found)["shop"]["left_out"] == "1 with too few sales figures"
    with pytest.raises(NotEnoughData) as refused:
        facts(body(short))
    assert refused.value.data == {"missing": [lack | {"field": "skus.0.sales"}]}


def test_the_model_sees_twelve_and_sums_for_the_rest() -> None:
    found = facts(many(40))
    told = feature.for_model(found)
    risks = [row["money_at_risk_ghs"] for row in found["articles"]]

    assert risks == sorted(risks, reverse=True)
    assert [item["sku"] for item in told["items"]] == [row["sku"] for row in found["articles"][:EXPLAINED]]
    assert told["others"]["articles"] == "28 articles"
    assert told["others"]["money_at_risk"] == f"GHS {sum(risks[EXPLAINED:]):,}"
    assert found["totals"]["money_at_risk_ghs"] == sum(risks)
    assert len(decimal_json.dumps(told)) < 7000


def words(found: Any, **changes: Any) -> dict[str, Any]:
    told = feature.for_model(found)["items"]
    return {
        "summary": "Look at these.",
        "items": [{"rank": item["rank"], "advice": item["what_to_do"]} for item in told],
    } | changes


@pytest.mark.parametrize(
    ("advice", "problem"),
    [
        ("Order 60 units, 10 are left.", None),
        ("Order 59 units.", "the number 59 is not in the data of rank 1; leave it out"),
        ("Order 20 units of the other.", "the number 20 is not in the data of rank 1; leave it out"),
        ("Order for 21 days.", "the number 21 is not in the data of rank 1; leave it out"),
        ("Order twelve.", "the number twelve is not in the data of rank 1; leave it out"),
        ("It runs out on 25 November 2026.", None),
    ],
)
def test_an_article_has_no_numbers_but_its_own(advice: str, problem: str | None) -> None:
    found = facts(body(article(pack_size=12, sales=WEEK * 6), article(sku="B", stock=20, unit_cost=3)))
    answer = words(found)
    answer["items"][0]["advice"] = advice

    assert feature.check(found, answer) == ([problem] if problem else [])


def test_each_article_is_answered_once_and_the_summary_invents_nothing() -> None:
    found = facts(many(3))
    good = words(found)

    assert feature.check(found, good) == []
    for items in (good["items"][:2], good["items"][::-1], [*good["items"], good["items"][0]]):
        assert len(feature.check(found, good | {"items": items})) == 1
    assert feature.check(found, good | {"summary": "Sales fall by 13%."}) == [
        "the number 13 in `summary` is not in the data; leave it out"
    ]


def test_the_answer_carries_the_figures_of_every_article() -> None:
    found = facts(many(40))
    result = feature.finish(found, words(found))

    assert [one["rank"] for one in result["items"]] == list(range(1, EXPLAINED + 1))
    assert [one["sku"] for one in result["items"]] == [row["sku"] for row in result["articles"][:EXPLAINED]]
    assert len(result["articles"]) == 40
    assert schema.problems(ForecastResult, json.loads(decimal_json.dumps(result)))[1] == []
    assert schema.problems(ForecastResult, feature.local_text(found))[1] == []
    asked = schema.json_schema(ForecastOutput)["properties"]
    assert list(asked) == ["summary", "items"]


@pytest.mark.django_db
def test_a_call_from_end_to_end(shop: Any, sandbox: Any) -> None:
    """The sandbox writes the words; 4 credits of 5 are charged, and a second time nothing."""
    sent = body(article(pack_size=12), article(sku="NEW", sales=[1, 2]), article(sku="B", name="Beans 1 kg"))
    reply = shop.client.post(PATH, sent)

    assert reply.status_code == 200, reply.content
    answer = reply.json()
    assert (answer["source"], answer["credits_charged"], answer["new_balance"]) == ("ai", 4, 1)
    result = answer["result"]
    assert [row["order_quantity"] for row in result["articles"]] == [60, 56]
    assert [row["sku"] for row in result["items"]] == ["MILO-500", "B"]
    assert result["left_out"] == [{"field": "skus.1.sales", "sku": "NEW", "have": 2, "need": 28}]
    [call] = sandbox.calls()
    assert "weeks" not in call["messages"][1]["content"]

    again = shop.client.post(PATH, sent).json()
    assert (again["source"], again["credits_charged"], again["result"]) == ("cached", 0, result)
    assert shop.account == (Decimal("1.00"), Decimal(0))


@pytest.mark.django_db
def test_too_little_data_is_told_and_free(shop: Any, sandbox: Any) -> None:
    reply = shop.client.post(PATH, body(article(sales=[1, 2, 3])))

    assert (reply.status_code, reply.json()["code"]) == (422, "not_enough_data")
    assert reply.json()["missing"] == [{"field": "skus.0.sales", "sku": "MILO-500", "have": 3, "need": 28}]
    assert (shop.account, sandbox.calls()) == ((Decimal("5.00"), Decimal(0)), [])


@pytest.mark.django_db
def test_without_credits_the_figures_are_there_all_the_same(sandbox: Any, shop: Any) -> None:
    shop.client.post(PATH, body(article()))
    reply = shop.client.post(PATH, body(article(stock=11)))

    assert reply.status_code == 402
    local = reply.json()["local_answer"]["result"]
    assert local["articles"][0]["order_quantity"] == 55
    assert local["items"][0]["advice"].startswith("Order now: 55 units in 55 packs for GHS 1,650.00.")


def test_twice_the_articles_take_about_twice_the_time() -> None:
    def seconds(count: int) -> float:
        sent = decimal_json.loads(json.dumps(many(count)))
        started = time.thread_time()
        assert questions.read(feature.FEATURE, sent).facts[0]["totals"]["articles"] == count
        return time.thread_time() - started

    seconds(5)
    assert min(seconds(120) for _ in range(3)) < 8 * min(seconds(30) for _ in range(3))


def test_the_day_is_said_as_people_say_it() -> None:
    assert feature._spoken(date(2026, 12, 4).isoformat()) == "4 December 2026"
