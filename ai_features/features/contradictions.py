"""Whether a text about a decision on credit says something else than the decision."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from ai_features.privacy.normalise import plain_words

_SENTENCE = re.compile(r"[!?;\n]|\.(?!\d)")
_GRANT = re.compile(
    r"\b(?:approv(?:e|es|ed|al|ing)|grant(?:s|ed|ing)?|recommend(?:s|ed|ing)?|offer(?:s|ed|ing)?"
    r"|extend(?:s|ed|ing)?|(?:raise|increase|set) the limit|credit limit of|limit of)\b"
)
_APPROVAL = re.compile(
    r"\b(?:approv(?:e|es|ed|al|ing)|grant(?:s|ed|ing)?"
    r"|extend(?:s|ed|ing)? (?:\w+ ){0,2}credit|(?:raise|increase|set) the limit)\b"
)
_DENY = re.compile(
    r"\b(?:declin|reject|refus|den(?:y|i)|turn(?:ed|ing)? down)\w*"
    r" (?:\w+ ){0,4}(?:request|application|credit|limit|customer|increase|it|this)\b"
    r"|\brecommend\w* (?:\w+ ){0,3}(?:declin|reject|refus)\w*"
    r"|\bshould be (?:declined|rejected|refused|denied)\b"
    r"|\b(?:no|not \w+ any) (?:further |new |more )?credit\b"
)
_DENY_STANDS = re.compile(
    r"\b(?:no (?:reason|need|ground|cause)s? to|should not|do not|don't|not (?:be )?|rather than|instead of"
    r"|if|unless|when|until|once|after|before|otherwise)\b"
)
_IN_FULL = re.compile(
    r"\b(?:in full|full (?:amount|limit|request)|(?:whole|entire) (?:amount|limit)|as asked|as requested)\b"
)
_NOT_GRANTED = re.compile(
    r"\b(?:not|no|never|cannot|can't|don't|isn't|declin\w+|reject\w*|refus\w*|without|until|unless|before|after"
    r"|once|when|if|instead|rather|against|short|below|less|lower|more than|above|too|exceed\w*|reduc\w+"
    r"|reconsider\w*|future|later|asked for|only part)\b"
)
_MONEY = re.compile(r"\bghs ?(\d[\d,]*(?:\.\d+)?)|\b(\d[\d,]*(?:\.\d+)?) ?(?:ghs|cedis)\b")
_TERMS = re.compile(
    r"\b(?:terms? of|terms?:|net|(?:pay(?:s|ment|able)?|repa(?:y|id)|due|settle[ds]?) (?:with)?in)"
    r" (\d{1,3})[ -]days?\b"
    r"|\b(\d{1,3})[ -]days? (?:to pay|payment terms|credit terms|terms)\b"
)
_SCORE = re.compile(r"\bscore (?:of|is|was|:) ?(\d{1,3})\b")


def contradictions(text: str, facts: dict[str, Any]) -> list[str]:
    """What the text says against `recommendation`, `amount_ghs`, `terms_days` and `score` of the facts.

    A plain reading of sentences: what is negated or made to depend on something is let pass.
    """
    return list(dict.fromkeys(found for one in _sentences(text) for found in _in_sentence(one, facts)))


def _in_sentence(text: str, facts: dict[str, Any]) -> Iterator[str]:
    decision = facts["recommendation"]
    hedged = _NOT_GRANTED.search(text) is not None
    if decision == "decline":
        if _APPROVAL.search(text) and not hedged:
            yield "the text grants credit, but the recommendation is decline; explain the recommendation"
    else:
        if _DENY.search(text) and not _DENY_STANDS.search(text):
            yield f"the text refuses credit, but the recommendation is {decision}; explain the recommendation"
        yield from _wrong_amount(text, facts, hedged=hedged)
    for days in _numbers(_TERMS, text):
        if days != facts["terms_days"] and not hedged:
            yield f"the terms are {facts['terms_days']} days, not {days}"
    for points in _numbers(_SCORE, text):
        if points != facts["score"]:
            yield f"the score is {facts['score']}, not {points}"


def _wrong_amount(text: str, facts: dict[str, Any], *, hedged: bool) -> Iterator[str]:
    if hedged or not _GRANT.search(text):
        return
    right = facts["amount_ghs"]
    asked_too_much = facts["recommendation"] == "approve_reduced"
    if asked_too_much and _IN_FULL.search(text):
        yield f"not the whole limit is recommended, but GHS {right}"
    amounts = list(_numbers(_MONEY, text))
    known = {right, *(facts["asked"].values() if right in amounts else ())}
    start = _GRANT.search(text)
    assert start is not None
    after = next(_numbers(_MONEY, text[start.start() :]), right)
    if after not in known:
        yield f"the recommended limit is GHS {right}, not {after}"


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.split(plain_words(text.replace("\n", ". "))) if part.strip()]


def _numbers(pattern: re.Pattern[str], text: str) -> Iterator[Decimal]:
    for match in pattern.finditer(text):
        written = next(group for group in match.groups() if group)
        try:
            yield Decimal(written.replace(",", ""))
        except InvalidOperation:
            continue
