"""What goes into the dashboard, what comes out, and how little of it leaves."""

import copy
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework import serializers

from ai_features.errors import NotEnoughData
from ai_features.features import portfolio_dashboard as feature
from ai_features.providers.base import estimate_tokens
from ai_features.services import question as questions

D = Decimal
PATH = "/api/ai/portfolio-dashboard/"
EXAMPLE: dict[str, Any] = feature.EXAMPLE
GOOD = feature.EXAMPLE_RESULT
AS_OF = date(2026, 11, 20)


def body(**changes):
    return {**copy.deepcopy(EXAMPLE), **changes}


def facts(**changes):
    return questions.read(feature.FEATURE, body(**changes)).facts[0]


FACTS = facts()


def test_the_example_worked_by_hand():
    """Owed: 2,500 not due, 1,100 for 16 days, 900 for 67 days past due. Sold in 90 days: 1,100 + 2,500."""
    assert FACTS["totals"] == {
        "receivables_ghs": 4500,
        "debtors": 3,
        "overdue_ghs": 2000,
        "overdue_percent": D("44.4"),
    }
    assert [one["amount_ghs"] for one in FACTS["ageing"]] == [2500, 1100, 0, 900, 0]
    assert FACTS["dso"] == {
        "days": D("112.5"),  # 4,500 ÷ 3,600 × 90
        "best_possible_days": D("62.5"),  # 2,500 ÷ 3,600 × 90
        "delinquent_days": D("50.0"),
        "credit_sales_ghs": 3600,
        "sales_days": 90,
    }
    assert FACTS["concentration"] == {
        "top_5_percent": 100,
        "largest_percent": D("55.6"),
        "hhi": 4084,  # 55.56² + 24.44² + 20²
    }
    assert FACTS["expected_loss"]["total_ghs"] == D("84.50")  # 7.50 + 17.60 + 59.40
    assert FACTS["utilisation"] == {
        "limits_ghs": 3500,
        "used_ghs": 3400,
        "percent": D("97.1"),
        "lines": 2,
        "over_limit": 1,
    }
    # overdue 30 × (60 - 44.4) ÷ 50 = 9.36; loss 20 × (8 - 1.9) ÷ 7 = 17.4; utilisation 15 × 2.9 ÷ 40 = 1.1
    assert [part["points"] for part in FACTS["health"]["parts"]] == [9, 0, 17, 0, 1]
    assert (FACTS["health"]["score"], FACTS["health"]["grade"]) == (27, "at risk")
    assert [one["why"] for one in FACTS["watch_list"]] == [
        "overdue for 67 days",
        "overdue for 16 days",
        "above the credit limit",
    ]


def test_charts_have_a_value_for_every_label():
    assert [chart["name"] for chart in FACTS["charts"]] == [
        "ageing",
        "ageing_trend",
        "overdue_trend",
        "dso_trend",
        "cash_forecast",
        "concentration",
    ]
    for chart in FACTS["charts"]:
        assert chart["labels"]
        assert {len(series["values"]) for series in chart["series"]} == {len(chart["labels"])}


def test_rates_and_sales_that_are_given_count():
    rates = dict.fromkeys(feature.RATES, 10)

    found = facts(loss_rates=rates, credit_sales={"amount": 9000, "days": 60})

    assert (found["expected_loss"]["total_ghs"], found["expected_loss"]["rates"]) == (450, "given")
    assert found["dso"]["days"] == 30  # 4,500 ÷ 9,000 × 60


def test_without_paid_invoices_the_past_is_not_made_up():
    rows = [row for row in EXAMPLE["receivables"] if "paid_on" not in row]
    plain = {"as_of": EXAMPLE["as_of"], "receivables": rows}

    found = questions.read(feature.FEATURE, plain).facts[0]

    assert (found["dso"], found["roll_rates"], found["utilisation"]) == (None, [], None)
    assert [day["day"] for day in found["trend"]] == ["2026-11-20"]
    assert [part["maximum"] for part in found["health"]["parts"]] == [46, 31, 23]  # of 30, 20 and 15
    assert found["cash_forecast"]["method"] == "due_dates"
    assert found["cash_forecast"]["expected_ghs"] == D("2492.50")  # 2,500 less 0.3%
    assert len(found["notes"]) == 3


@pytest.mark.django_db
def test_the_answer_carries_every_figure_and_no_name_leaves(shop, sandbox):
    shop.take_addon()

    reply = shop.client.post(PATH, body())

    assert reply.status_code == 200, reply.content
    answer = reply.json()
    assert (answer["source"], answer["credits_charged"], shop.account[0]) == ("ai", 5, D("100.00"))
    assert [one["customer"] for one in answer["result"]["watch_list"]] == [
        "Kofi Mensah",
        "Adjoa Boateng",
        "Yaw Darko",
    ]
    assert answer["result"]["charts"][5]["labels"][0] == "Yaw Darko"
    assert answer["result"]["health"]["score"] == 27
    sent = str(sandbox.calls())
    assert [name for name in ("Kofi", "Adjoa", "Darko") if name in sent] == []


