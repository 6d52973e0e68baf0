"""Figures of a portfolio against published examples and tables worked by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_features.facts import portfolio, receivables
from ai_features.facts.amounts import in_text
from ai_features.facts.receivables import BUCKETS, Receivable

D = Decimal
AS_OF = date(2026, 6, 30)


def ago(days):
    return AS_OF - timedelta(days=days)


def due(days_past_due, amount=100, *, customer="A", terms=30, paid=None, paid_days_ago=None):
    return Receivable(
        customer,
        ago(days_past_due + terms),
        ago(days_past_due),
        D(amount),
        D(amount if paid is None else paid) if paid_days_ago is not None else D(0),
        ago(paid_days_ago) if paid_days_ago is not None else None,
    )


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-40, 0), (-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (2000, 4)],
)
def test_buckets_begin_and_end_where_they_say(days, bucket):
    assert due(days).bucket(AS_OF) == bucket


def test_ageing_worked_by_hand():
    rows = [
        due(-10, 1000),
        due(5, 400, paid=150, paid_days_ago=2),  # 250 open
        due(45, 300),
        due(75, 200),
        due(120, 100),
        due(50, 999, paid_days_ago=1),  # paid: not in it
    ]

    assert receivables.ageing(rows, AS_OF) == [D(1000), D(250), D(300), D(200), D(100)]
    # Thirty days earlier the first was not issued, nothing was paid, and the others were younger.
    assert receivables.ageing(rows, ago(30)) == [D(400), D(300 + 999), D(200), D(100), D(0)]


def test_the_books_of_the_past():
    row = due(50, 900, paid=600, paid_days_ago=10)  # issued 80 days ago

    assert [row.open_ghs(ago(days)) for days in (81, 80, 11, 10, 0)] == [0, 900, 900, 300, 300]


@pytest.mark.parametrize(
    ("owed", "sales", "days", "expected"),
    [
        # 800,000 ÷ 1,000,000 × 30 = 24 days; 25,000 ÷ 225,000 × 90 = 10 days.
        (800_000, 1_000_000, 30, "24.0"),
        (25_000, 225_000, 90, "10.0"),
        (1000, 3000, 91, "30.3"),
        (0, 10, 90, "0.0"),
        (10, 0, 90, None),
    ],
)
def test_days_sales_outstanding(owed, sales, days, expected):
    assert receivables.dso(D(owed), D(sales), days) == (expected and D(expected))


def test_credit_sales_of_the_last_days():
    rows = [due(60, 1, terms=30), due(59, 10, terms=30), due(-30, 100, terms=30)]  # issued 90, 89, 0 days ago

    assert receivables.credit_sales(rows, AS_OF, 90) == 110
    assert receivables.sales_days(rows, AS_OF) == 90
    assert receivables.sales_days(rows[2:], AS_OF) == 1


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        # US Horizontal Merger Guidelines (2010), 5.3, note 9: four with 30, 30, 20 and 20% make 2,600.
        ((30, 30, 20, 20), 2600),
        ((1,), 10_000),
        ((5,) * 10, 1000),
        ((), 0),
        ((2500, 1100, 900), 4084),  # 55.56² + 24.44² + 20² = 3086.4 + 597.5 + 400
    ],
)
def test_the_herfindahl_hirschman_index(amounts, expected):
    assert portfolio.hhi([D(amount) for amount in amounts]) == expected


def test_the_share_of_the_largest():
    amounts = [D(one) for one in (10, 20, 30, 40, 50, 60, 70)]

    assert portfolio.top_share(amounts) == D("89.3")  # 250 of 280
    assert portfolio.top_share(amounts, 1) == D("25.0")


def test_expected_loss_is_that_of_the_example_in_ifrs_9():
    """IFRS 9, Illustrative Example 12 (IE74 to IE77): 30,000,000 owed, a loss allowance of 580,000."""
    owed = [D(one) for one in (15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000)]

    losses = portfolio.expected_losses(owed, portfolio.DEFAULT_LOSS_PERCENT)

    assert losses == [45_000, 120_000, 144_000, 165_000, 106_000]
    assert sum(losses) == 580_000


def test_roll_rates_and_forecast_worked_by_hand():
    """100 that rolls through two buckets and is paid in the third step, 300 paid at once, 200 still open.

    Not due when a step of 30 days begins: 100 (rolls), 300 (paid in it), 200 (rolls) = 600, of which half
    rolls. 1-30 days: 100 rolls on; the 200 are there today. 31-60 days: 100, paid.
    """
    rows = [
        due(100, 100, paid_days_ago=35),  # due 100 days ago: not due at 120, then 20 and 50 days past due
        due(100, 300, paid_days_ago=95),
        due(10, 200),
    ]

    chain = receivables.transitions(rows, AS_OF)

    assert chain.seen_ghs == [600, 100, 100, 0, 0]
    assert [chain.rolled(bucket) for bucket in range(4)] == [D("0.5"), 1, 0, None]
    # Today 200 are 1-30 days past due: all of it rolls on, and then is paid.
    today = receivables.ageing(rows, AS_OF)
    assert today == [0, 200, 0, 0, 0]
    assert receivables.forecast(today, chain, 3) == [D("0.00"), D("200.00"), D("0.00")]
    # Of 80 not due half is paid in the first step; the rest rolls, and is paid in the third.
    assert receivables.forecast([D(80), D(0), D(0), D(7), D(0)], chain, 3) == [D(40), D(0), D(40)]


def test_what_falls_due():
    rows = [due(-days, 10**place, terms=100) for place, days in enumerate((0, 1, 30, 31, 90, 91))]

    assert receivables.falling_due(rows, AS_OF, 3) == [111, 1000, 10_000]


def test_debtors_come_in_the_order_of_what_may_be_lost():
    rows = [due(-5, 1000, customer="A"), due(100, 500, customer="B"), due(20, 300, customer="B"), due(95, 10)]

    found = portfolio.debtors(rows, {"A": D(900)}, portfolio.DEFAULT_LOSS_PERCENT, AS_OF)

    assert [(one.customer, one.open_ghs, one.overdue_ghs, one.oldest_days) for one in found] == [
        ("B", 800, 800, 100),
        ("A", 1010, 10, 95),
    ]
    assert [one.expected_loss_ghs for one in found] == [D("57.80"), D("4.06")]  # 53 + 4.8; 3 + 1.06
    assert [one.over_limit_ghs for one in found] == [0, 110]
    assert [portfolio.why_watched(one) for one in found] == [
        ["overdue for 100 days"],
        ["overdue for 95 days", "above the credit limit"],
    ]


GOOD = {"overdue": D(5), "delay": D(0), "expected_loss": D("0.5"), "concentration": D(300)}


@pytest.mark.parametrize(
    ("changes", "score", "grade"),
    [
        ({"utilisation": D(50)}, 100, "healthy"),
        ({"utilisation": D(80)}, 93, "healthy"),  # half of 15: 7.5 → 8
        ({"utilisation": D(100), "overdue": D(35)}, 70, "watch"),  # half of 30
        ({"utilisation": D(50), "overdue": D(60), "delay": D(45), "expected_loss": D(8)}, 30, "at risk"),
        # Without credit lines 30, 20, 20 and 15 are scaled to 35.3, 23.5, 23.5 and 17.6: 35, 24, 23 and 18.
        ({"utilisation": None}, 100, "healthy"),
        ({"utilisation": None, "concentration": D(4000)}, 82, "healthy"),
    ],
)
def test_health(changes, score, grade):
    parts = portfolio.health({**GOOD, **changes})

    assert sum(part.points for part in parts) == score
    assert sum(part.maximum for part in parts) == 100
    assert portfolio.grade(score) == grade


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=9))
def test_scaled_weights_add_up(weights):
    scaled = portfolio.to_hundred({str(place): weight for place, weight in enumerate(weights)})

    assert sum(scaled.values()) == 100
    exact = [D(weight * 100) / sum(weights) for weight in weights]
    assert all(abs(whole - share) < 1 for whole, share in zip(scaled.values(), exact, strict=True))


rows_of_any_kind = st.lists(
    st.builds(
        due,
        st.integers(-60, 250),
        st.integers(1, 5000),
        customer=st.sampled_from("ABCDEF"),
        terms=st.integers(0, 60),
        paid_days_ago=st.none() | st.integers(0, 100),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(rows_of_any_kind)
def test_what_holds_for_every_portfolio(rows):
    ages = receivables.ageing(rows, AS_OF)
    owed = sum(row.open_ghs(AS_OF) for row in rows)
    assert sum(ages) == owed
    assert len(ages) == len(BUCKETS)

    chain = receivables.transitions(rows, AS_OF)
    assert all(0 <= sum(shares) <= 1 + D("1e-20") for shares in chain.to)
    cash = receivables.forecast(ages, chain, 3)
    assert all(amount >= 0 for amount in cash)
    assert sum(cash) <= owed + D("0.03")

    found = portfolio.debtors(rows, {}, portfolio.DEFAULT_LOSS_PERCENT, AS_OF)
    assert sum(one.open_ghs for one in found) == owed
    if owed:
        assert D(10_000) / len(found) - 1 <= portfolio.hhi([one.open_ghs for one in found]) <= 10_000


@pytest.mark.parametrize(("amount", "text"), [("1910", "1,910"), ("84.5", "84.50"), ("1234.56", "1,234.56")])
def test_amounts_as_a_person_writes_them(amount, text):
    assert in_text(D(amount)) == text
