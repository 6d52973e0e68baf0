"""What goes into a credit assessment, what comes out, and what its text may not say."""

import copy
from decimal import Decimal
from typing import Any

import pytest
from rest_framework import serializers

from ai_features.errors import NotEnoughData
from ai_features.features import credit_assessment as feature
from ai_features.services import question as questions

D = Decimal
PATH = "/api/ai/credit-assessment/"
EXAMPLE: dict[str, Any] = feature.EXAMPLE
GOOD = feature.EXAMPLE_RESULT


def body(**changes):
    return {**copy.deepcopy(EXAMPLE), **changes}


def facts(**changes):
    return questions.read(feature.FEATURE, body(**changes)).facts[0]


FACTS = facts()


@pytest.mark.django_db
def test_the_answer_carries_what_was_computed_and_the_customers_name_stays_here(shop, sandbox):
    shop.grant("5.00")

    reply = shop.client.post(PATH, body())

    assert reply.status_code == 200, reply.content
    assert (reply.json()["source"], reply.json()["credits_charged"]) == ("ai", 3)
    result = reply.json()["result"]
    assert (result["recommendation"], result["amount_ghs"], result["terms_days"]) == (
        "approve_reduced",
        1910,
        21,
    )
    assert (result["score"], sum(factor["points"] for factor in result["factors"])) == (84, 84)
    assert result["advisory"].startswith("This is advice. A person decides")
    assert result["history"]["supported_limit_ghs"] == 1910
    sent = str(sandbox.calls())
    assert "Kofi" not in sent
    assert "INV-1" not in sent
    assert "Kofi Mensah" in result["explanation"]  # the sandbox repeats what it is told, and so the token
    assert shop.account == (D("7.00"), D("0.00"))


@pytest.mark.django_db
def test_without_credits_the_computed_part_is_there_all_the_same(shop, sandbox):
    shop.client.post(PATH, body())  # takes 3 of 5 credits

    reply = shop.client.post(PATH, body(limit_asked=1000))

    assert (reply.status_code, reply.json()["code"]) == (402, "insufficient_credits")
    local = reply.json()["local_answer"]["result"]
    assert (local["recommendation"], local["amount_ghs"], local["score"]) == ("approve", 1000, 84)
    assert local["explanation"] == (
        "The limit asked for, GHS 1,000, is recommended with 21 days to pay. "
        "The score is 84 of 100; confidence is low."
    )


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"invoices": [], "payments": []}, {"field": "invoices", "have": 0, "need": 3}),
        (
            {"invoices": EXAMPLE["invoices"][:2], "payments": []},
            {"field": "invoices", "have": 2, "need": 3},
        ),
        # Three invoices, of which one was paid and none is past due.
        (
            {"as_of": "2026-11-20", "invoices": EXAMPLE["invoices"][1:], "payments": []},
            {"field": "payments", "have": 2, "need": 3},
        ),
    ],
)
def test_too_little_data(changes, missing):
    with pytest.raises(NotEnoughData) as refused:
        facts(**changes)

    assert refused.value.data == {"missing": [missing]}
    assert refused.value.detail.startswith("At least 3 invoices are needed")


@pytest.mark.django_db
def test_too_little_data_is_422_and_free(shop, sandbox):
    reply = shop.client.post(PATH, body(invoices=[], payments=[]))

    assert (reply.status_code, reply.json()["code"]) == (422, "not_enough_data")
    assert reply.json()["missing"] == [{"field": "invoices", "have": 0, "need": 3}]
    assert (shop.account, shop.transactions(), sandbox.calls()) == ((D("5.00"), D("0.00")), [], [])


def row(name, place, **changes):
    rows = copy.deepcopy(EXAMPLE[name])
    rows[place].update(changes)
    return {name: rows}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"customer": ""}, ["customer"]),
        ({"as_of": "yesterday"}, ["as_of"]),
        ({"limit_asked": 0}, ["limit_asked"]),
        ({"limit_asked": "1.234"}, ["limit_asked"]),
        ({"current_balance": -1}, ["current_balance"]),
        ({"tenure_months": -1}, ["tenure_months"]),
        ({"invoices": "many"}, ["invoices"]),
        ({"invoices": EXAMPLE["invoices"] * 126}, ["invoices"]),
        (row("invoices", 1, amount=0), ["invoices", 1, "amount"]),
        (row("invoices", 1, due_on="2026-07-01"), ["invoices", 1, "due_on"]),
        (row("invoices", 3, issued_on="2026-11-21"), ["invoices", 3, "issued_on"]),
        (row("invoices", 2, number="inv-101"), ["invoices", 2, "number"]),
        (row("invoices", 2, number="INV\u2011101"), ["invoices", 2, "number"]),  # another kind of dash
        (row("payments", 0, paid_on="2026-11-21"), ["payments", 0, "paid_on"]),
        (row("payments", 0, invoice="INV-999"), ["payments", 0, "invoice"]),
        (row("payments", 0, bounced="perhaps"), ["payments", 0, "bounced"]),
    ],
)
def test_bad_input_is_named(changes, where):
    with pytest.raises(serializers.ValidationError) as refused:
        facts(**changes)

    found: Any = refused.value.detail
    for step in where:
        found = found[step]
    assert found


def test_protected_attributes_are_refused_in_rows_and_in_what_nobody_asked_for():
    rows = copy.deepcopy(EXAMPLE["invoices"])
    rows[2]["extra"] = {"notes": [{"Gender": "x"}]}

    with pytest.raises(serializers.ValidationError) as refused:
        facts(invoices=rows, tribe="x")

    found: Any = refused.value.detail
    assert {path: error[0].code for path, error in found.items()} == {
        "tribe": "protected_attribute",
        "invoices.2.extra.notes.0.Gender": "protected_attribute",
    }


@pytest.mark.django_db
def test_a_protected_attribute_is_400_with_its_path(shop, sandbox):
    reply = shop.client.post(PATH, body(profile={"religion": "x"}))

    assert (reply.status_code, sandbox.calls()) == (400, [])
    assert reply.json()["errors"] == [
        {
            "field": "profile.religion",
            "code": "protected_attribute",
            "detail": feature.PROTECTED,
        }
    ]


def test_the_order_of_rows_changes_nothing_although_names_become_tokens():
    turned = {name: EXAMPLE[name][::-1] for name in ("invoices", "payments")}

    assert facts(**turned) == FACTS


def test_a_limit_in_force_is_what_is_in_use():
    assert [one["why"] for one in FACTS["factors"] if one["name"] == "utilisation"] == [
        "45.0% of the limit is in use"
    ]
    without = body()
    del without["current_limit"]
    found = questions.read(feature.FEATURE, without).facts[0]
    assert [one["why"] for one in found["factors"] if one["name"] == "utilisation"] == [
        "30.0% of the limit is in use"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Ask for 27% in advance.", "the number 27 is not"),
        ("As a married man the customer is reliable.", "credit must not depend on this: married"),
        ("Ask \u27e6C77\u27e7 to vouch.", "there is no customer \u27e6C77\u27e7"),
        ("Grant the limit in full.", "not the whole limit is recommended"),
    ],
)
def test_what_the_check_finds(text, problem):
    problems = feature.check(FACTS, {**GOOD, "next_steps": [text]})

    assert len(problems) == 1
    assert problems[0].startswith(problem)
