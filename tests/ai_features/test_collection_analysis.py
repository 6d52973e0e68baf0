"""Who is spoken to first and why, what comes back and when. Tables are worked by hand beside each test."""

import json
import random
import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rest_framework import serializers

from ai_features.errors import NotEnoughData
from ai_features.facts import ageing, collection
from ai_features.facts.collection import Debtor
from ai_features.features import collection_analysis as feature
from ai_features.features import schema
from ai_features.models import AIRequest
from ai_features.privacy.sanitise import restore_tree
from ai_features.sandbox.faults import MISCONDUCT
from ai_features.services import question as questions

TODAY = date(2026, 11, 21)  # a Saturday


def debtor(balance: str = "100.00", days: int = 10, **values: Any) -> Debtor:
    empty: dict[str, Any] = {
        "customer": "⟦C01⟧",
        "code": None,
        "promised_on": None,
        "promised_amount": None,
        "broken_promises": 0,
        "last_contact": None,
    }
    return Debtor(balance=Decimal(balance), days=days, **{**empty, **values})


def asked(*rows: dict[str, Any], **values: Any) -> questions.Question:
    body = {"as_of": "2026-11-21", "debtors": list(rows), **values}
    return questions.read(feature.FEATURE, body)


def row(name: str, balance: Any = "100.00", days: int = 10, **values: Any) -> dict[str, Any]:
    return {"name": name, "balance": balance, "days_overdue": days, **values}


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (-5, "0-30"),
        (0, "0-30"),
        (30, "0-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "90+"),
        (3650, "90+"),
    ],
)
def test_bands(days, band):
    assert ageing.band(days) == band


@pytest.mark.parametrize(
    ("one", "percent"),
    [  # the survey's: 94 current, 74 at three months, 50 at six, 25 at twelve, 10 at two years
        (debtor(days=5), 94),
        (debtor(days=45), 85),
        (debtor(days=90), 74),
        (debtor(days=91), 50),
        (debtor(days=180), 50),
        (debtor(days=181), 25),
        (debtor(days=366), 10),
        (debtor(days=5, broken_promises=2), 74),
        (debtor(days=5, promised_on=date(2026, 11, 20)), 84),  # yesterday: broken
        (debtor(days=5, promised_on=TODAY), 94),  # today: still open
        (debtor(days=200, broken_promises=9), 5),
    ],
)
def test_expected_recovery(one, percent):
    assert collection.recovery_percent(one, TODAY) == percent


def test_the_shops_own_rates():
    rates = {"0-30": 99, "31-60": 90, "61-90": 80, "90+": 3}

    assert collection.recovery_percent(debtor(days=400), TODAY, rates) == 3
    assert collection.recovery_percent(debtor(days=400, broken_promises=1), TODAY, rates) == 3
    assert collection.recovery_percent(debtor(days=40, broken_promises=1), TODAY, rates) == 80


def test_points_by_hand():
    """Expected 444.00, 282.00, 170.00, 25.00, 23.50 of 944.50; larger ones hold 0, 47, 77, 94.9, 97.5%."""
    debtors = [
        debtor("600.00", 75, last_contact=date(2026, 11, 1)),
        debtor("300.00", 12, last_contact=date(2026, 11, 20)),
        debtor("200.00", 40, promised_on=date(2026, 11, 27)),
        debtor("50.00", 100, broken_promises=0, last_contact=date(2026, 10, 1)),
        debtor("25.00", -4, last_contact=date(2026, 11, 10)),
    ]

    ranked = collection.rank(debtors, TODAY)

    assert [(str(one.debtor.balance), dict(one.points), one.total) for one in ranked] == [
        ("600.00", {"amount": 40, "age": 30, "promise": 5, "contact": 10}, 85),
        ("200.00", {"amount": 25, "age": 20, "promise": 0, "contact": 15}, 60),
        ("300.00", {"amount": 40, "age": 10, "promise": 5, "contact": 0}, 55),
        ("50.00", {"amount": 10, "age": 20, "promise": 5, "contact": 15}, 50),
        ("25.00", {"amount": 5, "age": 0, "promise": 5, "contact": 5}, 15),
    ]


@pytest.mark.parametrize(
    ("one", "action", "on"),
    [
        (debtor(days=-10), "remind_before_due", date(2026, 11, 28)),  # due on 1 December
        (debtor(days=-1), "remind_before_due", TODAY),
        (debtor(days=1), "send_friendly_reminder", TODAY),
        (debtor(days=31), "send_firm_reminder", TODAY),
        (debtor(days=61), "agree_on_plan", TODAY),
        (debtor(days=91), "settle_in_person", TODAY),
        (debtor(days=50, promised_on=TODAY), "wait_for_promise", TODAY),
        (debtor(days=50, promised_on=date(2026, 11, 29)), "wait_for_promise", date(2026, 11, 30)),  # a Sunday
        (debtor(days=50, promised_on=date(2026, 11, 1)), "ask_about_promise", TODAY),
        (debtor(days=95, promised_on=date(2026, 11, 1)), "settle_in_person", TODAY),
        (debtor(days=1, last_contact=date(2026, 11, 20)), "send_friendly_reminder", date(2026, 11, 23)),
        (
            debtor(days=1, last_contact=date(2026, 11, 19)),
            "send_friendly_reminder",
            date(2026, 11, 23),
        ),  # 22nd
    ],
)
def test_the_next_step_comes_from_rules(one, action, on):
    assert collection.next_step(one, TODAY) == (action, on)


