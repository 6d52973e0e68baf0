"""A slip in the environment is found at the start, by its name."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.settings import values


@pytest.mark.parametrize("value", ["40%", "40", "1", "-0.1", "NaN", "Infinity", "much"])
def test_a_share_that_can_not_be(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"MARGIN_FLOOR is a share such as 0\.40 for 40%"):
        values.share("MARGIN_FLOOR", value)


@pytest.mark.parametrize("value", ["0", "0.40", "0.999"])
def test_a_share(value: str) -> None:
    assert values.share("MARGIN_FLOOR", value) == Decimal(value)


@pytest.mark.parametrize("value", ["0", "1", "-90", "2.5", "ninety", "", "٣"])
def test_a_number_that_is_too_small_or_none(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="AI_RETENTION_DAYS is a whole number of at least 2; not"):
        values.at_least(2, "AI_RETENTION_DAYS", value)


def test_a_number() -> None:
    assert (values.at_least(2, "AI_RETENTION_DAYS", "2"), settings.AI_RETENTION_DAYS) == (2, 90)


def test_the_floor_unless_somebody_sets_it() -> None:
    assert Decimal("0.40") == settings.MARGIN_FLOOR


@pytest.mark.parametrize("url", ["http://fx.example/latest", "ftp://fx.example/x", "fx.example"])
def test_a_source_must_prove_who_it_is(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="FX_SOURCE_URL must be an https:// address"):
        values.source("FX_SOURCE_URL", url)


@pytest.mark.parametrize("url", ["", "https://open.er-api.com/v6/latest/USD", "http://127.0.0.1:8400/fx"])
def test_a_source(url: str) -> None:
    assert values.source("FX_SOURCE_URL", url) == url
