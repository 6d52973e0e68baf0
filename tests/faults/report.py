"""Tables that tests of this folder fill cell by cell, printed at the end of a run.

A cell travels in its test's report, so it also arrives from the processes that share the work.
"""

from collections.abc import Callable
from typing import Any

import pytest

Record = Callable[[str, object], None]
_CELL, _NOTE = "table-cell", "table-note"


def cell(record_property: Record, table: str, row: str, column: str, text: str) -> None:
    record_property(_CELL, [table, row, column, text])


def note(record_property: Record, table: str, text: str) -> None:
    """A line below the table."""
    record_property(_NOTE, [table, text])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    tables: dict[str, dict[str, dict[str, str]]] = {}
    notes: dict[str, list[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if not isinstance(report, pytest.TestReport) or (report.when != "call" and report.passed):
                continue
            properties: list[tuple[str, Any]] = report.user_properties
            for name, value in properties:
                if name == _CELL:
                    table, row, column, text = value
                    shown = text if report.passed else f"FAILED: {text}"
                    tables.setdefault(table, {}).setdefault(row, {})[column] = shown
                elif name == _NOTE:
                    notes.setdefault(value[0], []).append(value[1])
    for table in sorted({*tables, *notes}):
        terminalreporter.section(table)
        for line in (*_lines(tables.get(table, {})), *notes.get(table, [])):
            terminalreporter.write_line(line)


def _lines(rows: dict[str, dict[str, str]]) -> list[str]:
    columns = list(dict.fromkeys(sorted(column for cells in rows.values() for column in cells)))
    grid = [["", *columns]] if columns else []
    grid += [[row, *(rows[row].get(column, "") for column in columns)] for row in sorted(rows)]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in grid
    ]