def test_the_forecast_by_hand():
    """100.00 at 10 days → 94.00: 40, 25, 15, 10, 5, 5%. 100.00 due in 14 days: the same two weeks later.

    100.00 at 40 days → 85.00, of which 60.00 is promised for 1 December, week 2; 25.00 follows from there:
    25, 20, 15, 10, 10, 10, 5% within the eight weeks, the last 5% later.
    """
    debtors = [
        debtor(),
        debtor(days=-14),
        debtor(days=40, promised_on=date(2026, 12, 1), promised_amount=Decimal("60.00")),
    ]

    weeks, later = collection.cash_forecast(collection.rank(debtors, TODAY), TODAY)

    assert [str(week) for week in weeks] == [
        "37.60",
        "89.75",  # 23.50 + 60.00 + 6.25
        "56.70",  # 14.10 + 37.60 + 5.00
        "36.65",  # 9.40 + 23.50 + 3.75
        "21.30",  # 4.70 + 14.10 + 2.50
        "16.60",  # 4.70 + 9.40 + 2.50
        "7.20",  # 4.70 + 2.50
        "5.95",  # 4.70 + 1.25
    ]
    assert later == Decimal("1.25")


def test_the_forecast_adds_up_to_the_pesewa():
    chance = random.Random(5)
    debtors = [
        debtor(
            f"{chance.randrange(1, 99999) / 100:.2f}",
            chance.randrange(-90, 400),
            broken_promises=chance.randrange(3),
        )
        for _ in range(200)
    ]

    ranked = collection.rank(debtors, TODAY)
    weeks, later = collection.cash_forecast(ranked, TODAY)

    assert sum(weeks) + later == sum(one.expected for one in ranked)
    assert min(*weeks, later) >= 0


def test_the_order_of_the_request_makes_no_difference():
    chance = random.Random(7)
    rows = [
        row(
            f"Customer {number % 40}",
            f"{chance.choice([50, 100, 100, 250])}.00",
            chance.choice([5, 40, 70]),
            code=f"K{number}",
        )
        for number in range(120)
    ]
    plans = set()
    for _ in range(3):
        chance.shuffle(rows)
        question = asked(*rows)
        plan = restore_tree(question.facts[0], question.tokens)["plan"]
        plans.add(json.dumps(plan, default=str))

    assert len(plans) == 1


def test_what_the_model_sees_does_not_grow_with_the_debtors():
    rows = [row(f"Customer {number}", "100.00", number % 120, code=f"K{number}") for number in range(300)]

    few, many = (questions.messages(feature.FEATURE, asked(*rows[:n]).facts)[1]["content"] for n in (50, 300))

    assert len(many) < 1.1 * len(few) < 6000
    assert many.count("⟦C") == 10
    assert "Customer" not in many


SENT = asked(row("Ama Mensah", 1200, 75), row("Kofi Owusu", 300, 12), row("Esi Addo", 500, 40)).facts[0]
WORDS = {
    "headline": "GHS 2,000.00 is owed",
    "summary": "Speak to ⟦C01⟧ first.",
    "strategy_0_30": "Remind.",
    "strategy_31_60": "Remind and call.",
    "strategy_61_90": "Offer a plan.",
    "strategy_over_90": "Nothing here.",
    "next_steps": ["Call ⟦C01⟧ about GHS 1,200.00."],
}


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("summary", "75 days is long; 3 customers owe GHS 2,000.00.", None),
        ("summary", "⟦C01⟧ stands for 60% of GHS 2,000.00.", None),
        ("summary", "GHS 1,999.00 is owed.", "the number 1,999.00 is not in the data; leave it out"),
        ("strategy_61_90", "Give 13% off.", "the number 13 is not in the data; leave it out"),
        ("summary", "⟦C09⟧ owes most.", "the token ⟦C09⟧ is not in `first`; leave it out"),
        ("summary", "⟦C02⟧ owes GHS 1,200.00.", "GHS 1,200.00 is another customer's amount"),
        ("summary", "Ask for Kwame.", "the name Kwame is not in the data; leave it out"),
        (
            "strategy_over_90",
            "Call the police.",
            "it threatens or speaks of police, law or force (police); write it without",
        ),
        (
            "strategy_over_90",
            "Tell their employers.",
            "it brings in other people (their employers); write it without",
        ),
        (
            "strategy_over_90",
            "Post a list of debtors.",
            "it shames or insults (list of debtors); write it without",
        ),
    ],
)
def test_the_models_words_keep_to_the_data(field, text, problem):
    assert feature.check(SENT, {**WORDS, field: text}) == ([problem] if problem else [])


