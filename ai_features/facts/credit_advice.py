"""Why an assessment came out as it did, and what credit depends on, in plain words."""

from decimal import Decimal

from ai_features.facts.amounts import in_text
from ai_features.facts.credit_score import OPEN_TOO_LONG_DAYS, Case, History

REVIEW_DAYS = 90


def reasons(case: Case, *, asked_ghs: Decimal) -> list[str]:
    """What decided first, then the two factors that cost most points, and the one that gave most."""
    found = []
    if case.measures.oldest_overdue_days > OPEN_TOO_LONG_DAYS:
        days = case.measures.oldest_overdue_days
        found.append(f"An invoice has been open for {days} days past its due date.")
    if case.decision.amount_ghs and case.decision.supported_ghs < asked_ghs:
        found.append(
            f"What the customer buys supports a limit of GHS {in_text(case.decision.supported_ghs)}."
        )
    weak = sorted(case.factors, key=lambda one: (one.points - one.maximum, one.name))[:2]
    strong = max((one for one in case.factors if one not in weak), key=lambda one: one.points)
    costly = [one for one in weak if one.points < one.maximum]
    found += [f"Costs points: {one.why} ({one.points} of {one.maximum})." for one in costly]
    if strong.points:
        found.append(f"Gains points: {strong.why} ({strong.points} of {strong.maximum}).")
    return found


def conditions(history: History, case: Case) -> list[str]:
    """What has to be done or agreed for the recommendation to hold."""
    decision = case.decision
    found = []
    if case.measures.overdue_ghs:
        found.append(f"The GHS {in_text(case.measures.overdue_ghs)} that are overdue are paid first.")
    if decision.recommendation == "decline":
        return [*found, "Sell for cash or mobile money for now.", f"Look again after {REVIEW_DAYS} days."]
    if history.balance_ghs >= decision.amount_ghs:
        found.append(f"Nothing new on credit while GHS {in_text(decision.amount_ghs)} or more are owed.")
    if history.bounced:
        found.append("Goods leave when the payment has arrived, not when it is promised.")
    if case.confidence == "low" or decision.recommendation == "approve_reduced":
        found.append(f"Look at the limit again after {REVIEW_DAYS} days.")
    return [*found, f"Payment within {decision.terms_days} days of each invoice."]
