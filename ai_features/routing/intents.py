"""What can be answered here about an account, and what a question must say to mean it."""

from dataclasses import dataclass, field

from ai_features.routing.reading import Clause

Concepts = frozenset[str]
_ANYWHERE = frozenset({"STILL", "PERIOD"})  # "do I have" and "this month" may be in any question


def _of(*names: str) -> Concepts:
    return frozenset(names)


@dataclass(frozen=True, kw_only=True)
class Intent:
    """Meant by a question that says all of one of `needs`, nothing of `never`, and little beside `may`."""

    name: str
    about: str
    needs: tuple[Concepts, ...]
    may: Concepts = frozenset()
    never: Concepts = frozenset()
    # The least share of the words that must belong to it.
    least: float = 0.7
    words: Concepts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", self.may.union(*self.needs))

    def is_said(self, clause: Clause) -> bool:
        said = clause.concepts
        return not said & self.never and any(needed <= said for needed in self.needs)

    def share(self, clause: Clause) -> float:
        """Of the words, the share that belongs to the intent or says nothing."""
        mine = self.words | _ANYWHERE
        covered = sum(word.length for word in clause.words if word.is_filler or word.concepts & mine)
        return covered / clause.length


# The first that holds is meant: what is more special stands before what is more common.
INTENTS = (
    Intent(
        name="feature_price",
        about="the price of a feature",
        needs=(
            _of("FEATURE", "COST"),
            _of("FEATURE", "HOW_MANY", "CREDIT"),
            _of("ASK_AI", "COST"),
            _of("ASK_AI", "HOW_MANY", "CREDIT"),
            _of("FEATURE", "PRICE_OF"),
            _of("ASK_AI", "PRICE_OF"),
        ),
        may=_of("FREE", "USED", "AI"),
        never=_of("LEFT", "BALANCE", "LAST"),
    ),
    Intent(
        name="runway",
        about="how long the credits last",
        needs=(
            _of("LAST", "CREDIT"),
            _of("LAST", "BALANCE"),
            _of("HOW_MANY", "MORE", "FEATURE"),
            _of("LAST", "FEATURE"),
        ),
        may=_of("HOW_MANY", "FEATURE", "LEFT", "MORE", "ASK_AI"),
        never=_of("EXPIRE"),
    ),
    Intent(
        name="expiry",
        about="when credits expire",
        needs=(_of("EXPIRE", "CREDIT"), _of("EXPIRE", "BALANCE"), _of("EXPIRE", "FREE")),
        may=_of("FREE", "HOW_MANY", "BUY"),
    ),
    Intent(
        name="quota",
        about="the limits of the day and the month",
        needs=(
            _of(
                "LIMIT",
            ),
            _of("REQUEST", "HOW_MANY"),
            _of("REQUEST", "LEFT"),
        ),
        may=_of("LEFT", "MORE", "USED", "DAILY", "HOW_MANY", "ASK_AI"),
        never=_of("HOW_TO"),
    ),
    Intent(
        name="usage",
        about="what was used",
        needs=(
            _of("USED", "CREDIT"),
            _of(
                "USAGE",
            ),
            _of("SPENT", "AI"),
            _of("USED", "PERIOD"),
        ),
        may=_of("HOW_MANY", "FEATURE", "USAGE", "SPENT", "WHO_USED", "BALANCE"),
        never=_of("LEFT", "EXPIRE", "HOW_TO", "BUY"),
    ),
    Intent(
        name="packs",
        about="buying credits",
        needs=(
            _of(
                "PACK",
            ),
            _of("BUY", "CREDIT"),
            _of(
                "TOP_UP",
            ),
            _of("BUY", "MOBILE_MONEY"),
            _of("HOW_MANY", "CREDIT", "MONEY"),
            _of("HOW_MUCH_FOR", "CREDIT"),
            _of("PRICE_OF", "NUMBER", "CREDIT"),
            _of("PRICE_OF", "BUY", "CREDIT"),
        ),
        may=_of("HOW_MANY", "COST", "HOW_TO", "MORE", "MONEY", "BUY", "CREDIT"),
        never=_of("LEFT", "FEATURE"),
    ),
    Intent(
        name="plan",
        about="the plan and the add-on",
        needs=(
            _of(
                "PLAN",
            ),
        ),
        may=_of("RENEW", "USED", "HOW_MANY", "COST", "BUY", "DAILY"),
        never=_of("FEATURE", "PACK"),
    ),
    Intent(
        name="balance",
        about="the balance",
        needs=(
            _of(
                "BALANCE",
            ),
            _of("CREDIT", "HOW_MANY"),
            _of("CREDIT", "LEFT"),
            _of("CREDITS"),
        ),
        may=_of("LEFT", "STILL", "HOW_MANY", "CREDIT", "HOW_TO", "FREE", "HELP"),
        never=_of("COST", "FEATURE", "BUY", "TRADE"),
    ),
    Intent(
        name="account_help",
        about="the account itself, not the shop",
        needs=(
            _of(
                "ACCOUNT",
            ),
        ),
        may=_of("ACCOUNT_MORE", "HOW_TO", "CREDIT", "FREE", "BUY", "MONEY"),
        least=0.75,
    ),
    Intent(name="help", about="what can be asked", needs=(_of("HELP"),), may=_of("GREETING"), least=1.0),
    Intent(name="greeting", about="a greeting", needs=(_of("GREETING"),), least=1.0),
)
ABOUT = {intent.name: intent.about for intent in INTENTS}
