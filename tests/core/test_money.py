from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.core import money


@pytest.mark.parametrize(
    ("value", "expected"), [("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "-0.01"), ("83.33", "83.33")]
)
def test_credits_and_cedis_round_half_up(value, expected):
    assert str(money.credits(Decimal(value))) == expected
    assert str(money.ghs(Decimal(value))) == expected


@pytest.mark.parametrize(("value", "expected"), [("24.999", "24.99"), ("0.0099", "0.00"), ("66.67", "66.67")])
def test_what_goes_back_is_rounded_down(value, expected):
    assert str(money.credits_down(Decimal(value))) == expected
    assert str(money.ghs_down(Decimal(value))) == expected


def test_the_value_of_a_credit_has_six_places():
    assert str(money.unit_value_ghs(Decimal("80.00"), Decimal("83.33"))) == "0.960038"
    assert str(money.unit_value_ghs(Decimal("0"), Decimal("16.67"))) == "0.000000"


def test_dollars_have_eight_places():
    assert money.usd(Decimal("0.0000000049")) == 0
    assert money.usd(Decimal("0.000000005")) == Decimal("0.00000001")
    assert str(money.usd(Decimal("1"))) == "1.00000000"


@given(st.integers(min_value=0, max_value=10**12))
def test_pesewas_round_trip(pesewas):
    assert money.to_pesewas(money.from_pesewas(pesewas)) == pesewas


@pytest.mark.parametrize("amount", ["0.001", "10.005"])
def test_a_fraction_of_a_pesewa_is_refused(amount):
    with pytest.raises(ValueError, match="whole number of pesewas"):
        money.to_pesewas(Decimal(amount))
