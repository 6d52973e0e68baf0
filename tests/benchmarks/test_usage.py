"""What a business reads about its credits costs the same with a thousand uses and with a million."""

import json
import subprocess
import sys
from typing import Any

from django.conf import settings

from .report import add

FEW, MANY = 1_000, 1_000_000


def _reader(database_url: str, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.reader", *arguments],
        env={
            "DATABASE_URL": database_url,
            "REDIS_URL": settings.REDIS_URL,
            "RATE_LIMIT_KEY": "1000000/minute",
            "SIKA_ENV": "test",
            "PATH": "/usr/bin:/bin",
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_reading_a_million_uses(server: str) -> None:
    """Medians of whole API calls, taken in turns, over the same year. Bar: at most 1.5 times.

    Then every line of the statement as CSV, whose memory must not grow with them: 8 MB is what one batch more
    or less can take.
    """
    _reader(server, "fill", str(FEW), str(MANY))
    slow = []
    for path, (few, many) in _reader(server, "read").items():
        holds = many <= 1.5 * few
        add(
            f"{path} at {MANY:,} uses of the business",
            f"at {FEW:,}",
            ours=many,
            theirs=few,
            bar="<= 1.5",
            holds=holds,
            unit="ms",
        )
        slow += [] if holds else [path]
    lines, seconds, grown, before = _reader(server, "csv")
    assert lines == MANY + 3
    add(
        f"memory after a CSV of {MANY:,} entries ({seconds:.0f} s)",
        "after 5,000",
        ours=before + grown,
        theirs=before,
        bar="+ 8 MB",
        holds=grown <= 8,
        unit="MB",
    )
    assert (slow, grown <= 8) == ([], True)
