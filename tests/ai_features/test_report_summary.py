"""What the report summary refuses, keeps back, tells and delivers. Its figures: test_report_facts.py."""

import json
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from ai_features.errors import NotEnoughData
from ai_features.facts import report_words
from ai_features.features import report_summary as feature
from ai_features.features import schema
from ai_features.features.report_forms import MAX_ROWS
from ai_features.models import AIRequest
from ai_features.services import question as questions
from config.core import json as decimal_json

PATH = "/api/ai/report-summary/"
OCTOBER = {"start": "2026-10-01", "end": "2026-10-31"}
SEPTEMBER = {"start": "2026-09-01", "end": "2026-09-30"}


def sale(product: str = "Rice", revenue: Any = 100, **more: Any) -> dict[str, Any]:
    return {"product": product, "revenue": revenue, **more}


def body(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"report_type": "sales", "period": OCTOBER, "rows": list(rows)} | changes


def read(sent: Any) -> questions.Question:
    return questions.read(feature.FEATURE, sent)


def three(**more: Any) -> list[dict[str, Any]]:
    return [sale("Rice", 100, **more), sale("Oil", 60, **more), sale("Salt", 40, **more)]


@pytest.mark.parametrize(
    ("rows", "place", "words"),
    [
        ([sale()] * (MAX_ROWS + 1), "rows", "At most 500 rows. Group them by day or article"),
        ([{f"column {n}": 1 for n in range(21)}], "rows", "At most 20 different headings; there are 21."),
        ([{f"column {n}": 1} for n in range(21)], "rows", "At most 20 different headings; there are 21."),
        (
            [sale(), sale(revenue="a lot")],
            "rows.1.revenue",
            "Send a number such as 1200.50, or null; or mark",
        ),
        ([sale(), sale(revenue="NaN")], "rows.1.revenue", "Send a number such as 1200.50"),
        ([sale(), sale(revenue=Decimal("NaN"))], "rows.1.revenue", "This is not a number. Send null"),
        ([sale(), sale(revenue=float("inf"))], "rows.1.revenue", "This is not a number. Send null"),
        ([sale(revenue=10**9)], "rows.0.revenue", "below 1,000,000,000; send thousands"),
        ([sale(revenue="1,000,000,000")], "rows.0.revenue", "below 1,000,000,000; send thousands"),
        ([sale(revenue=Decimal("1E+999999"))], "rows.0.revenue", "below 1,000,000,000"),
        ([sale(revenue=[1])], "rows.0.revenue", "Send a number, a text, a date as 2026-11-21, or null."),
        ([sale("x" * 201)], "rows.0.product", "At most 200 characters."),
        ([{"Ama": 1}, {"AMA ": 2}], "rows", "Two headings look alike: AMA . Use one."),
        ([["Rice", 100]], "rows.0", "Expected a dictionary"),
        ({"product": "Rice"}, "rows", "Expected a list"),
        ([{"": 1}], "rows.0.", "Headings have 1 to 60 characters."),
        ([{"ama@example.com": 1}], "rows.0.ama@example.com", "must not hold an e-mail address"),
        ([{"024 412 3456": 1}], "rows.0.024 412 3456", "or a long number"),
        ([sale(day="2026-11-01")], "rows.0.day", "This is not within the period, 2026-10-01 to 2026-10-31."),
        ([*three(), sale("TOTAL:", 200)], "rows.3.product", "This looks like a row of totals: leave it out"),
        ([sale(cashier="K")], "rows.0.cashier", "Give a name of at least two letters, or null."),
    ],
)
def test_a_bad_table_is_named_by_its_place(rows, place, words):
    with pytest.raises(ValidationError) as refused:
        read(body(rows=rows))

    node: Any = refused.value.detail
    for step in place.split(".", 2):
        node = node[step] if step in node else node[int(step)]
    assert words in str(node)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"report_type": "weather"}, "report_type", "not a valid choice"),
        ({"period": {"start": "2026-10-31", "end": "2026-10-01"}}, "period", "must not be before the first"),
        ({"period": {"start": "1026-10-31", "end": "1026-10-31"}}, "period", "from 2000 to 2099"),
        ({"currency": "cedis"}, "currency", "three capitals"),
        ({"columns": {"profit": "money"}}, "columns", "No row has this heading."),
        ({"columns": {"revenue": "cash"}}, "columns", "not a valid choice"),
        ({"columns": {"product": "money"}}, "rows", "Send a number such as 1200.50"),
        ({"columns": {"product": "date"}}, "rows", "Send a date as 2026-11-21, or a month as 2026-11."),
        ({"columns": {"product": "date", "revenue": "date"}}, "columns", "One column of dates"),
        ({"measure": "product"}, "measure", "No column of numbers has this heading. There are: revenue."),
        ({"group_by": "revenue"}, "group_by", "There are: product."),
        ({"totals": {"revenue": "much"}}, "totals", "Send a number such as 1200.50"),
        ({"previous": {"period": SEPTEMBER}}, "previous", "Send rows or totals of the previous period."),
        ({"previous": {"period": OCTOBER, "totals": {"revenue": 1}}}, "previous", "before the period starts"),
        (
            {"previous": {"period": SEPTEMBER, "rows": [sale(revenue="x")]}},
            "previous",
            "Send a number such as",
        ),
    ],
)
def test_bad_requests_are_named(changes, field, words):
    with pytest.raises(ValidationError) as refused:
        read(body(*three(), **changes))

    assert list(refused.value.detail) == [field]
    assert words in str(refused.value.detail)


