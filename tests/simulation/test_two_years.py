"""Two years of a town, with a scheduler that runs daily and with one that runs seldom: the same books."""

import pytest

from tests.sandboxes import PaystackSandbox

from . import script
from .life import compare, play, undone

DAYS = 731  # 2031 and 2032


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_a_scheduler_that_was_away_leaves_the_same_books(sandbox: PaystackSandbox, seed: int) -> None:
    plan = script.write(seed=seed, shops=8, days=DAYS, busy=0.25)
    lives = []
    for days in (plan.every_day(), plan.seldom()):
        with undone():
            lives.append(play(plan, days=days, checkpoints=set(plan.seldom()), sandbox=sandbox))
    compare(*lives)
