"""Names of fields that ask for an attribute which must not weigh in credit."""

from typing import Any

import pytest

from ai_features.privacy import protected


@pytest.mark.parametrize(
    "name",
    [
        "gender",
        "Sex",
        "customerGender",
        "marital-status",
        "maritalStatus",
        "MARITAL_STATUS",
        "date_of_birth",
        "dob",
        "age",
        "customer_age",
        "ageGroup",
        "religion",
        "Religious affiliation",
        "ethnic_group",
        "tribe",
        "race",
        "is_disabled",
        "Nationality",
        "country of origin",
        "husband_name",
        "\uff47\uff45\uff4e\uff44\uff45\uff52",  # full width
        "g e n d e r",
        "ge\u200bnder",  # a zero-width space in it
        "r\u0435ligion",  # a Cyrillic e
    ],
)
def test_protected_attributes_are_known_however_they_are_spelled(name):
    assert list(protected.protected_fields({"a": [{"b": {name: "x"}}]})) == [f"a.0.b.{name}"]


HARMLESS = """
account_age invoiceAge percentage average package stage trace terrace essex message page note customer
limit_asked tenure_months bounced amount
"""


@pytest.mark.parametrize("name", HARMLESS.split())
def test_other_names_are_not_taken_for_protected_ones(name):
    assert not protected.is_protected(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("As a Muslim and a married woman", ["muslim", "married"]),
        ("Her age and g e n d e r", ["gender", "her age"]),
        ("The age of the debt, ageing, a race against time, embrace", []),
    ],
)
def test_what_an_answer_may_not_speak_of(text, found):
    assert sorted(protected.spoken(text)) == sorted(found)


def test_deep_nesting_is_walked_without_recursion():
    data: dict[str, Any] = {"gender": 1}
    for _ in range(5000):
        data = {"a": data}

    assert len(list(protected.protected_fields(data))) == 1
