"""Numbers stay the decimals they were written as, in both directions."""

import io
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from config.core import json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Decimal("0.1")),
        ("0.10", Decimal("0.10")),
        ("1e2", Decimal("1E+2")),
        ("-0.00", Decimal("-0.00")),
        ("1E400", Decimal("1E+400")),
        ("123456789012345678901234567890.12", Decimal("123456789012345678901234567890.12")),
    ],
)
def test_a_fraction_is_read_digit_by_digit(text, value):
    parsed = json.loads(text)

    assert type(parsed) is Decimal
    assert parsed.as_tuple() == value.as_tuple()


def test_whole_numbers_stay_whole():
    assert json.loads("12345678901234567890") == 12345678901234567890
    assert type(json.loads("7")) is int


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-Infinity", '{"a":1} x', "", "'a'", "[1,]", "1e9999999999999999999"],
)
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError):
        json.loads(text)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("inf")])
def test_what_is_no_number_is_not_written(value):
    with pytest.raises(ValueError):
        json.dumps({"amount": value})


def parsed(text):
    return json.DecimalJSONParser().parse(io.BytesIO(text.encode()))


@pytest.mark.parametrize("text", ["[" * 21 + "]" * 21, '{"a":' * 21 + "1" + "}" * 21, "[" * 100_000])
def test_a_body_that_is_nested_too_deep_is_refused_before_it_is_parsed(text):
    with pytest.raises(json.NestedTooDeep) as refused:
        parsed(text)

    assert refused.value.status_code == 400


@pytest.mark.parametrize("text", ['["' * 31, '"' + '\\"' * 50 + "[" * 30, "]" * 30 + "[" * 30])
def test_brackets_that_do_not_nest_are_left_to_the_parser(text):
    with pytest.raises(ParseError):
        parsed(text)


def test_twenty_levels_are_read_and_brackets_in_texts_are_none():
    assert parsed("[" * 20 + "]" * 20) == [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]
    assert parsed(json.dumps(["[{" * 50, 'a"[\\', [1] * 3])) == ["[{" * 50, 'a"[\\', [1, 1, 1]]
    assert parsed("[" + ",".join(["[{}]"] * 30) + "]") == [[{}]] * 30


def test_values_are_written_exactly():
    data = {
        "credits": Decimal("100.00"),
        "price": Decimal("0.10"),
        "cost": Decimal("0.00020000"),
        "at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        "on": date(2026, 11, 21),
        "id": uuid.UUID("7d0f3c52-3f5e-4d0b-9c1a-5f0e6a1b2c3d"),
        "name": "Ɛna ₵",
        "none": None,
    }

    assert json.dumps(data) == (
        '{"credits":100.00,"price":0.10,"cost":0.00020000,"at":"2026-11-21T09:30:00Z","on":"2026-11-21",'
        '"id":"7d0f3c52-3f5e-4d0b-9c1a-5f0e6a1b2c3d","name":"Ɛna ₵","none":null}'
    )


def test_a_character_beyond_the_first_plane_is_no_half_character():
    assert json.loads('"\\ud83d\\ude00"') == "😀"
    assert json.loads(b'"\\ud83d\\ude00"') == "😀"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_money_survives_the_round_trip(amount):
    assert str(json.loads(json.dumps(amount))) == str(amount)
