"""Collects what a run of the benchmarks measured: printed as a table, written as JSON."""

import json
from pathlib import Path
from typing import Any

RESULTS: list[dict[str, Any]] = []
FILE = Path(__file__).resolve().parents[2] / "var" / "bench.json"


def add(what: str, beside: str, *, ours: float, theirs: float, bar: str, holds: bool, unit: str) -> None:
    """One measured ratio. `ours` and `theirs` are of the same run on the same machine."""
    RESULTS.append(
        {
            "what": what,
            "beside": beside,
            "ours": round(ours, 3),
            "theirs": round(theirs, 3),
            "unit": unit,
            "ratio": round(ours / theirs, 3),
            "bar": bar,
            "holds": holds,
        }
    )
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(RESULTS, indent=2) + "\n")
    row = RESULTS[-1]
    print(
        f"\n{what}: {row['ours']} {unit} beside {row['theirs']} {unit} ({beside})"
        f" = {row['ratio']} (bar {bar}) {'ok' if holds else 'NOT MET'}"
    )
