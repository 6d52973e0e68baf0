"""The platform's figures as a page: what AI brings in and costs, what was sold, who may soon buy."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.core import charts
from config.core.admin import ReadOnlyAdmin
from subscriptions.models import DailyUsage
from subscriptions.selectors import analytics, money_report

PERIODS = (7, 30, 90, 366)


@admin.register(DailyUsage)
class FiguresAdmin(ReadOnlyAdmin):
    """Its list is the report: single sums by day are nothing to look through."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        asked = request.GET.get("days", "")
        days = int(asked) if asked in {str(period) for period in PERIODS} else 30
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "Figures",
            "days": days,
            "periods": PERIODS,
            **report(days=days, now=timezone.now()),
        }
        return render(request, "admin/figures.html", context)


def report(*, days: int, now: datetime) -> dict[str, Any]:
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    used = analytics.analytics(days=days, now=now)
    totals = used["totals"]
    money = money_report.money_report(burnt_ghs=totals["revenue_ghs"], since=since, now=now)
    calendar = [(since + timedelta(days=day)).date() for day in range(days)]
    labels = [f"{day:%-d %b %Y}" for day in calendar]
    by_day = {row["day"]: row for row in used["by_day"]}
    sales = {row["day"]: row["net_sales_ghs"] for row in money_report.sales_by_day(since=since, now=now)}
    return {
        "cards": _cards(totals, money),
        "charts": [
            charts.chart(
                title="AI by day, GHS",
                labels=labels,
                series=[
                    charts.Series(
                        name="earned", color="#7c3aed", values=_column(by_day, calendar, "revenue_ghs")
                    ),
                    charts.Series(name="cost", color="#dc2626", values=_column(by_day, calendar, "cost_ghs")),
                ],
                unit="GHS ",
            ),
            charts.chart(
                title="Sales less refunds by day, GHS",
                labels=labels,
                series=[
                    charts.Series(
                        name="sales",
                        color="#16a34a",
                        values=[sales.get(day, Decimal(0)) for day in calendar],
                    )
                ],
                unit="GHS ",
            ),
        ],
        "tables": [
            (title, [{**row, "label": row[label]} for row in used[rows]])
            for title, rows, label in (
                ("By feature", "by_feature", "feature"),
                ("By model", "by_model", "model"),
                ("By business", "by_business", "name"),
                ("Top users", "top_users", "email"),
            )
        ],
        "opportunities": money_report.conversion_opportunities(since=since),
    }


def _cards(totals: dict[str, Any], money: dict[str, Any]) -> list[tuple[str, str, str]]:
    def ghs(amount: Decimal) -> str:
        return f"GHS {amount:,}"

    def percent(value: Decimal | None) -> str:
        return "–" if value is None else f"{value}%"

    answered = f"{totals['paid']:,} by AI, {totals['local']:,} local, {totals['cached']:,} cached"
    return [
        ("Net sales", ghs(money["net_sales_ghs"]), f"{ghs(money['refunds_ghs'])} went back"),
        ("Recognised", ghs(money["recognised_ghs"]), f"{ghs(money['of_it_expired_ghs'])} expired unused"),
        ("Deferred now", ghs(money["deferred_ghs"]), "paid credits that are unspent"),
        ("AI cost", ghs(totals["cost_ghs"]), f"USD {totals['cost_usd']:,.4f}"),
        ("AI margin", percent(totals["margin"]), f"return on cost {percent(totals['roi'])}"),
        ("Questions", f"{totals['queries']:,}", answered),
    ]


def _column(by_day: dict[Any, dict[str, Any]], calendar: list[Any], name: str) -> list[Decimal]:
    return [by_day[day][name] if day in by_day else Decimal(0) for day in calendar]
