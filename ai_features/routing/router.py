"""The 80/20 rule: what can be answered here is free, what takes judgement goes to a model.

A question is answered here only when nearly every word of it belongs to one intent and none of them asks for
advice or writing. In doubt about an account the answer is free: "ask the AI instead" is one flag away, while
a model knows nothing of the account.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ai_features.routing import data_questions, reading, words
from ai_features.routing.intents import INTENTS, Intent
from ai_features.routing.reading import Clause

LOCAL, AI = "local", "ai"
OPEN = "open"
NEEDS_CUSTOMERS = "needs_customers"
UNCLEAR = "unclear"
# A wish to be advised is put in three words at least.
_FEWEST_WORDS = 3
_HOW_TO_LEAST = 0.85
_UNCOVERED, _ADVICE, _LEAST_SURE, _PER_CORRECTION = 0.60, 0.95, 0.50, 0.05
_ASKED = "customer_insight"  # a question to the AI is charged as one
_DAYS_OF = {"today": 1, "yesterday": 2, "week": 7, "weeks": 7, "semaine": 7, "day": 1, "days": 1, "year": 365}
_COUNTED = {"days", "weeks", "months"}


@dataclass(frozen=True)
class Decision:
    """`confidence` 0.00 to 1.00: the share of the words that speak for it, not a probability.

    `reason` quotes only words of our own lists, so it may be stored. `feature` and `days` are what of the
    question an answer about an account needs: which feature was named, and a period in days.
    """

    route: str
    intent: str
    reason: str
    confidence: Decimal
    feature: str | None = None
    days: int | None = None


def decide(text: str, *, has_data: bool) -> Decision:
    """`has_data`: customers came with the question. Linear in the text."""
    parts = reading.clauses(text)
    kept = [part for part in parts if not part.is_set_aside] or parts
    whole = _cut_what_is_asked_of_ai(reading.joined(kept))
    advice = whole.open_words
    if not advice:
        found = _of_account(whole, kept)
        if found is not None:
            return found
        asked = data_questions.recognise(text)
        if asked is not None:
            return _of_customers(asked, has_data)
        if not _says_something(whole):
            return Decision(LOCAL, UNCLEAR, "too short to be a question", _sure(1.0))
        return Decision(AI, OPEN, "no free answer covers what is asked", _sure(_UNCOVERED))
    return Decision(AI, OPEN, f"asks for advice or writing: {advice[0]}", _sure(_ADVICE))


def _of_customers(asked: str, has_data: bool) -> Decision:
    about = asked.replace("_", " ")
    if has_data:
        return Decision(LOCAL, asked, f"a simple question about the customers given: {about}", _sure(1.0))
    return Decision(LOCAL, NEEDS_CUSTOMERS, f"a simple question ({about}) without the customers", _sure(1.0))


def _of_account(whole: Clause, parts: list[Clause]) -> Decision | None:
    """What the question means as a whole, else what one of its parts means when the others say nothing."""
    for clause in (whole, *(parts if len(parts) > 1 else ())):
        for intent in INTENTS:
            if intent.is_said(clause):
                share = intent.share(clause)
                if share >= _least(intent, clause):
                    return _local(intent, clause, share)
    return None


def _least(intent: Intent, clause: Clause) -> float:
    """A "how do I" is more often a wish for advice, so it has to be said more plainly."""
    return max(intent.least, _HOW_TO_LEAST) if "HOW_TO" in clause.concepts else intent.least


def _local(intent: Intent, clause: Clause, share: float) -> Decision:
    return Decision(
        LOCAL,
        intent.name,
        f"asks about {intent.about}",
        _sure(max(_LEAST_SURE, share - _PER_CORRECTION * clause.corrected)),
        feature=_feature_named(clause),
        days=_days_named(clause),
    )


def _feature_named(clause: Clause) -> str | None:
    for word in clause.words:
        if word.text in words.FEATURE_OF:
            return words.FEATURE_OF[word.text]
        if "ASK_AI" in word.concepts:
            return _ASKED
    return None


def _days_named(clause: Clause) -> int | None:
    """The period named, in days: "today" is 1, "this month" and a month's name 30."""
    numbers = [int(word.text) for word in clause.words if "NUMBER" in word.concepts and len(word.text) < 4]
    for word in clause.words:
        if "PERIOD" in word.concepts:
            unit = _DAYS_OF.get(word.text, 30)
            return unit * numbers[0] if numbers and word.text in _COUNTED else unit
    return None


def _sure(value: float) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _says_something(clause: Clause) -> bool:
    return clause.length >= _FEWEST_WORDS


def _cut_what_is_asked_of_ai(clause: Clause) -> Clause:
    """ "How many credits to ask the AI for a plan" asks for a price; the plan is what would be asked."""
    said: frozenset[str] = frozenset()
    for place, word in enumerate(clause.words):
        if "ASK_AI" in word.concepts and said & {"HOW_MANY", "COST"}:
            return Clause(clause.words[: place + 1], clause.corrected)
        said |= word.concepts
    return clause
