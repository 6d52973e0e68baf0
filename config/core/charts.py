"""Bars of a page of figures: `admin/figures_page.html` draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_WIDTH, _HEIGHT = 720, 200  # of a chart, in its own units
_MOST_LABELS = 8  # that find room below it


@dataclass(frozen=True, kw_only=True)
class Series:
    name: str
    color: str
    values: Sequence[Decimal | int]


def chart(
    *,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str = "",
    stacked: bool = False,
) -> dict[str, Any]:
    """A bar for each value, beside or, `stacked`, on each other. A chart of nothing has no bars."""
    columns = list(zip(*(one.values for one in series), strict=True))
    top = max((sum(column) if stacked else max(column) for column in columns), default=0)
    step = _WIDTH / max(len(labels), 1)
    width = step * 0.8 / (1 if stacked else len(series))
    bars = []
    for place, (label, column) in enumerate(zip(labels, columns, strict=True)):
        below = 0.0
        for number, (one, value) in enumerate(zip(series, column, strict=True)):
            if value <= 0:
                continue
            height = float(value / Decimal(top)) * _HEIGHT
            bars.append(
                {
                    "x": round(place * step + step * 0.1 + (0 if stacked else number * width), 2),
                    "y": round(_HEIGHT - below - height, 2),
                    "width": round(width, 2),
                    "height": round(height, 2),
                    "color": one.color,
                    "told": f"{label}: {one.name} {unit}{value:,}",
                }
            )
            below += height if stacked else 0
    return {
        "title": title,
        "bars": bars,
        "legend": [(one.name, one.color) for one in series],
        "top": f"{top:,}",
        "labels": list(labels) if len(labels) <= _MOST_LABELS else [],
        "ends": [labels[0], labels[-1]] if labels else [],
        "width": _WIDTH,
        "height": _HEIGHT,
    }
