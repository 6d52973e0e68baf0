"""The chat's figures as a page: who answers, how long it takes, what it costs, what people ask."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from config.core import charts, money
from config.core.admin import ReadOnlyAdmin
from support_chat import languages
from support_chat.analytics import Scope, report
from support_chat.analytics.serializers import SupportAnalyticsQuerySerializer
from support_chat.models import SupportFigures
from support_chat.types import ASSISTANTS

PERIODS = (7, 30, 90, 366)
_NOTHING = "–"
_SOURCES = {
    "curated": ("curated", "#16a34a"),
    "model": ("model", "#7c3aed"),
    "search": ("help as it is", "#0ea5e9"),
    "none": ("declined", "#f59e0b"),
    "staff": ("staff", "#64748b"),
    "failed": ("failed", "#dc2626"),
}


@admin.register(SupportFigures)
class SupportFiguresAdmin(ReadOnlyAdmin):
    """Its list is the report; it has no rows."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        filters = _filters(request)
        scope = Scope(**filters)
        told = {name: str(value) for name, value in filters.items() if name != "days"}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "Support chat: figures",
            "days": scope.days,
            "periods": PERIODS,
            "filters": told,
            "and_filters": f"&{urlencode(told)}" if told else "",
            "assistants": ASSISTANTS,
            "languages": languages.NAMES,
            **drawn(scope=scope, now=timezone.now()),
        }
        return render(request, "admin/support_figures.html", context)


def _filters(request: HttpRequest) -> dict[str, Any]:
    """What of the query can be used; the rest is as if it had not been given."""
    given = {name: value for name, value in request.GET.items() if value}
    query = SupportAnalyticsQuerySerializer(data=given)
    if not query.is_valid():
        good = {name: value for name, value in given.items() if name not in query.errors}
        query = SupportAnalyticsQuerySerializer(data=good)
        query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def drawn(*, scope: Scope, now: datetime) -> dict[str, Any]:
    found = report(scope=scope, now=now)
    calendar = [(now - timedelta(days=ago)).date() for ago in reversed(range(scope.days))]
    of_day = {row["day"]: row for row in found["by_day"]}
    by_day = [of_day.get(day) for day in calendar]
    return {
        "cards": _cards(found),
        "charts": _day_charts([f"{day:%-d %b %Y}" for day in calendar], by_day),
        "half_charts": _other_charts(found),
        "waits": [
            ("first words of the bot", found["times"]["first_text"]),
            ("whole reply of the bot", found["times"]["whole_reply"]),
            ("first reply of staff", found["times"]["staff_first_reply"]),
        ],
        "answers": [{"label": _SOURCES[row["by"]][0], **row} for row in found["answers"] if row["answers"]],
        "spoken": [
            {"label": languages.NAMES.get(row["language"], row["language"] or _NOTHING), **row}
            for row in found["languages"]
        ],
        "asked": [
            ("What people ask most", found["issues"]),
            ("Knowledge gaps: declined, or answered with help as it is", found["gaps"]),
        ],
    }


def _cards(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    times, outcomes, handoff = found["times"], found["resolution"], found["handoff"]
    csat, cost = found["csat"], found["cost"]
    return [
        (
            "Conversations",
            f"{found['conversations']:,}",
            f"{found['begun']:,} begun, {found['messages']:,} messages",
        ),
        (
            "Resolved",
            _percent(outcomes["rate"]),
            f"{outcomes['without_human']:,} without a human, {outcomes['with_human']:,} with one,"
            f" {outcomes['unresolved']:,} not, {outcomes['ongoing']:,} ongoing",
        ),
        ("Handed off", _percent(handoff["rate"]), f"{handoff['tickets']:,} tickets"),
        (
            "Reopened",
            f"{outcomes['reopened']:,}",
            f"{_percent(outcomes['reopened_rate'])} of what staff resolved",
        ),
        (
            "CSAT",
            _NOTHING if csat["mean"] is None else f"{csat['mean']} of 5",
            f"{csat['ratings']:,} ratings",
        ),
        (
            "First words",
            _seconds(times["first_text"]["median_s"]),
            f"90% within {_seconds(times['first_text']['p90_s'])}",
        ),
        (
            "Staff's first reply",
            _seconds(times["staff_first_reply"]["median_s"]),
            f"90% within {_seconds(times['staff_first_reply']['p90_s'])}",
        ),
        ("Cost", f"GHS {money.ghs(cost['cost_ghs']):,}", f"USD {cost['cost_usd']:,.4f}"),
        (
            "Cost per conversation",
            _ghs(cost["cost_ghs_per_conversation"]),
            f"per resolved {_ghs(cost['cost_ghs_per_resolved'])}",
        ),
    ]


def _percent(value: Decimal | None) -> str:
    return _NOTHING if value is None else f"{value}%"


def _ghs(value: Decimal | None) -> str:
    """Of fractions of a pesewa as well."""
    return _NOTHING if value is None else f"GHS {value:.4f}"


def _seconds(value: Decimal | None) -> str:
    if value is None:
        return _NOTHING
    if value < 60:
        return f"{value:.1f} s"
    return f"{value / 60:.0f} min" if value < 5400 else f"{value / 3600:.1f} h"


def _day_charts(labels: list[str], by_day: list[dict[str, Any] | None]) -> list[dict[str, Any]]:
    def column(name: str) -> list[Any]:
        return [row[name] if row else 0 for row in by_day]

    answers = [
        charts.Series(name=name, color=color, values=[row["answers"][source] if row else 0 for row in by_day])
        for source, (name, color) in _SOURCES.items()
    ]
    return [
        charts.chart(title="Answers by day", labels=labels, series=answers, stacked=True),
        charts.chart(
            title="Conversations by day",
            labels=labels,
            series=[
                charts.Series(name="active", color="#7c3aed", values=column("conversations")),
                charts.Series(name="begun", color="#0ea5e9", values=column("begun")),
            ],
        ),
        charts.chart(
            title="Cost by day, GHS",
            labels=labels,
            series=[
                charts.Series(
                    name="cost", color="#dc2626", values=[round(one, 4) for one in column("cost_ghs")]
                )
            ],
            unit="GHS ",
        ),
    ]


def _other_charts(found: dict[str, Any]) -> list[dict[str, Any]]:
    handoff = found["handoff"]
    return [
        _bars("Ratings", "ratings", "#16a34a", found["csat"]["distribution"], "rating", "ratings"),
        _bars("Hand-offs by reason", "tickets", "#f59e0b", handoff["reasons"], "reason", "tickets"),
        _bars("Hand-offs by category", "tickets", "#64748b", handoff["categories"], "category", "tickets"),
    ]


def _bars(
    title: str, name: str, color: str, rows: list[dict[str, Any]], label: str, value: str
) -> dict[str, Any]:
    return charts.chart(
        title=title,
        labels=[str(row[label]).replace("_", " ") for row in rows],
        series=[charts.Series(name=name, color=color, values=[row[value] for row in rows])],
    )
