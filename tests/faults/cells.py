"""What a cell of the table of paths and faults expects, and how it is entered."""

from typing import Any

import pytest

from . import report
from .buying import PACK_CREDITS, PATHS, Order, Path, credits_given

TABLE = "Paths and faults: how often it was credited while the fault lasted, and after it"

# What each path answers, in its own words, to what the product then knows.
_SAID = {
    "paid": ("applied", "200 100.0 credits", "paid", "paid", "asked"),
    "open": ("unconfirmed so far", "202 pending", "waiting", "approve", "asked"),
    "failed": ("unconfirmed so far", "402 payment_failed", "failed", "failed", "asked"),
    "review": ("applied", "202 review", "waiting", "review", "asked"),
    "no answer": (
        "GatewayUnavailable",
        "503 gateway_unavailable",
        "waiting",
        "approve",
        "GatewayUnavailable",
    ),
}
STATUS = {
    "paid": "SUCCESSFUL",
    "open": "PENDING",
    "failed": "FAILED",
    "review": "REVIEW",
    "no answer": "PENDING",
}


def each_path(function: Any) -> Any:
    return pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[2:])(function)


def said(path: Path, known: str) -> str:
    return _SAID[known][PATHS.index(path)]


def times_credited() -> int:
    """How many packs' worth of credits anybody has been given."""
    times, rest = divmod(credits_given(), PACK_CREDITS)
    assert rest == 0
    return int(times)


def enter(record_property: report.Record, fault: str, path: Path, during: int, order: Order) -> None:
    """The cell: how often credited while the fault lasted, and in the end."""
    after = times_credited()
    end = "once" if after == 1 else f"never, {order.status}" if after == 0 else f"{after} TIMES"
    text = end if during == after else f"0, then {end}"
    report.cell(record_property, TABLE, fault, path.name, text)