@pytest.mark.django_db
def test_without_the_addon_it_is_refused_and_free(shop, sandbox):
    reply = shop.client.post(PATH, body())

    assert (reply.status_code, reply.json()["code"]) == (403, "addon_required")
    assert (shop.account, sandbox.calls()) == ((D("5.00"), D("0.00")), [])


@pytest.mark.django_db
def test_too_little_data_is_422_and_free(shop, sandbox):
    shop.take_addon()

    reply = shop.client.post(PATH, body(receivables=EXAMPLE["receivables"][:4]))

    assert (reply.status_code, reply.json()["code"]) == (422, "not_enough_data")
    assert reply.json()["detail"] == "At least 3 open invoices are needed; there are 2. Nothing was charged."
    assert reply.json()["missing"] == [{"field": "receivables", "have": 2, "need": 3}]
    assert (shop.account[0], shop.transactions(), sandbox.calls()) == (D("105.00"), [], [])


def test_an_empty_list_is_too_little():
    with pytest.raises(NotEnoughData):
        facts(receivables=[])


def row(place, **changes):
    rows = copy.deepcopy(EXAMPLE["receivables"])
    rows[place].update(changes)
    return {"receivables": rows}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"as_of": ""}, ["as_of"]),
        ({"receivables": {}}, ["receivables"]),
        ({"receivables": EXAMPLE["receivables"] * 1001}, ["receivables"]),
        (row(2, customer=""), ["receivables", 2, "customer"]),
        (row(2, amount=0), ["receivables", 2, "amount"]),
        (row(2, due_on="2026-08-14"), ["receivables", 2, "due_on"]),
        (row(2, issued_on="2026-11-21", due_on="2026-12-01"), ["receivables", 2, "issued_on"]),
        (row(2, paid_on="2026-11-21"), ["receivables", 2, "paid_on"]),
        (row(2, paid_amount=10), ["receivables", 2, "paid_on"]),
        (row(2, paid_amount=901, paid_on="2026-11-01"), ["receivables", 2, "paid_amount"]),
        ({"credit_lines": [{"customer": "Yaw", "limit": 0}]}, ["credit_lines", 0, "limit"]),
        ({"credit_lines": [{"customer": name, "limit": 1} for name in ("Yaw", "YAW")]}, ["credit_lines", 1]),
        ({"loss_rates": {"not_due": 1}}, ["loss_rates", "over_90_days"]),
        ({"loss_rates": dict.fromkeys(feature.RATES, 101)}, ["loss_rates", "not_due"]),
        ({"credit_sales": {"amount": 10, "days": 7}}, ["credit_sales", "days"]),
    ],
)
def test_bad_input_is_named(changes, where):
    with pytest.raises(serializers.ValidationError) as refused:
        facts(**changes)

    found: Any = refused.value.detail
    for step in where:
        found = found[step]
    assert found


def many(count):
    """Two customers in three with a name of their own."""
    rows = [
        {
            "customer": f"Customer {number % (count * 2 // 3)}",
            "amount": 100 + number % 977,
            "issued_on": str(AS_OF - timedelta(days=number % 240)),
            "due_on": str(AS_OF - timedelta(days=number % 240 - 30)),
            **({"paid_on": str(AS_OF - timedelta(days=number % 50))} if number % 3 else {}),
        }
        for number in range(count)
    ]
    return {"as_of": str(AS_OF), "receivables": rows}


def test_the_prompt_stays_small_however_many_rows_there_are():
    found = questions.read(feature.FEATURE, many(600)).facts[0]

    (_, sent) = questions.messages(feature.FEATURE, [found])

    assert estimate_tokens(sent["content"]) < 2500
    assert len(json.loads(sent["content"])["watch_list"]) == 10
    assert "charts" not in json.loads(sent["content"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Collect GHS 123 at least.", "the number 123 is not in the facts; leave it out"),
        ("Call \u27e6C77\u27e7.", "there is no customer \u27e6C77\u27e7 in the facts"),
    ],
)
def test_what_the_check_finds(text, problem):
    assert feature.check(FACTS, {**GOOD, "actions": [text]}) == [problem]


def test_the_thresholds_of_the_hhi_may_be_named():
    assert feature.check(FACTS, {**GOOD, "risks": ["An HHI of 4084 is far above 1,800."]}) == []
