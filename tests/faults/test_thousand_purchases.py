"""A thousand purchases with everything going wrong at random: nothing is lost, nothing given for nothing."""

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test as run
from pytest_django import Settings

from . import report
from .market import Market

TABLE = "A thousand purchases with random faults"
DAYS = 8


@pytest.mark.django_db
def test_a_thousand_purchases(record_property: report.Record, settings: Settings) -> None:
    """SIKA_SEED=… repeats a run."""
    settings.PAYSTACK_READ_SECONDS = 0.15
    number = int(os.environ.get("SIKA_SEED") or random.SystemRandom().randrange(2**32))
    report.note(record_property, TABLE, f"seed {number} (SIKA_SEED={number} repeats it)")
    Market.told.clear()
    run(seed(number)(Market), settings=_settings())
    told = Market.told
    for what in sorted(told):
        report.note(record_property, TABLE, f"{told[what]:6} {what.removeprefix('= ')}")
    assert told["= purchases"] == DAYS * Market.orders == 1000
    assert told["= paid at the gateway"] == told["= credited"] + told["= unapplied"] + told["= in review"]


def _settings() -> settings:
    return settings(
        max_examples=DAYS,
        stateful_step_count=150,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a day is told step by step; making it shorter would take minutes
        suppress_health_check=list(HealthCheck),
    )
