"""What becomes of a call when the provider fails: written down once, in the order it is shown.

Two columns of endings: the fault strikes `once` (the next call is answered well), or `always`. `asked` counts
calls to a provider, `booked` those whose tokens are booked as cost, `by` whose answer the caller got. Credits
follow from the status: 200 is charged the feature's price, everything else 0.
"""

from dataclasses import dataclass

from ai_features import errors
from config.core.errors import DomainError


@dataclass(frozen=True)
class Ending:
    status: int
    code: str
    asked: int
    booked: int
    by: str = "the first model"


@dataclass(frozen=True)
class Fault:
    name: str
    what: str
    once: Ending
    always: Ending
    only: tuple[str, ...] = ()  # the features to which it means something; none: all


ANSWERED = Ending(200, "ai", asked=1, booked=1)
# A provider that gives no answer: the next model is asked, the first one's silence costs nothing.
STOOD_IN = Ending(200, "ai", asked=2, booked=1, by="the next model")
DOWN = Ending(503, "provider_unavailable", asked=2, booked=0, by="nobody")
TURNED_DOWN = Ending(502, "provider_refused", asked=1, booked=0, by="nobody")
# An answer that fails our checks: it is repaired once by the same model, and both cost.
REPAIRED = Ending(200, "ai", asked=2, booked=2)
UNUSABLE = Ending(502, "answer_unusable", asked=2, booked=2, by="nobody")
PARTIAL = Ending(200, "ai", asked=2, booked=2)

UNAVAILABLE = (
    ("429", "too many requests, Retry-After: 1"),
    ("500", "internal error"),
    ("503", "overloaded"),
    ("401", "our key is refused"),
    ("404", "the model does not exist"),
    ("html", "a web page with status 200"),
    ("error-200", "an error with status 200"),
    ("broken-json", "a body that is no JSON"),
    ("cut", "closed in the middle of the body"),
    ("drop", "closed without an answer"),
    ("10mb", "ten megabytes"),
)
LATE = (
    ("hang", "nothing until after the deadline"),
    ("drip", "a byte at a time, never done by the deadline"),
)
REFUSED = (("400", "the request is refused"),)
BAD_ANSWERS = (
    ("garbage", "prose instead of JSON"),
    ("empty", "an empty answer"),
    ("wrong-schema", "other fields than asked for"),
    ("length", "cut off at the output cap"),
    ("refusal", "the model will not answer"),
    ("invented", "a price and a brand that nobody gave"),
)
ANSWERED_ALL_THE_SAME = (
    ("slow-0.1", "late, but before the deadline"),
    ("no-usage", "no token counts: they are guessed high"),
)

FAULTS = (
    *(Fault(name, what, once=STOOD_IN, always=DOWN) for name, what in UNAVAILABLE),
    *(Fault(name, what, once=STOOD_IN, always=DOWN) for name, what in LATE),
    *(Fault(name, what, once=TURNED_DOWN, always=TURNED_DOWN) for name, what in REFUSED),
    *(Fault(name, what, once=REPAIRED, always=UNUSABLE) for name, what in BAD_ANSWERS),
    *(Fault(name, what, once=ANSWERED, always=ANSWERED) for name, what in ANSWERED_ALL_THE_SAME),
)
DEBTORS = ("collection_message", "collection_analysis")
FAULTS += tuple(
    Fault(name, what, once=REPAIRED, always=UNUSABLE, only=DEBTORS)
    for name, what in (
        ("threat", "a threat to a debtor"),
        ("shaming", "shaming a debtor"),
        ("third-party", "telling others of a debt"),
    )
)
SEVERAL = Fault(
    "half", "every second of several items invented", REPAIRED, PARTIAL, only=("product_description",)
)
MESSAGES: dict[str, type[DomainError]] = {
    error.code: error for error in (errors.ProviderUnavailable, errors.ProviderRefused, errors.AnswerUnusable)
}


def lines() -> list[str]:
    """The tables of docs/provider-faults.md."""
    shown = [
        "| the provider | once: answer | asked | credits | cost of "
        "| always: answer | asked | credits | cost of |",
        "|---|---|--:|--:|--:|---|--:|--:|--:|",
    ]
    for fault in (*FAULTS, SEVERAL):
        cells = " | ".join(_cells(ending) for ending in (fault.once, fault.always))
        only = f"; {', '.join(fault.only)} only" if fault.only else ""
        shown.append(f"| {fault.what} (`{fault.name}`{only}) | {cells} |")
    shown += ["| code | status | what the caller reads |", "|---|--:|---|"]
    shown += [f"| `{code}` | {e.status_code} | {e.detail} |" for code, e in MESSAGES.items()]
    return shown


def _cells(ending: Ending) -> str:
    answer = f"200 by {ending.by}" if ending.status == 200 else f"{ending.status} `{ending.code}`"
    credits = "0" if ending.status != 200 else "for what came" if ending is PARTIAL else "its price"
    return f"{answer} | {ending.asked} | {credits} | {ending.booked}"
