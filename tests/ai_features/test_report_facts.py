"""What a report shows, worked by hand: columns, totals, leaders, movers, odd days, trend and weekdays."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ai_features.facts import report, report_columns
from ai_features.facts.report import Part, Report
from ai_features.facts.report_days import Series

D = Decimal
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("heading", "values", "role"),
    [
        ("revenue", [D(1)], "money"),
        ("stock_value", [D(1)], "money"),
        ("orderTotal", [D(1)], "money"),
        ("invoice total", [D(1)], "money"),
        ("Total orders", [D(1)], "count"),
        ("Number of sales", [D(1)], "count"),
        ("quantity", ["12", "1,200.5"], "count"),
        ("customers", [D(14)], "count"),
        ("unit_cost", [D(1)], "rate"),
        ("Price", [D(1)], "rate"),
        ("% of sales", [D(1)], "rate"),
        ("invoice no", [D(1)], "label"),
        ("code", ["0012", "0013"], "label"),
        ("product", ["Rice", "1"], "label"),
        ("customer", ["Ama"], "name"),
        ("customer_id", [D(4)], "name"),
        ("Sold by", ["Kofi"], "name"),
        ("phone", [D(244123456)], "name"),
        ("E-mail", ["x"], "name"),
        ("day", ["2026-10-01", "2026-10-02T08:30:00Z"], "date"),
        ("month", ["2026-10"], "date"),
        ("day", ["2026-10-01", "later"], "label"),
        ("revenue", [D(1), "n/a"], "money"),  # found to be wrong when it is read
        ("note", [None], "ignore"),
    ],
)
def test_what_a_column_is(heading, values, role):
    assert report_columns.guess(heading, values, "sales") == role


def test_a_name_is_a_persons_only_in_reports_on_people():
    assert report_columns.guess("name", ["Rice"], "sales") == "label"
    assert report_columns.guess("name", ["Ama Mensah"], "debts") == "name"


@pytest.mark.parametrize(
    ("heading", "role", "kind", "better"),
    [
        ("revenue", "money", "sales", 1),
        ("discount", "money", "sales", -1),
        ("amount", "money", "expenses", -1),
        ("bills", "count", "expenses", 0),
        ("margin", "rate", "sales", 1),
        ("price", "rate", "sales", 0),
        ("value", "money", "stock", 0),
    ],
)
def test_whether_more_is_good(heading, role, kind, better):
    assert report_columns.better(heading, role, kind) == better


def rows(*pairs: tuple[str, Any], heading: str = "revenue") -> list[dict[str, Any]]:
    return [{"product": name, heading: D(str(value))} for name, value in pairs]


def of(now: Part, before: Part | None = None, **changes: Any) -> dict[str, Any]:
    roles = {"product": "label", "revenue": "money"}
    asked: dict[str, Any] = {"kind": "sales", "roles": roles, "now": now, "before": before} | changes
    return report.of(Report(**asked))


def test_totals_leaders_and_movers_by_hand():
    """Rice: 300 + 100, 40% of 1,000. September has 30 days: 1,000 ÷ 31 a day on 800 ÷ 30, up 21.0%."""
    found = of(
        Part(span=OCTOBER, rows=rows(("Rice", 300), ("Oil", 350), ("Rice", 100), ("Salt", "250"))),
        Part(span=SEPTEMBER, rows=rows(("Rice", 500), ("Oil", 200), ("Soap", 100))),
    )

    assert (found["measure"], found["group_by"]) == ("revenue", "product")
    assert found["totals"] == [
        {
            "column": "revenue",
            "role": "money",
            "value": D("1000.00"),
            "previous": D("800.00"),
            "change": D("200.00"),
            "change_percent": D("25.0"),
            "per_day_percent": D("21.0"),
            "reading": "good",
        }
    ]
    assert [(one["name"], one["value"], one["share_percent"]) for one in found["top"]] == [
        ("Rice", D("400.00"), D("40.0")),
        ("Oil", D("350.00"), D("35.0")),
        ("Salt", D("250.00"), D("25.0")),
    ]
    assert found["bottom"] == []
    assert [(one["name"], one["change"], one["change_percent"]) for one in found["risers"]] == [
        ("Salt", D("250.00"), None),
        ("Oil", D("150.00"), D("75.0")),
    ]
    assert [(one["name"], one["change"], one["change_percent"]) for one in found["fallers"]] == [
        ("Rice", D("-100.00"), D("-20.0")),
        ("Soap", D("-100.00"), D("-100.0")),
    ]


def test_top_and_bottom_never_share_a_row():
    found = of(Part(span=OCTOBER, rows=rows(*((f"P{n}", n) for n in range(1, 9)))))

    assert [one["name"] for one in found["top"]] == ["P8", "P7", "P6", "P5", "P4"]
    assert [one["name"] for one in found["bottom"]] == ["P1", "P2", "P3"]
    assert found["notes"] == [
        "Without a previous period nothing can be said about change.",
        "Without a column of dates there is no trend and no weekday pattern.",
    ]


def test_rates_are_averaged_and_what_is_missing_has_none():
    roles = {"product": "label", "price": "rate"}
    now = Part(span=OCTOBER, rows=rows(("Rice", 110), ("Oil", 40), heading="price"))
    before = Part(span=SEPTEMBER, rows=rows(("Rice", 100), ("Soap", 5), heading="price"))

    found = of(now, before, roles=roles)

    [total] = found["totals"]
    assert (total["value"], total["previous"], total["per_day_percent"]) == (D("75.00"), D("52.50"), None)
    assert total["reading"] == "neutral"
    assert [one["name"] for one in found["risers"]] == ["Rice"]
    assert found["top"][0]["share_percent"] is None


def test_a_part_of_a_month_is_compared_by_day():
    """10 of 10 days on 20 of 30: 1 a day on 0.67 a day, up 50%, though the total fell by half."""
    now = Part(span=(date(2026, 10, 1), date(2026, 10, 10)), rows=rows(("Rice", 10)))
    found = of(now, Part(span=SEPTEMBER, rows=rows(("Rice", 20))))

    [total] = found["totals"]
    assert (total["change_percent"], total["per_day_percent"], total["reading"]) == (
        D("-50.0"),
        D("50.0"),
        "good",
    )
    assert found["fallers"] == []
    assert found["notes"][0] == (
        "The periods have 10 and 30 days: totals are compared per day, single rows are not."
    )


@pytest.mark.parametrize(
    ("now", "before", "percent"), [(5, 0, None), (5, -10, None), (0, 10, "-100.0"), (10, 3, "233.3")]
)
def test_there_is_no_percentage_of_nothing(now, before, percent):
    assert report.growth(D(now), D(before)) == (None if percent is None else D(percent))


def test_a_total_that_was_sent_counts_and_a_difference_is_told():
    found = of(Part(span=OCTOBER, rows=rows(("Rice", 300), ("Oil", 100)), totals={"revenue": D("1600")}))

    assert found["totals"][0]["value"] == D("1600.00")
    assert found["top"][0]["share_percent"] == D("18.8")  # 300 ÷ 1,600 = 18.75
    assert found["notes"][0] == "The rows of revenue add up to 400; its total was sent as 1,600."


def test_the_main_column_is_money_that_is_no_cost():
    roles = {"quantity": "count", "cost": "money", "tax": "money", "revenue": "money", "margin": "rate"}
    part = Part(span=OCTOBER, rows=[dict.fromkeys(roles, D(1))])

    assert Report(kind="sales", roles=roles, now=part).main == "revenue"
    assert Report(kind="sales", roles=roles, now=part, measure="cost").main == "cost"
    assert Report(kind="stock", roles={"price": "rate", "quantity": "count"}, now=part).main == "quantity"


def test_odd_products_without_dates():
    """Median 10.5, distances 0.5, 0.5, 0.5, 1.5, 1.5, 1.5, 2.5, 89.5: 0.6745 × 89.5 ÷ 1.5 = 40.2."""
    values = (9, 10, 11, 9, 11, 8, 12, 100)
    found = of(Part(span=OCTOBER, rows=rows(*((f"P{n}", value) for n, value in enumerate(values)))))

    assert found["outliers"] == [
        {
            "column": "revenue",
            "where": "P7",
            "value": D("100.00"),
            "usual": D("10.50"),
            "z": D("40.2"),
        }
    ]


def series(values: list[int], *, first: date = date(2026, 9, 7), step: int = 1) -> Series:
    """From a Monday on."""
    return Series({first + timedelta(days=step * n): D(value) for n, value in enumerate(values)})


WEEK = [10, 20, 30, 40, 50, 90, 5]


def test_weekdays_by_hand():
    found = series(WEEK * 4).weekdays()

    assert found is not None
    assert (found["clear"], found["best"], found["weakest"]) == (True, "Saturday", "Sunday")
    assert found["typical"][0] == {"weekday": "Monday", "value": D("10.00"), "days": 4}
    assert [one["value"] for one in found["typical"]] == WEEK
    assert series(WEEK * 3).weekdays() is None
    assert series(WEEK * 3).notes() == ["A weekday pattern needs 4 dates of each weekday."]


def test_weekdays_that_differ_by_chance_only_have_no_best():
    """Each weekday has each of four values once, so that all have the same rank sum: H is 0."""
    found = series([1, 2, 3, 4] * 7).weekdays()

    assert found is not None
    assert (found["clear"], found["best"], found["weakest"]) == (False, None, None)


def test_a_day_is_odd_among_its_own_weekday():
    """A Saturday of 5 instead of 90 is odd: all other distances are 0, so that the mean
    distance of 85 ÷ 35 days counts: 35 ÷ 1.253314 = 27.9."""
    values = WEEK * 5
    values[19] = 5

    [(day, value, usual, z)] = series(values).outliers()

    assert (day, value, usual, round(z, 1)) == ("2026-09-26", 5, 90, D("-27.9"))


def test_a_trend_is_seen_through_the_weekdays():
    """Five weeks, each day 1 more than a week before: 1 ÷ 7 = 0.14 a day."""
    values = [value + week for week in range(5) for value in WEEK]

    assert series(values).trend() == {
        "direction": "rising",
        "per": "day",
        "slope": D("0.14"),
        "points": 35,
        "method": "Theil-Sen slope, Mann-Kendall test at 5%",
    }


@pytest.mark.parametrize(
    ("days", "unit", "slope"),
    [
        (series(list(range(0, 36, 3)), step=7), "week", "3.00"),
        (Series({date(2026, month, 1): D(-5 * month) for month in range(1, 13)}), "month", "-5.00"),
        (series(list(range(0, 24, 2)), step=2), "day", "1.00"),
    ],
)
def test_the_unit_of_a_trend(days, unit, slope):
    found = days.trend()

    assert found is not None
    assert (found["per"], found["slope"]) == (unit, D(slope))
    assert days.weekdays() is None


def test_nine_dates_have_no_trend():
    assert series(list(range(9))).trend() is None
    assert series(list(range(9))).notes()[0] == "A trend needs 10 dates; there are 9."
    assert series([4] * 10).trend() == {
        "direction": "none",
        "per": "day",
        "slope": D("0.00"),
        "points": 10,
        "method": "Theil-Sen slope, Mann-Kendall test at 5%",
    }
