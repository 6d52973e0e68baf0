"""A thousand purchases with everything going wrong at random: nothing is lost, nothing given for nothing."""

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as how
from hypothesis.stateful import run_state_machine_as_test as run

from . import report
from .market import Market

TABLE = "A thousand purchases with random faults"
WEEKS, DAYS = 8, 1
assert WEEKS * DAYS * Market.orders == 1000


@pytest.mark.django_db
@pytest.mark.parametrize("week", range(1, WEEKS + 1))
def test_a_thousand_purchases(record_property: report.Record, week: int) -> None:
    """125 of them; `make simulate` plays all eight weeks. SIKA_SEED=… repeats a run."""
    number = int(os.environ.get("SIKA_SEED") or random.SystemRandom().randrange(2**32))
    report.note(record_property, TABLE, f"week {week}: SIKA_SEED={number} repeats it")
    Market.told.clear()
    run(
        seed(number)(Market),
        settings=how(
            max_examples=DAYS,
            stateful_step_count=60,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # making a failing day shorter would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    told = Market.told
    for what in told:
        report.cell(record_property, TABLE, what, f"week {week}", str(told[what]))
    assert told["= purchases"] == DAYS * Market.orders
    assert told["= paid at the gateway"] == told["= credited"] + told["= unapplied"] + told["= in review"]
