"""A town with a scheduler that runs daily and with one that runs seldom: the same books.

A few shops here; `make simulate` plays two years of 200.
"""

import pytest

from tests.sandboxes import PaystackSandbox

from . import script
from .life import compare, play, undone


@pytest.mark.django_db
@pytest.mark.parametrize(("seed", "shops", "days"), [(1, 4, 200), (2, 5, 120)])
def test_a_scheduler_that_was_away_leaves_the_same_books(
    sandbox: PaystackSandbox, seed: int, shops: int, days: int
) -> None:
    plan = script.write(seed=seed, shops=shops, days=days, busy=0.3)
    lives = []
    for runs in (plan.every_day(), plan.seldom()):
        with undone():
            lives.append(play(plan, days=runs, checkpoints=set(plan.seldom()), sandbox=sandbox))
    compare(*lives)
