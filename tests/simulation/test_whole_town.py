"""`make simulate`: two years of 200 businesses, with real commits, audited after every day."""

import os
import sys
import time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from tests.sandboxes import PaystackSandbox

from . import script
from .life import Life, compare, play

DAYS = 731  # 2031 and 2032
SHOPS = int(os.environ.get("SHOPS", "200"))
BUSY = 0.15
_TELL_EVERY = 30


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@pytest.mark.django_db(transaction=True)
def test_the_whole_town(
    sandbox: PaystackSandbox, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")  # what staff would be told of a thousand disputes
    seed = request.config.getoption("--simulate")
    plan = script.write(seed=seed, shops=SHOPS, days=DAYS, busy=BUSY)
    say(
        f"\nSEED={seed}: {SHOPS} businesses, {plan.days} days, {len(plan.actions):,} deeds on"
        f" {len(plan.active)} days, outages of scheduler and worker on days {plan.outages}"
    )
    lives = {}
    for name, days in (("daily", plan.every_day()), ("seldom", plan.seldom())):
        begun = time.monotonic()

        def tell(day: int, name: str = name, begun: float = begun) -> None:
            if day % _TELL_EVERY < 1:
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
                say(f"  {name}: day {day}, {time.monotonic() - begun:.0f} s")

        lives[name] = play(plan, days=days, checkpoints=set(plan.seldom()), sandbox=sandbox, tell=tell)
        say(
            f"  {name}: {len(days)} runs of the scheduler, {lives[name].audits} audits,"
            f" {time.monotonic() - begun:.0f} s"
        )
        call_command("flush", interactive=False, verbosity=0)
    summary(lives["daily"])
    compare(lives["daily"], lives["seldom"])
    say(
        f"The same books both ways: {sum(map(len, lives['daily'].rows.values())):,} different rows,"
        f" {len(lives['seldom'].balances)} checkpoints."
    )


def summary(life: Life) -> None:
    rows: list[tuple[str, Any]] = [*sorted(life.counts.items()), *life.money.items()]
    rows += [(f"rows: {name}", sum(found.values())) for name, found in life.rows.items()]
    for name, value in rows:
        say(f"  {name:<40}{value:>16,.2f}" if not isinstance(value, int) else f"  {name:<40}{value:>13,}")
