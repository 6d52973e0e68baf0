"""A town with a scheduler that runs daily and with one that runs seldom: the same books.

A few shops here; `make simulate` plays two years of 200.
"""

from dataclasses import replace

import pytest

from tests.sandboxes import PaystackSandbox

from . import script
from .life import Life, compare, play, undone
from .script import Script


def live(plan: Script, days: list[int], sandbox: PaystackSandbox) -> Life:
    with undone():
        return play(plan, days=days, checkpoints=set(plan.seldom()), sandbox=sandbox)


@pytest.mark.django_db
@pytest.mark.parametrize(("seed", "shops", "days"), [(1, 3, 120), (2, 2, 60)])
def test_a_scheduler_that_was_away_leaves_the_same_books(
    sandbox: PaystackSandbox, seed: int, shops: int, days: int
) -> None:
    plan = script.write(seed=seed, shops=shops, days=days, busy=0.5)
    compare(live(plan, plan.every_day(), sandbox), live(plan, plan.seldom(), sandbox))


@pytest.mark.django_db
def test_a_town_in_which_less_happened_has_other_books(sandbox: PaystackSandbox) -> None:
    """The control: were it not for the deeds and checkpoints, the rows alone would tell."""
    plan = script.write(seed=4, shops=2, days=60, busy=0.5)
    idle = replace(plan, actions=[one for one in plan.actions if one.deed != "adjust"])
    full, less = live(plan, plan.seldom(), sandbox), live(idle, idle.seldom(), sandbox)
    less.told, less.balances = full.told, {}
    with pytest.raises(AssertionError, match="adjustment"):
        compare(full, less)
