"""RFM scores against a published table and tables worked by hand."""

from collections import Counter
from decimal import Decimal

import pytest

from ai_features.facts import rfm

# The example of CleverTap, "RFM Analysis for Customer Segmentation" (clevertap.com/blog/rfm-analysis):
# days since the last purchase, purchases and money of fifteen customers, and the scores in fifths of three.
PUBLISHED = [
    (1, (4, 6, 540), "544"),
    (2, (6, 11, 940), "454"),
    (3, (46, 1, 35), "111"),
    (4, (23, 3, 65), "222"),
    (5, (15, 4, 179), "333"),
    (6, (32, 2, 56), "222"),
    (7, (7, 3, 140), "433"),
    (8, (50, 1, 950), "115"),
    (9, (34, 15, 2630), "155"),
    (10, (10, 5, 191), "343"),
    (11, (3, 8, 845), "544"),
    (12, (1, 10, 1510), "555"),
    (13, (27, 3, 54), "232"),
    (14, (18, 2, 40), "321"),
    (15, (5, 1, 25), "411"),
]


def cells(measures: list[tuple[int, int, int]]) -> list[str]:
    found = rfm.scores([(days, times, Decimal(spent)) for days, times, spent in measures])
    return [f"{one.recency}{one.frequency}{one.monetary}" for one in found]


def test_the_published_example():
    """Three customers bought three times. There two of them get 3 and one 2; here equal ones are equal."""
    expected = {number: "232" if number == 4 else cell for number, _, cell in PUBLISHED}

    assert dict(zip(expected, cells([measures for _, measures, _ in PUBLISHED]), strict=True)) == expected


def test_the_segments_of_the_published_example():
    """Recency against the mean of the other two, half up: 9 is 1 and 5, 8 is 1 and 3, 14 is 3 and 2 (1.5)."""
    found = rfm.scores([(d, t, Decimal(m)) for _, (d, t, m), _ in PUBLISHED])

    assert [one.segment for one in found] == [
        "champions",
        "loyal",
        "hibernating",
        "at_risk",  # 2 and 2.5, so 3
        "need_attention",
        "hibernating",
        "potential_loyalists",
        "at_risk",
        "cannot_lose",
        "loyal",
        "champions",
        "champions",
        "at_risk",
        "about_to_sleep",
        "promising",
    ]


@pytest.mark.parametrize(
    ("values", "scores"),
    [
        ([10, 20, 30, 40, 50], [1, 2, 3, 4, 5]),
        ([50, 10, 40, 20, 30], [5, 1, 4, 2, 3]),
        ([7, 7, 7, 7, 7], [3, 3, 3, 3, 3]),
        ([1, 1, 1, 2, 3], [2, 2, 2, 4, 5]),  # places 1 to 3 of 5: their middle, 2, is in the second fifth
        ([1, 2, 3, 3, 3], [1, 2, 4, 4, 4]),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 9], [3, 3, 3, 3, 3, 3, 3, 3, 3, 5]),
        ([5, 6], [2, 4]),
        ([5], [3]),
        ([], []),
    ],
)
def test_quintiles_by_hand(values, scores):
    assert rfm.quintiles(values) == scores


def test_without_ties_the_fifths_are_of_one_size():
    assert Counter(rfm.quintiles(range(100))) == dict.fromkeys((1, 2, 3, 4, 5), 20)


def test_turning_the_order_round_turns_the_scores_round():
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]

    turned = rfm.quintiles([-value for value in values])

    assert [6 - score for score in turned] == rfm.quintiles(values)


def test_more_is_never_worth_less():
    values = [Decimal(value) for value in (0, 0, 1, 1, 1, 2, 3, 5, 8, 13, 21, 21, 34)]
    scores = rfm.quintiles(values)

    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("scores", "segment"),
    [
        ((5, 5, 5), "champions"),
        ((5, 4, 3), "champions"),  # 3.5 is 4
        ((4, 5, 5), "loyal"),
        ((5, 3, 3), "potential_loyalists"),
        ((5, 1, 1), "new"),
        ((4, 1, 1), "promising"),
        ((3, 3, 3), "need_attention"),
        ((3, 2, 2), "about_to_sleep"),
        ((2, 4, 4), "at_risk"),
        ((1, 5, 5), "cannot_lose"),
        ((1, 1, 2), "hibernating"),  # 1.5 is 2
    ],
)
def test_segments_by_hand(scores, segment):
    assert rfm.Scores(*scores).segment == segment


def test_every_score_has_a_segment_and_every_segment_a_score():
    fifths = range(1, 6)
    found = {rfm.Scores(r, f, m).segment for r in fifths for f in fifths for m in fifths}

    assert found == set(rfm.SEGMENTS)
