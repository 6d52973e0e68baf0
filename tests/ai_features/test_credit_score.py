"""The score and the limit against an example worked by hand, and what holds for every history."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_features.facts import credit_advice, credit_score, payment_history
from ai_features.facts.credit_score import History, assess, decide
from ai_features.facts.payment_history import Invoice, Outcome, Payment

D = Decimal
AS_OF = date(2026, 6, 30)


def day(text):
    return date.fromisoformat(f"2026-{text}")


INVOICES = [
    Invoice("A", day("01-01"), day("01-31"), D(1000)),
    Invoice("B", day("02-01"), day("03-03"), D(1000)),
    Invoice("C", day("03-01"), day("03-31"), D(1000)),
    Invoice("D", day("05-01"), day("05-31"), D(1000)),
]
PAYMENTS = [
    Payment(day("01-31"), D(1000), "A"),
    Payment(day("03-13"), D(1000), "B"),
    Payment(day("04-20"), D(1000), "C"),
    Payment(day("05-30"), D(500), "D"),
]


def history(invoices=INVOICES, payments=PAYMENTS, **values):
    rest: dict[str, Any] = {"bounced": 0, "balance_ghs": D(500), "limit_ghs": D(2000), "tenure_months": 24}
    outcomes = payment_history.outcomes(invoices, payments)
    return History(outcomes=outcomes, as_of=AS_OF, **(rest | values))


def test_an_example_worked_by_hand():
    """0, 10, 20 and (still open) 30 days late.

    on time 30 × 1/4 = 7.5 → 8; mean 15 days: 15 × 15/30 = 7.5 → 8; worst 30 days: 10 × 60/90 = 6.67 → 7;
    trend, the latest of four 30 days: 0; utilisation 500/2000 = 25%, below 30: 10; 24 months: 10; no bounced
    payment: 10.
    """
    trend = "the latest third late by 30.0 days on average, the older ones by 10.0: worsening"
    case = assess(history(), asked_ghs=D(1000))

    assert [(one.name, one.points, one.maximum) for one in case.factors] == [
        ("on_time", 8, 30),
        ("mean_delay", 8, 15),
        ("worst_delay", 7, 10),
        ("trend", 0, 15),
        ("utilisation", 10, 10),
        ("tenure", 10, 10),
        ("bounced_payments", 10, 10),
    ]
    assert case.score == 53
    assert (
        case.factors[3].why
        == "the latest third late by 30.0 days on average, the older ones by 10.0: worsening"
    )
    # 4,000 GHS in 180 days = 5.913 months: 676.44 a month. One month supports 670, 60% of 1,000 is 600.
    assert case.monthly_ghs == D("676.44")
    assert case.decision == credit_score.Decision("approve_reduced", D(600), 7, D(670))
    assert (case.measures.overdue_ghs, case.measures.oldest_overdue_days) == (D(500), 30)
    assert case.confidence == "low"
    assert credit_advice.reasons(case, asked_ghs=D(1000)) == [
        "What the customer buys supports a limit of GHS 670.",
        "Costs points: 1 of 4 invoices were paid on time (8 of 30).",
        f"Costs points: {trend} (0 of 15).",
        "Gains points: 25.0% of the limit is in use (10 of 10).",
    ]
    assert credit_advice.conditions(history(), case) == [
        "The GHS 500 that are overdue are paid first.",
        "Look at the limit again after 90 days.",
        "Payment within 7 days of each invoice.",
    ]


@pytest.mark.parametrize(
    ("values", "factor", "points"),
    [
        ({"bounced": 1}, "bounced_payments", 5),
        ({"bounced": 2}, "bounced_payments", 0),
        ({"bounced": 9}, "bounced_payments", 0),
        ({"tenure_months": 0}, "tenure", 0),
        ({"tenure_months": 12}, "tenure", 5),
        ({"tenure_months": 240}, "tenure", 10),
        ({"balance_ghs": D(600)}, "utilisation", 10),  # 30%
        ({"balance_ghs": D(1300)}, "utilisation", 5),  # 65%
        ({"balance_ghs": D(2000)}, "utilisation", 0),
        ({"balance_ghs": D(9000)}, "utilisation", 0),
    ],
)
def test_points_of_one_factor(values, factor, points):
    case = assess(history(**values), asked_ghs=D(1000))

    assert {one.name: one.points for one in case.factors}[factor] == points


@pytest.mark.parametrize(
    ("score", "asked", "monthly", "oldest", "expected"),
    [
        (100, 1000, 500, 0, ("approve", 1000, 30)),  # two months are 1,000
        (100, 1001, 500, 0, ("approve_reduced", 1000, 30)),
        (85, 1000, 500, 90, ("approve", 1000, 30)),
        (84, 1000, 500, 90, ("approve", 1000, 21)),
        (75, 1000, 500, 0, ("approve", 1000, 21)),
        (74, 1000, 5000, 0, ("approve_reduced", 600, 14)),
        (60, 1000, 500, 0, ("approve_reduced", 500, 14)),
        (59, 1000, 500, 0, ("approve_reduced", 500, 7)),
        (50, 1000, 500, 0, ("approve_reduced", 500, 7)),
        (49, 1000, 5000, 0, ("decline", 0, 0)),
        (100, 1000, 500, 91, ("decline", 0, 0)),  # an invoice left open for more than 90 days
        (100, 1000, "4.99", 0, ("decline", 0, 0)),  # supports less than GHS 10
        (55, 1555, 5000, 0, ("approve_reduced", 930, 7)),  # 933 rounded down
    ],
)
def test_limit_and_terms(score, asked, monthly, oldest, expected):
    decision = decide(score=score, asked_ghs=D(asked), monthly_ghs=D(monthly), oldest_overdue_days=oldest)

    assert (decision.recommendation, decision.amount_ghs, decision.terms_days) == expected


@pytest.mark.parametrize(
    ("known", "months", "expected"),
    [(12, "6", "high"), (12, "5.9", "medium"), (11, "9", "medium"), (6, "3", "medium"), (5, "12", "low")],
)
def test_confidence(known, months, expected):
    assert credit_score.confidence(known, D(months)) == expected


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        # On account: what is due first is paid first.
        ([Payment(day("03-01"), D(1500))], [("03-01", 0), (None, 500), (None, 1000), (None, 1000)]),
        # More than the invoice was about: the rest counts for what is due first.
        ([Payment(day("02-10"), D(1600), "B")], [(None, 400), ("02-10", 0), (None, 1000), (None, 1000)]),
        # In parts: the day of the last one. On account and for an invoice together.
        (
            [
                Payment(day("01-05"), D(600), "A"),
                Payment(day("02-05"), D(600)),
                Payment(day("04-01"), D(800)),
            ],
            [("02-05", 0), ("04-01", 0), (None, 1000), (None, 1000)],
        ),
        ([], [(None, 1000)] * 4),
    ],
    ids=["on account", "too much", "parts", "nothing"],
)
def test_which_invoice_a_payment_pays(payments, expected):
    found = payment_history.outcomes(INVOICES, payments)

    assert [(one.paid_on and f"{one.paid_on:%m-%d}", one.open_ghs) for one in found] == expected


def test_days_late_and_what_is_known():
    paid_early = Outcome(INVOICES[0], day("01-15"), D(0))
    still_open = Outcome(INVOICES[3], None, D(1000))

    assert (paid_early.days_late(AS_OF), paid_early.is_known(day("01-20"))) == (0, True)
    assert (still_open.days_late(AS_OF), still_open.is_known(AS_OF)) == (30, True)
    assert [still_open.is_known(one) for one in (day("05-31"), day("06-01"))] == [False, True]


@st.composite
def histories(draw):
    """Three to seven invoices; payments in parts, for an invoice or on account, at most as of the day."""
    invoices, payments = [], []
    for number in range(draw(st.integers(3, 7))):
        issued = AS_OF - timedelta(days=draw(st.integers(0, 240)))
        due = issued + timedelta(days=draw(st.integers(0, 60)))
        amount = D(draw(st.integers(1, 40))) * 50
        invoices.append(Invoice(str(number), issued, due, amount))
        for _ in range(draw(st.integers(0, 2))):
            paid_on = AS_OF - timedelta(days=draw(st.integers(0, 200)))
            number_or_none = draw(st.sampled_from([str(number), ""]))
            payments.append(Payment(paid_on, D(draw(st.integers(1, 40))) * 50, number_or_none))
    return invoices, payments


def scored(invoices, payments):
    case = history(invoices, payments)
    return assess(case, asked_ghs=D(2000)) if any(o.is_known(AS_OF) for o in case.outcomes) else None


@settings(max_examples=150, deadline=None)
@given(histories(), st.data())
def test_paying_later_never_raises_score_limit_or_terms(one, data):
    invoices, payments = one
    case = scored(invoices, payments)
    if not payments or case is None:
        return
    place = data.draw(st.integers(0, len(payments) - 1))
    late = payments[place]
    wait = data.draw(st.integers(0, (AS_OF - late.paid_on).days))
    later = [*payments]
    later[place] = Payment(late.paid_on + timedelta(days=wait), late.amount_ghs, late.invoice)

    worse = scored(invoices, later)

    assert worse is not None
    assert worse.score <= case.score
    assert all(new.points <= old.points for new, old in zip(worse.factors, case.factors, strict=True))
    assert worse.decision.amount_ghs <= case.decision.amount_ghs
    assert worse.decision.terms_days <= case.decision.terms_days


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_points_add_up_and_the_order_is_no_matter(one, random):
    invoices, payments = one
    case = scored(invoices, payments)
    if case is None:
        return
    assert case.score == sum(factor.points for factor in case.factors)
    assert all(0 <= factor.points <= factor.maximum for factor in case.factors)
    assert sum(factor.maximum for factor in case.factors) == credit_score.HIGHEST
    assert 0 <= case.decision.amount_ghs <= 2000

    random.shuffle(invoices)
    random.shuffle(payments)

    assert scored(invoices, payments) == case


@settings(max_examples=60, deadline=None)
@given(histories())
def test_money_is_neither_lost_nor_made(one):
    invoices, payments = one
    found = payment_history.outcomes(invoices, payments)

    billed = sum(invoice.amount_ghs for invoice in invoices)
    paid = sum(payment.amount_ghs for payment in payments)
    assert sum(outcome.open_ghs for outcome in found) == max(0, billed - paid)
    assert all((outcome.paid_on is None) == (outcome.open_ghs > 0) for outcome in found)