def test_rows_or_totals_must_be_there():
    with pytest.raises(ValidationError) as refused:
        read({"report_type": "sales", "period": OCTOBER})

    assert refused.value.detail == {"rows": ["Send rows, or totals."]}


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        (body(), [{"field": "rows", "what": "columns of numbers", "have": 0, "need": 1}]),
        (
            body({"product": "Rice"}),
            [{"field": "rows", "what": "columns of numbers", "have": 0, "need": 1}],
        ),
        (
            body(sale(), sale("Oil"), sale("Salt", None)),
            [
                {"field": "rows", "what": "revenue", "have": 2, "need": 3},
                {"field": "previous", "what": "revenue", "have": 0, "need": 1},
            ],
        ),
        (
            {"report_type": "sales", "period": OCTOBER, "totals": {"revenue": 5}},
            [
                {"field": "rows", "what": "revenue", "have": 0, "need": 3},
                {"field": "previous", "what": "revenue", "have": 0, "need": 1},
            ],
        ),
    ],
)
def test_too_little_data_says_what_is_missing(sent, missing):
    with pytest.raises(NotEnoughData) as refused:
        assert read(sent).facts

    assert refused.value.data == {"missing": missing}


def test_totals_alone_are_enough_with_those_before():
    totals = {
        "report_type": "expenses",
        "period": OCTOBER,
        "totals": {"rent": "1,200.00", "fuel": 300.5},
        "previous": {
            "period": {"start": "2026-08-31", "end": "2026-09-30"},
            "totals": {"rent": 1200, "fuel": 240},
        },
        "columns": {"fuel": "money"},
        "measure": "fuel",
    }
    facts = read(totals).facts[0]

    assert report_words.told(facts)["totals"] == {
        "fuel": "GHS 300.50, up GHS 60.50 (25.2%) from GHS 240; that is bad",
        "rent": "GHS 1,200, as before",
    }
    said = feature.local_text(facts)
    assert said["headline"] == "Fuel: GHS 300.50, up 25.2%"
    assert (said["highlights"], said["risks"]) == (
        [],
        ["Fuel: GHS 300.50, up GHS 60.50 (25.2%) from GHS 240."],
    )


def test_more_expenses_are_a_risk():
    before = {"period": SEPTEMBER, "rows": [sale("Rent", 100), sale("Fuel", 90)]}
    sent = body(sale("Rent", 100), sale("Fuel", 150), report_type="expenses", previous=before)
    said = feature.local_text(read(sent).facts[0])

    assert "Grew most: Fuel: GHS 150, up GHS 60 (66.7%) from GHS 90." in said["risks"]
    assert said["actions"][0] == "Find out what happened to Fuel."


def test_numbers_written_as_text_and_months_are_understood():
    rows = [{"month": f"2026-{month:02}", "revenue": f"{month},000.50"} for month in range(1, 11)]
    facts = read(body(*rows, period={"start": "2026-01-15", "end": "2026-10-15"})).facts[0]

    assert facts["totals"][0]["value"] == Decimal("55005.00")
    assert (facts["trend"]["per"], facts["trend"]["slope"]) == ("month", Decimal("1000.00"))


PEOPLE: list[dict[str, Any]] = [
    {"cashier": "Ama Mensah", "phone": "0244123456", "item": "Rice", "revenue": 500, "Yaw Boakye": 1},
    {
        "cashier": "Kofi Owusu",
        "phone": 201234567,
        "item": "Ama Mensah's basket",
        "revenue": 300,
        "Yaw Boakye": 2,
    },
    {"cashier": "-", "phone": None, "item": "Oil", "revenue": 200, "Yaw Boakye": 3},
]


def test_names_are_tokens_in_the_facts_and_in_every_column():
    sent = body(*PEOPLE, names=["Yaw Boakye", "Efua"], title="Sales of Efua's shop", group_by="cashier")
    question = read(sent)
    shown = decimal_json.dumps(report_words.told(question.facts[0]))
    kept = decimal_json.dumps(question.clean_data)

    for name in ("Ama", "Mensah", "Kofi", "Owusu", "Yaw", "Boakye", "Efua", "0244123456", "201234567"):
        assert name not in shown + kept
    assert question.clean_items[0]["rows"][1]["item"] == "⟦C01⟧'s basket"
    assert [one["name"] for one in question.facts[0]["top"]] == ["⟦C01⟧", "⟦C03⟧", "not given"]


def test_the_caller_marks_what_holds_names_and_what_is_left_out():
    rows = [{"who": f"Ama Nr{n}", "note": "secret", "revenue": n} for n in range(3)]
    question = read(body(*rows, columns={"who": "name", "note": "ignore"}))

    assert question.facts[0]["group_by"] == "who"
    assert "Ama" not in str(question.clean_data)
    assert "secret" not in str(question.items)


