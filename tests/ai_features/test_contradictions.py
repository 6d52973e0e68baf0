"""A text about a decision on credit, held against the decision."""

from decimal import Decimal

import pytest

from ai_features.features.contradictions import contradictions

D = Decimal
CASE = {"amount_ghs": D(600), "terms_days": 14, "score": 62, "asked": {"limit_ghs": D(1000)}}


@pytest.mark.parametrize(
    ("recommendation", "text"),
    [
        ("decline", "We recommend to approve the request."),
        ("decline", "Approval is justified by the history."),
        ("decline", "Grant a small credit line."),
        ("approve_reduced", "The request should be rejected."),
        ("approve_reduced", "Decline the request of the customer."),
        ("approve_reduced", "Give no further credit."),
        ("approve_reduced", "Approve the limit in full."),
        ("approve_reduced", "Approve GHS 1,000 for this customer."),
        ("approve_reduced", "We recommend a limit of GHS 1000."),
        ("approve_reduced", "A limit of 1,000 cedis is recommended; grant 1,000 cedis."),
        ("approve_reduced", "Approve it with 30 days to pay."),
        ("approve_reduced", "Terms of 30 days fit."),
        ("approve_reduced", "With a score of 75 the customer does well."),
        ("approve", "I recommend declining this."),
        ("approve", "Refuse the application."),
    ],
)
def test_a_text_may_not_contradict_the_recommendation(recommendation, text):
    assert contradictions(text, {**CASE, "recommendation": recommendation}) != []


@pytest.mark.parametrize(
    ("recommendation", "text"),
    [
        ("decline", "The request is declined for now. It cannot be approved before the arrears are paid."),
        ("decline", "Reconsider approval once GHS 300 have come in."),
        ("approve_reduced", "Instead of GHS 1,000 we recommend GHS 600."),
        ("approve_reduced", "The customer asked for GHS 1,000. A limit of GHS 600 is recommended."),
        ("approve_reduced", "Approve GHS 600 with 14 days to pay; the score is 62."),
        ("approve_reduced", "The full amount of GHS 1,000 can't be approved."),
        ("approve_reduced", "There is no reason to refuse the request."),
        ("approve_reduced", "Give no further credit until the overdue GHS 300 are paid."),
        ("approve", "Delays have declined; payment came within 30 days once."),
        ("approve", "Approve GHS 600."),
    ],
)
def test_a_text_that_says_the_same_passes(recommendation, text):
    assert contradictions(text, {**CASE, "recommendation": recommendation}) == []