def test_too_little_data_says_what_is_missing():
    with pytest.raises(NotEnoughData) as refused:
        _ = asked(row("Ama Mensah", 0)).facts

    assert refused.value.data["missing"] == [{"field": "debtors", "have": 0, "need": 1}]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"as_of": "soon"}, "as_of", "wrong format"),
        ({"as_of": "0001-01-01"}, "as_of", "between 2000 and 2099"),
        ({"debtors": []}, "debtors", "may not be empty"),
        ({"debtors": [row("A")]}, "debtors", "at least two letters"),
        ({"debtors": [row("Ama", -1)]}, "debtors", "greater than or equal to 0"),
        ({"debtors": [row("Ama", 1, 99999)]}, "debtors", "3650"),
        ({"debtors": [row("Ama", code="K1"), row("Esi", code="K1")]}, "debtors", "add their balances up"),
        ({"debtors": [row("Ama", last_contact="2026-11-22")]}, "debtors", "after as_of"),
        ({"debtors": [row("Ama")] * 5001}, "debtors", "no more than 5000"),
        ({"recovery_rates": {"0-30": 90}}, "recovery_rates", "required"),
        (
            {"recovery_rates": {"0-30": 101, "31-60": 1, "61-90": 1, "90+": 1}},
            "recovery_rates",
            "less than or equal",
        ),
    ],
)
def test_bad_input_says_what_to_do(body, field, words):
    with pytest.raises(serializers.ValidationError) as refused:
        questions.read(feature.FEATURE, {"as_of": "2026-11-21", "debtors": [row("Ama")], **body})

    assert list(refused.value.detail) == [field]
    assert words in str(refused.value.detail)


def test_time_grows_no_faster_than_the_debtors():
    def seconds(count: int) -> float:
        rows = [
            row(f"Customer {number}", "100.00", number % 120, code=f"K{number}") for number in range(count)
        ]
        question = asked(*rows)
        started = time.thread_time()
        result = feature.local_text(question.facts[0])
        restore_tree(result, question.tokens)
        return time.thread_time() - started

    few, many = (min(seconds(count) for _ in range(3)) for count in (400, 1600))
    assert many < 12 * few


PATH = "/api/ai/collection-analysis/"


@pytest.mark.django_db
def test_an_analysis_costs_five_credits_and_no_name_leaves(shop, sandbox):
    answer = shop.client.post(PATH, feature.EXAMPLE)

    body = answer.json()
    assert (body["source"], body["credits_charged"], body["new_balance"]) == ("ai", 5.0, 0.0)
    computed = ("totals", "ageing")
    assert {name: body["result"][name] for name in computed} == {
        name: feature.EXAMPLE_RESULT[name] for name in computed
    }
    assert body["result"]["plan"][0] == feature.EXAMPLE_RESULT["plan"][0]
    assert [one["customer"] for one in body["result"]["plan"]] == ["Ama Mensah", "Esi Addo", "Kofi Owusu"]
    assert b'"owed":2000.00' in answer.content
    stored = AIRequest.objects.get()
    for place in (
        json.dumps(sandbox.calls(), ensure_ascii=False),
        str(stored.request_data),
        str(stored.sent),
    ):
        assert not any(name in place for name in ("Ama", "Mensah", "Kofi", "C-101"))


@pytest.mark.django_db
def test_too_little_data_is_free(shop, sandbox):
    answer = shop.client.post(PATH, {"as_of": "2026-11-21", "debtors": [row("Ama Mensah", 0)]})

    assert (answer.status_code, answer.json()["code"]) == (422, "not_enough_data")
    assert shop.account == (Decimal("5.00"), Decimal("0.00"))
    assert sandbox.calls() == []


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [*MISCONDUCT, "invented"])
def test_what_may_not_be_advised_never_arrives(shop, sandbox, fault):
    sandbox.fail(fault, times=2)

    refused = shop.client.post(PATH, feature.EXAMPLE)

    assert (refused.status_code, refused.json()["code"]) == (502, "answer_unusable")
    for words in (*MISCONDUCT.values(), "7777", "Samsung"):
        assert words not in refused.content.decode()
    local = refused.json()["local_answer"]["result"]
    assert local["next_steps"][0].startswith("Ama Mensah, GHS 1,200.00: Call and offer")
    assert schema.problems(feature.AnalysisResult, local)[1] == []
    assert shop.account == (Decimal("5.00"), Decimal("0.00"))
