"""The router against labelled questions, and what it promises of any text.

`routing_set.toml` says how its parts came about. The table and the shares are printed (`pytest -rP`).
"""

import time
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from ai_features.routing import AI, LOCAL, Decision, data_questions, decide
from ai_features.services import account_answers

GROUPS = tomllib.loads(Path(__file__).with_name("routing_set.toml").read_text(encoding="utf-8"))["group"]
LEAST_RIGHT = Decimal("0.95")
# A wrong intent on the right route costs nothing: another free answer is given.
LEAST_EXACT = Decimal("0.90")
LOCAL_TARGET = Decimal("0.80")
ROWS = [(group, question) for group in GROUPS for question in group["questions"].strip().splitlines()]


def decided(part: str, mix: tuple[str, ...] = ("everyday", "near_miss")) -> list[tuple[dict, str, Decision]]:
    return [
        (group, question, decide(question, has_data=group["data"]))
        for group, question in ROWS
        if group["part"] == part and group["mix"] in mix
    ]


def share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(Decimal("0.001"))


@pytest.mark.parametrize("part", ["building", "held_out"])
def test_at_least_95_in_100_are_right(part):
    rows = decided(part)
    table = Counter((group["route"], decision.route) for group, _, decision in rows)
    named = Counter(
        (group["intent"], decision.intent)
        for group, _, decision in rows
        if group["intent"] != decision.intent
    )
    right = sum(group["route"] == decision.route for group, _, decision in rows)
    exactly = sum(
        (group["route"], group["intent"]) == (decision.route, decision.intent) for group, _, decision in rows
    )
    print(f"\n{part}: {len(rows)} questions, {share(right, len(rows))} routed right,")  # noqa: T201
    print(f"{share(exactly, len(rows))} with the right intent")  # noqa: T201
    print("expected  got local  got ai")  # noqa: T201
    for route in (LOCAL, AI):
        print(f"{route:8}  {table[route, LOCAL]:9}  {table[route, AI]:6}")  # noqa: T201
    for (expected, got), count in named.items():
        print(f"  {expected} taken for {got}: {count}")  # noqa: T201

    assert share(right, len(rows)) >= LEAST_RIGHT
    assert share(exactly, len(rows)) >= LEAST_EXACT


def test_the_share_answered_here_on_the_stated_mix():
    rows = decided("building", ("everyday",)) + decided("held_out", ("everyday",))
    here = sum(decision.route == LOCAL for _, _, decision in rows)
    print(f"\n{share(here, len(rows))} of {len(rows)} everyday questions answered here; target 0.800")  # noqa: T201

    assert share(here, len(rows)) >= LOCAL_TARGET


def test_the_set_is_large_and_no_question_stands_twice():
    asked = [(group["data"], question.casefold()) for group, question in ROWS]
    parts = Counter(group["part"] for group, _ in ROWS)

    assert len(asked) == len(set(asked))
    assert min(parts.values()) >= 100
    assert {group["route"] for group in GROUPS} == {LOCAL, AI}


def test_whatever_is_local_has_an_answer():
    known = {*account_answers.INTENTS, *data_questions.INTENTS}

    assert {
        d.intent for part in ("building", "held_out") for _, _, d in decided(part) if d.route == LOCAL
    } <= known


@pytest.mark.parametrize(
    ("question", "decision"),
    [
        ("show balance", Decision(LOCAL, "balance", "asks about the balance", Decimal("1.00"))),
        (
            "what does an inventry forecast cost",
            Decision(
                LOCAL,
                "feature_price",
                "asks about the price of a feature",
                Decimal("0.95"),
                feature="inventory_forecast",
            ),
        ),
        (
            "how many credits did I use in the last 3 weeks",
            Decision(LOCAL, "usage", "asks about what was used", Decimal("1.00"), days=21),
        ),
        (
            "show me a plan to show balance",
            Decision(AI, "open", "asks for advice or writing: a plan", Decimal("0.95")),
        ),
        (
            "top customers",
            Decision(
                LOCAL,
                "needs_customers",
                "a simple question (top customers) without the customers",
                Decimal("1.00"),
            ),
        ),
        ("", Decision(LOCAL, "unclear", "too short to be a question", Decimal("1.00"))),
    ],
)
def test_a_decision_says_why(question, decision):
    assert decide(question, has_data=False) == decision


@pytest.mark.parametrize(
    "question",
    [
        "SHOW BALANCE!!!",
        "\uff53\uff48\uff4f\uff57 \uff42alance",
        "show\u200b balance",
        "sh\u043ew b\u0430lance",
        "show balnace",
        "show b a l a n c e",
    ],
    ids=["shouted", "full width", "invisible", "look-alike", "typo", "spaced"],
)
def test_the_spelling_makes_no_difference(question):
    assert decide(question, has_data=False).intent == "balance"


def test_a_reason_quotes_nothing_that_was_written():
    said = decide("Should I call Ama Mensah, 0244123456, about her debt?", has_data=False)

    assert said.reason == "asks for advice or writing: should"


@pytest.mark.parametrize("text", ["balance ", "a plan ", "qwertyuiop ", "¿?! ", "1 ", "can i ask "], ids=repr)
def test_time_is_linear_in_the_text(text):
    def seconds(length: int) -> float:
        long = (text * length)[:length]
        started = time.thread_time()
        decide(long, has_data=True)
        return time.thread_time() - started

    decide(text, has_data=True)
    assert seconds(20_000) < 0.5