MOVED = body(
    sale("Rice", 1200, cashier="Ama Mensah"),
    sale("Oil", 300, cashier="Ama Mensah"),
    sale("Salt", 500, cashier="Ama Mensah"),
    period={"start": "2026-10-02", "end": "2026-10-31"},
    group_by="product",
    previous={"period": SEPTEMBER, "rows": [sale("Rice", 1000), sale("Oil", 400), sale("Salt", 480)]},
)
WORDS: dict[str, Any] = {
    "headline": "Revenue is up 6.4%",
    "summary": "Revenue was GHS 2,000.",
    "highlights": [],
    "risks": [],
    "actions": ["Ask why oil fell."],
}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Rice rose by 20% to GHS 1,200.", None),
        ("Oil is down 25%, while revenue rose 6.4%.", None),
        ("Revenue did not fall 6.4%; a shop might lose 20% otherwise.", None),
        ("Revenue was GHS 2,001.", "the number 2,001 is not in the data; leave it out"),
        ("Rice and oil make up three quarters.", "the number three is not in the data; leave it out"),
        ("Revenue fell by 6.4%.", "6.4% is a rise in the data; say so"),
        ("Rice did well, but oil grew 25 percent.", "25% is a fall in the data; say so"),
        ("Thanks to ⟦C07⟧ it went well.", "the token ⟦C07⟧ is not in the data; leave it out"),
        ("Thanks to Kwame it went well.", "the name Kwame is not in the data; leave it out"),
        ("Sell more Milo.", "the name Milo is not in the data; leave it out"),
    ],
)
def test_words_are_checked_against_the_figures(text, problem):
    facts = read(MOVED).facts[0]

    assert feature.check(facts, WORDS | {"summary": text}) == ([problem] if problem else [])
    assert feature.check(facts, WORDS | {"risks": [text]}) == ([problem] if problem else [])


def test_what_the_model_sees_does_not_grow_with_the_rows():
    few, many = (
        questions.messages(
            feature.FEATURE, read(body(*(sale(f"P{n}", 100 + n % 9) for n in range(count)))).facts
        )[1]["content"]
        for count in (20, MAX_ROWS)
    )

    assert len(many) < 1.1 * len(few) < 1500


def test_the_largest_report_is_read_and_its_text_fits():
    """500 rows of 20 columns."""
    numbers = {f"sales {n}": 1000 + 7 * n for n in range(18)}
    rows = [{"product": f"P{n}", "cashier": f"Ama Nr{n % 9}", **numbers} for n in range(MAX_ROWS)]

    facts = read(body(*rows)).facts[0]

    result, problems = schema.problems(feature.FEATURE.delivers, feature.local_text(facts))
    assert problems == []
    assert feature.check(facts, result) == []
    assert (len(result["figures"]["totals"]), len(result["figures"]["top"])) == (18, 5)


@pytest.mark.django_db
def test_a_summary_from_end_to_end(shop, sandbox):
    """0.2 of 5 credits are charged, a second time nothing; no name leaves or is kept."""
    reply = shop.client.post(PATH, MOVED | {"group_by": "cashier"})

    assert reply.status_code == 200, reply.content
    answer = reply.json()
    assert (answer["source"], answer["credits_charged"], answer["new_balance"]) == ("ai", 0.2, 4.8)
    computed = answer["result"]["figures"]
    assert computed["totals"][0] == {
        "column": "revenue",
        "role": "money",
        "value": 2000.00,
        "previous": 1880.00,
        "change": 120.00,
        "change_percent": 6.4,
        "per_day_percent": None,
        "reading": "good",
    }
    assert b'"value":2000.00' in reply.content
    assert answer["result"]["headline"]
    stored = AIRequest.objects.get()
    for place in (
        json.dumps(sandbox.calls(), ensure_ascii=False),
        str(stored.request_data),
        str(stored.sent),
    ):
        assert not any(name in place for name in ("Ama", "Mensah"))

    again = shop.client.post(PATH, MOVED | {"group_by": "cashier"}).json()
    assert (again["source"], again["credits_charged"], again["result"]) == ("cached", 0, answer["result"])
    assert shop.account == (Decimal("4.80"), Decimal("0.00"))


@pytest.mark.django_db
def test_too_little_data_is_free(shop, sandbox):
    reply = shop.client.post(PATH, body(sale()))

    assert (reply.status_code, reply.json()["code"]) == (422, "not_enough_data")
    assert reply.json()["missing"][0] == {"field": "rows", "what": "revenue", "have": 1, "need": 3}
    assert (shop.account, sandbox.calls()) == ((Decimal("5.00"), Decimal("0.00")), [])


@pytest.mark.django_db
def test_a_wrong_cell_is_told_with_its_path(shop, sandbox):
    reply = shop.client.post(PATH, body(*three(), sale("Soap", "ten")))

    assert reply.status_code == 400
    assert reply.json()["errors"][0]["field"] == "rows.3.revenue"
    assert (shop.account, sandbox.calls()) == ((Decimal("5.00"), Decimal("0.00")), [])
