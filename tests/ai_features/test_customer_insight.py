"""Who buys, who stopped, who owes: figures by hand, simple questions answered free, open ones in bounds."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from rest_framework import serializers

from ai_features.errors import NotEnoughData
from ai_features.facts.customer_answers import NEEDS
from ai_features.features import customer_insight as feature
from ai_features.features import figures, schema
from ai_features.features.customer_result import InsightResult
from ai_features.models import AIRequest
from ai_features.privacy.sanitise import restore_tree
from ai_features.routing.data_questions import INTENTS, recognise
from ai_features.services import question as questions

D = Decimal
OPEN = "Whom should I win back first, and how?"


def row(name: str, days: int | None = None, times: int | None = None, **values: Any) -> dict[str, Any]:
    known = {"recency_days": days, "frequency": times, **values}
    return {"name": name} | {field: value for field, value in known.items() if value is not None}


# Scores of the five who bought: Ama 555, Kofi 244, Esi 422, Yaw 311, Akua 133.
SHOP = [
    row("Ama Mensah", 3, 10, monetary=600, previous_monetary=500, balance=0, groups={"area": "Makola"}),
    row(
        "Kofi Owusu",
        100,
        5,
        monetary=250,
        previous_monetary=400,
        balance="120.50",
        last_seen="2026-11-16",
        groups={"area": "Makola"},
    ),
    row("Esi Addo", 30, 2, monetary=100, balance=30, groups={"area": "Kaneshie"}),
    row("Yaw Darko", 95, 1, monetary=50, previous_monetary=100, groups={"area": "Kaneshie"}),
    row(
        "Adjoa Boateng",
        None,
        0,
        monetary=0,
        previous_monetary=300,
        balance=-20,
        last_seen="2026-11-11",
        groups={"area": "Makola"},
    ),
    row("Akua Sarpong", 400, 3, monetary=200, code="K-7"),
]


def asked(question: str = OPEN, rows: list[dict[str, Any]] = SHOP, **values: Any) -> questions.Question:
    body = {"question": question, "as_of": "2026-11-21", "customers": rows, **values}
    return questions.read(feature.FEATURE, body)


def answered(question: str, rows: list[dict[str, Any]] = SHOP) -> Any:
    """What the caller would get for a simple question; None for an open one."""
    read = asked(question, rows)
    return restore_tree(feature.local_answer(read.facts[0]), read.tokens)


def test_totals_by_hand():
    assert asked().facts[0]["totals"] == {
        "customers": 6,
        "spent_ghs": D(1200),
        "average_spend_ghs": D("200.00"),
        "purchases": 21,
        "average_purchases": D("3.5"),
        "average_purchase_ghs": D("57.14"),  # 1,200 ÷ 21
        "debtors": 2,
        "owed_ghs": D("150.50"),  # what was paid in advance is no debt, and takes nothing off
        "average_debt_ghs": D("75.25"),
    }


def test_retention_by_hand():
    """Days away: 3, 100, 30, 95, 10 (seen), 400. Spent before: 500, 400, 100, 300; now 600, 250, 50, 0."""
    assert asked().facts[0]["retention"] == {
        "lapsed_after_days": 90,
        "active": 3,
        "active_percent": 50,
        "lapsed": 3,
        "lapsed_spent_ghs": D(500),
        "bought_again_percent": 80,  # 4 of 5 buyers
        "retained_percent": 75,  # 3 of 4
        "retained_money_percent": 69,  # 900 of 1,300
        "came_without_buying": 2,
    }


def test_concentration_by_hand():
    """600, 250, 200, 100, 50 of 1,200: shares 50, 20.83, 16.67, 8.33, 4.17; Σ of squares 3,298.6."""
    assert asked().facts[0]["concentration"] == {
        "largest_percent": 50,
        "top_5_percent": 100,
        "top_fifth_customers": 1,
        "top_fifth_percent": 50,
        "hhi": 3299,
    }


def test_segments_by_hand():
    found = asked().facts[0]["segments"]

    assert [
        (one["segment"], one["customers"], one["customers_percent"], one["spent_ghs"], one["spent_percent"])
        for one in found
    ] == [
        ("champions", 1, 20, D(600), 50),
        ("potential_loyalists", 1, 20, D(100), 8),
        ("about_to_sleep", 1, 20, D(50), 4),
        ("at_risk", 2, 40, D(450), 38),
    ]
    assert [one["owed_ghs"] for one in found] == [D(0), D(30), D(0), D("120.50")]


def test_whom_to_win_back():
    """Lapsed are Kofi (money 4), Akua (3) and Yaw (1)."""
    question = asked()

    assert [question.tokens[one.name] for one in question.facts[0]["lapsed_valuable"]] == ["Kofi Owusu"]


def test_groups_by_hand():
    assert asked().facts[0]["groups"] == [
        {
            "field": "area",
            "groups": [
                {
                    "group": "Makola",
                    "customers": 3,
                    "spent_ghs": D(850),
                    "spent_percent": 85,
                    "average_spend_ghs": D("283.33"),
                    "active_percent": 67,
                    "owed_ghs": D("120.50"),
                },
                {
                    "group": "Kaneshie",
                    "customers": 2,
                    "spent_ghs": D(150),
                    "spent_percent": 15,
                    "average_spend_ghs": D("75.00"),
                    "active_percent": 50,
                    "owed_ghs": D(30),
                },
            ],
        }
    ]


def test_many_groups_are_put_together():
    rows = [row(f"Customer {n}", 1, 1, monetary=100 - n, groups={"town": f"T{n:02}"}) for n in range(11)]

    groups = asked(rows=rows).facts[0]["groups"][0]["groups"]

    assert [one["group"] for one in groups] == [*(f"T{n:02}" for n in range(8)), "all others"]
    assert (groups[-1]["customers"], groups[-1]["spent_ghs"]) == (3, D(92 + 91 + 90))


def test_dates_count_like_days():
    dated = [row("Ama Mensah", last_purchase="2026-11-18", last_seen="2026-11-20", monetary=5)]

    one = asked("top customers", dated).facts[0]["book"].customers[0]

    assert (one.bought_days, one.seen_days, one.away_days) == (3, 1, 3)


SIMPLE = [
    (
        "Top 2 customers",
        "By money spent, the top 2 customers: Ama Mensah (GHS 600), Kofi Owusu (GHS 250). "
        "Together GHS 850, 71% of all sales.",
        ["Ama Mensah", "Kofi Owusu"],
    ),
    (
        "who spends the least?",
        "Of those who bought, these spent least: Yaw Darko (GHS 50), Esi Addo (GHS 100), "
        "Akua Sarpong (GHS 200), Kofi Owusu (GHS 250), Ama Mensah (GHS 600).",
        ["Yaw Darko", "Esi Addo", "Akua Sarpong", "Kofi Owusu", "Ama Mensah"],
    ),
    (
        "who buys most often",
        "They buy most often: Ama Mensah (10 times), Kofi Owusu (5 times), Akua Sarpong (3 times), "
        "Esi Addo (2 times), Yaw Darko (1 time).",
        ["Ama Mensah", "Kofi Owusu", "Akua Sarpong", "Esi Addo", "Yaw Darko"],
    ),
    (
        "Who owes me most?",
        "They owe you most: Kofi Owusu (GHS 120.50), Esi Addo (GHS 30). In all, 2 customers owe GHS 150.50.",
        ["Kofi Owusu", "Esi Addo"],
    ),
    (
        "which customers stopped coming",
        "3 customers have stayed away for more than 90 days; in this period they spent GHS 500. First: "
        "Kofi Owusu (100 days, GHS 250), Akua Sarpong (400 days, GHS 200), Yaw Darko (95 days, GHS 50).",
        ["Kofi Owusu", "Akua Sarpong", "Yaw Darko"],
    ),
    (
        "who has not bought in 4 months",
        "1 customer has stayed away for more than 120 days; in this period they spent GHS 200. First: "
        "Akua Sarpong (400 days, GHS 200).",
        ["Akua Sarpong"],
    ),
    (
        "How many customers do I have?",
        "There are 6 customers in your data. 5 of them bought in this period.",
        [],
    ),
    ("how many active customers", "3 customers, 50%, were here in the last 90 days.", []),
    ("how many customers owe me", "2 customers of 6 owe you GHS 150.50 in all.", []),
    ("total outstanding balance", "Customers owe you GHS 150.50 in all: 2 customers of 6.", []),
    ("average debt", "A customer who owes you owes GHS 75.25 on average (2 customers).", []),
    ("total sales", "Your customers spent GHS 1,200 in this period: 5 customers of 6.", []),
    ("number of purchases", "Your customers bought 21 times in this period.", []),
    ("average spend", "A customer spent GHS 200 on average in this period: GHS 1,200 by 6 customers.", []),
    ("average basket", "A purchase is GHS 57.14 on average.", []),
    ("average visits", "A customer bought 3.5 times on average in this period.", []),
    (
        "show my segments",
        "Your customers by how lately, how often and for how much they bought: "
        "Champions: 1, Potential loyalists: 1, About to sleep: 1, At risk: 2.",
        [],
    ),
    (
        "which customers are at risk",
        "At risk: 2 customers with GHS 450. First: Kofi Owusu (GHS 250), Akua Sarpong (GHS 200).",
        ["Kofi Owusu", "Akua Sarpong"],
    ),
    (
        "who are my champions",
        "Champions: 1 customer with GHS 600. First: Ama Mensah (GHS 600).",
        ["Ama Mensah"],
    ),
    (
        "how much does kofi owusu owe?",
        "Kofi Owusu: spent GHS 250, bought 5 times, last bought 100 days ago, owes GHS 120.50.",
        ["Kofi Owusu"],
    ),
    (
        "Adjoa Boateng's balance",
        "Adjoa Boateng: spent GHS 0, bought 0 times, has paid GHS 20 in advance.",
        ["Adjoa Boateng"],
    ),
    (
        "when did K-7 last buy",
        "Akua Sarpong: spent GHS 200, bought 3 times, last bought 400 days ago.",
        ["Akua Sarpong"],
    ),
]


@pytest.mark.parametrize(("question", "answer", "listed"), SIMPLE)
def test_simple_questions_are_answered_exactly(question, answer, listed):
    found = answered(question)

    assert found["answer"] == answer
    assert [one["customer"] for one in found["customers"]] == listed
    assert schema.problems(InsightResult, found)[1] == []


def test_every_simple_question_has_an_answer():
    tried = {answered(question)["simple_question"] for question, _, _ in SIMPLE}

    assert tried == set(INTENTS)


@pytest.mark.parametrize(("question", "answer", "listed"), SIMPLE)
def test_what_is_said_here_stands_in_the_figures(question, answer, listed):
    facts = asked(question).facts[0]
    said = feature.local_answer(facts)
    assert said is not None
    rows = said.pop("customers")
    texts = [said["answer"], *said["figures_used"], said["next_step"]]
    computed = {name: value for name, value in said.items() if name not in ("answer", "figures_used")}
    sums = "850 71% 500 200 120 450 5"  # of the rows of the answer, worked above

    assert figures.invented_numbers(texts, [rows, computed, sums]) == []


def test_an_open_question_is_not_answered_here():
    assert answered(OPEN) is None


def test_one_name_may_be_of_several():
    """Who asks about one customer among several of a name sees all of them."""
    rows = [row("Ama Mensah", balance=10, code="A1"), row("Ama Mensah", balance=20, code="A2")]

    found = answered("how much does Ama Mensah owe", rows)

    assert found["answer"] == (
        "2 customers have this name. Ama Mensah: owes GHS 10. Ama Mensah: owes GHS 20."
    )
    assert [one["code"] for one in found["customers"]] == ["A1", "A2"]


def test_lists_end_at_twenty():
    rows = [row(f"Customer {n:02}", monetary=1000 - n) for n in range(40)]

    found = answered("top 30 customers", rows)

    assert found["answer"].startswith(
        "By money spent, the top 20 customers: Customer 00 (GHS 1,000), Customer 01 (GHS 999), "
        "Customer 02 (GHS 998), Customer 03 (GHS 997), Customer 04 (GHS 996) and 15 more."
    )
    assert [one["rank"] for one in found["customers"]] == list(range(1, 21))


@pytest.mark.parametrize(
    "question", ["top customers", "who buys most often", "who owes most", "average basket"]
)
def test_nobody_is_an_answer(question):
    rows = [row("Ama Mensah", times=0, monetary=0, balance=0)]

    found = answered(question, rows)

    assert found["answer"].startswith(("No customer has", "Nobody"))
    assert found["customers"] == []
    assert schema.problems(InsightResult, found)[1] == []


@pytest.mark.parametrize("intent", NEEDS)
def test_a_simple_question_without_its_figures_says_which(intent):
    question = next(text for text, _, _ in SIMPLE if recognise(text) == intent)

    with pytest.raises(NotEnoughData) as refused:
        _ = asked(question, [row("Ama Mensah")]).facts

    field = NEEDS[intent][1]
    assert refused.value.data["missing"] == [{"field": f"customers.{field}", "have": 0, "need": 1}]


@pytest.mark.parametrize("question", [OPEN, "show my segments"])
def test_too_few_customers_to_score_says_how_many(question):
    with pytest.raises(NotEnoughData) as refused:
        _ = asked(question, SHOP[:4]).facts

    assert refused.value.data["missing"] == [{"field": "customers", "have": 4, "need": 5}]


SENT = asked().facts[0]
TOKENS = {name: token for token, name in asked().tokens.items()}
AMA, KOFI = TOKENS["Ama Mensah"], TOKENS["Kofi Owusu"]
WORDS = {"answer": f"Call {KOFI} first.", "figures_used": ["Lapsed: 3"], "next_step": "Send a message."}


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("answer", f"{KOFI} spent GHS 250 and is away for 100 days.", None),
        ("answer", "Champions bring 50% of GHS 1,200; Makola brings 85%.", None),
        ("answer", f"{KOFI} spent GHS 260.", "the number 260 is not in the data; leave it out"),
        ("next_step", "Give 13% off.", "the number 13 is not in the data; leave it out"),
        ("answer", "⟦C99⟧ is your best customer.", "the token ⟦C99⟧ is not in the data; leave it out"),
        ("answer", f"{KOFI} spent GHS 600.", "GHS 600 is another customer's amount"),
        ("answer", "Speak to Kwame.", "the name Kwame is not in the data; leave it out"),
    ],
)
def test_the_models_words_keep_to_the_data(field, text, problem):
    assert feature.check(SENT, {**WORDS, field: text}) == ([problem] if problem else [])


def test_what_the_model_sees_does_not_grow_with_the_customers():
    def sent(count: int) -> str:
        rows = [
            row(
                f"Customer {n}",
                n % 200,
                1 + n % 9,
                monetary=10 + n % 70,
                balance=n % 3,
                code=f"K{n}",
                phone="0244123456",
            )
            for n in range(count)
        ]
        return str(questions.messages(feature.FEATURE, asked(rows=rows).facts)[1]["content"])

    few, many = sent(150), sent(450)

    assert len(many) < 1.15 * len(few) < 12_000
    assert many.count("⟦C") == 40  # 20 lapsed, 10 buyers, 10 debtors
    assert not any(text in many for text in ("Customer ", "K1", "0244"))


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"question": ""}, "question", "blank"),
        ({"question": "x" * 501}, "question", "500"),
        ({"customers": []}, "customers", "may not be empty"),
        ({"customers": [row("Ama")] * 2001}, "customers", "no more than 2000"),
        ({"customers": [row("A")]}, "customers", "at least two letters"),
        ({"customers": [row("Ama", -1)]}, "customers", "greater than or equal to 0"),
        ({"customers": [row("Ama", monetary=-5)]}, "customers", "greater than or equal to 0"),
        ({"customers": [{"name": "Ama", "frequency": 1.5}]}, "customers", "integer"),
        ({"customers": [row("Ama", code="K1"), row("Esi", code="K1")]}, "customers", "add their figures up"),
        ({"customers": [row("Ama", last_purchase="2026-11-22")]}, "customers", "after as_of"),
        ({"customers": [row("Ama", 3, last_purchase="2026-11-20")]}, "customers", "not both"),
        (
            {"as_of": None, "customers": [row("Ama", last_seen="2026-11-20")]},
            "as_of",
            "null",
        ),
        ({"customers": [row("Ama", groups=dict.fromkeys("abcd", "x"))]}, "customers", "At most 3 groups"),
        ({"customers": [row("Ama", groups={" ": "x"})]}, "customers", "1 to 40 characters"),
        ({"lapsed_after_days": 0}, "lapsed_after_days", "greater than or equal to 1"),
    ],
)
def test_bad_input_says_what_to_do(body, field, words):
    good = {"question": OPEN, "as_of": "2026-11-21", "customers": [row("Ama")]}

    with pytest.raises(serializers.ValidationError) as refused:
        questions.read(feature.FEATURE, {**good, **body})

    assert list(refused.value.detail) == [field]
    assert words in str(refused.value.detail)


def test_dates_need_a_day_to_count_to():
    body = {"question": OPEN, "customers": [row("Ama"), row("Esi", last_seen="2026-11-20")]}

    with pytest.raises(serializers.ValidationError) as refused:
        questions.read(feature.FEATURE, body)

    detail: Any = refused.value.detail
    assert detail == {"customers": [{}, {"last_seen": "Send as_of as well, the day this is counted to."}]}


def test_the_order_of_the_request_makes_no_difference():
    one, other = asked(), asked(rows=SHOP[::-1])

    assert one.clean_items == other.clean_items


def test_short_codes_leave_the_figures_of_a_question_alone():
    rows = [row(f"Customer {n}", code=str(n), monetary=n) for n in range(1, 9)]

    assert len(answered("top 3 customers", rows)["customers"]) == 3


def test_time_grows_no_faster_than_the_customers():
    def seconds(count: int) -> float:
        rows = [row(f"Customer {n}", n % 200, n % 9, monetary=n % 70, code=f"K{n}") for n in range(count)]
        question = asked(rows=rows)
        started = time.thread_time()
        result = feature.local_text(question.facts[0])
        restore_tree(result, question.tokens)
        return time.thread_time() - started

    few, many = (min(seconds(count) for _ in range(3)) for count in (150, 600))
    assert many < 12 * few


PATH = "/api/ai/customer-insight/"
BODY = {"question": OPEN, "as_of": "2026-11-21", "customers": SHOP}
PRIVATE = ("Ama", "Mensah", "Kofi", "Owusu", "K-7")


@pytest.mark.django_db
def test_an_open_question_costs_half_a_credit_and_no_name_leaves(shop, sandbox):
    answer = shop.client.post(PATH, BODY)

    body = answer.json()
    assert (body["source"], body["credits_charged"], body["new_balance"]) == ("ai", 0.5, 4.5)
    result = body["result"]
    assert (result["simple_question"], result["customers"]) == (None, [])
    assert [one["customer"] for one in result["lapsed_valuable"]] == ["Kofi Owusu"]
    assert b'"spent_ghs":1200.00' in answer.content
    stored = AIRequest.objects.get()
    for place in (
        json.dumps(sandbox.calls(), ensure_ascii=False),
        str(stored.request_data),
        str(stored.sent),
    ):
        assert not any(name in place for name in PRIVATE)


@pytest.mark.django_db
def test_a_simple_question_is_answered_here_and_free(shop, sandbox):
    answer = shop.client.post(PATH, {**BODY, "question": "Who owes most?"})

    body = answer.json()
    assert (answer.status_code, body["source"], body["credits_charged"]) == (200, "local", 0)
    assert body["result"]["answer"] == SIMPLE[3][1]
    assert body["result"]["simple_question"] == "biggest_debtors"
    assert sandbox.calls() == []
    assert shop.account == (D("5.00"), D("0.00"))
    assert shop.transactions() == [("success", "local", "", D(0))]
    assert not any(name in str(AIRequest.objects.get().request_data) for name in PRIVATE)


@pytest.mark.django_db
def test_too_little_data_is_free(shop, sandbox):
    answer = shop.client.post(PATH, {**BODY, "customers": SHOP[:2]})

    assert (answer.status_code, answer.json()["code"]) == (422, "not_enough_data")
    assert answer.json()["missing"] == [{"field": "customers", "have": 2, "need": 5}]
    assert shop.account == (D("5.00"), D("0.00"))
    assert sandbox.calls() == []


@pytest.mark.django_db
def test_without_a_model_the_figures_are_told(shop, sandbox):
    sandbox.fail("503", times=9)

    refused = shop.client.post(PATH, BODY)

    assert (refused.status_code, refused.json()["code"]) == (503, "provider_unavailable")
    local = refused.json()["local_answer"]["result"]
    assert local["answer"] == (
        "You have 6 customers. They spent GHS 1,200; most of it Ama Mensah (GHS 600), Kofi Owusu (GHS 250), "
        "Akua Sarpong (GHS 200). 3 customers stayed away for more than 90 days. "
        "2 customers together owe you GHS 150.50."
    )
    assert local["next_step"] == "Win back Kofi Owusu first, away for 100 days after spending GHS 250."
    assert shop.account == (D("5.00"), D("0.00"))
