"""`manage.py prune_data`, and what it says it forgot."""

import re
from datetime import datetime
from io import StringIO
from typing import Any

from django.core.management import call_command

_LINE = re.compile(r"([\d,]+) (.+) (?:were|would be) forgotten\.")


def prune(now: datetime, **options: Any) -> dict[str, int]:
    """How many of each kind; those of which there are none are left out."""
    out = StringIO()
    call_command("prune_data", as_of=now.isoformat(), stdout=out, **options)
    found = [_LINE.fullmatch(line) for line in out.getvalue().splitlines()]
    assert found and all(found)
    return {one[2]: int(one[1].replace(",", "")) for one in found if one is not None and one[1] != "0"}
