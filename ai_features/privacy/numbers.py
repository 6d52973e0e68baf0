"""Finds phone, card and account numbers among runs of digits, however they are spaced or dashed."""

import functools
import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import NumberParseException

HOME_REGION = "GH"
Span = tuple[int, int, str]

# A run: digit groups with at most three separators between them. Read once, left to right.
_RUN = re.compile(r"(?<!\d)\+?\(?\d+(?:[ ().\-/]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_MAX_GROUPS = 24
_SHORTEST = 6
_LONGEST = 19  # digits of the longest card
_PHONE_WORD = re.compile(
    r"(?:phone|tel|telephone|mobile|cell|call|whats ?app|momo|mo-mo|contact|sms|text|fax|hotline|line)"
    r"[a-z ]{0,12}(?:no\.?|number|num)?[ ]?[:#=\-]?[ ]{0,2}\+?\(?$"
)
_ACCOUNT_WORD = re.compile(
    r"(?:account|acct|a/c|acc|iban|wallet|meter|voter|nhis|passport|licen[cs]e)"
    r"[a-z ]{0,12}(?:no\.?|number|num|id)?[ ]?[:#=\-]?[ ]{0,2}\(?$"
)
# 024 412 3456, 233 24 412 3456, 00 44 20 7946 0958. Only these are worth asking the library about.
_HOME_OR_ABROAD = re.compile(r"0[235]\d{8}|233[235]\d{8}|00[1-9]\d{8,13}")
# Card lengths by first digits (ISO/IEC 7812): shop barcodes have 8, 12 or 13 digits and must stay readable.
_CARD = re.compile(
    r"4\d{15}|4\d{18}|5[0-8]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|6\d{15,18}|506\d{16}"
)


def find(text: str) -> list[Span]:
    """Spans (start, end, replacement) in `text`, which must be folded: see `normalise.fold`."""
    runs = [run.span() for run in _RUN.finditer(text) if run.end() - run.start() >= _SHORTEST]
    return [span for start, end in runs for span in _in_run(text, start, end)]


def _in_run(text: str, start: int, end: int) -> Iterator[Span]:
    groups = [(m.start(), m.end()) for m in _GROUP.finditer(text, start, end)]
    first = 0
    while first < len(groups):
        found = _longest_from(text, groups, first)
        if found is None:
            first += 1
            continue
        last, kind = found
        begin = groups[first][0]
        while begin > start and text[begin - 1] in "+(":
            begin -= 1
        yield begin, groups[last][1], kind
        first = last + 1


def _longest_from(text: str, groups: list[tuple[int, int]], first: int) -> tuple[int, str] | None:
    """The last group and kind of the number that starts at group `first`, if one does."""
    begin = groups[first][0]
    before = text[max(0, begin - 40) : begin].lower()
    plus = before.endswith(("+", "+("))
    is_account = functools.cache(lambda: _ACCOUNT_WORD.search(before))
    is_labelled = functools.cache(lambda: _PHONE_WORD.search(before))
    best, surely, digits = None, False, ""
    for last in range(first, min(first + _MAX_GROUPS, len(groups))):
        digits += text[groups[last][0] : groups[last][1]]
        if len(digits) > _LONGEST:
            break
        if _is_card(digits):
            return last, "[CARD]"
        if surely:
            continue
        if _is_phone(digits, plus=plus):
            best, surely = (last, "[PHONE]"), True
        elif (plus and _is_possible(digits)) or (best is None and 9 <= len(digits) <= 15 and is_labelled()):
            best = (last, "[PHONE]")
        elif _SHORTEST <= len(digits) <= 18 and is_account():
            best = (last, "[REDACTED]")
    return best


def _is_phone(digits: str, *, plus: bool) -> bool:
    """A number that exists: written the international way, or the way it is written here."""
    if plus:
        number = _parse(_international(digits), None)
    elif _HOME_OR_ABROAD.fullmatch(digits) or digits.startswith("2330"):
        number = _parse(_international(digits) if digits.startswith("2330") else digits, HOME_REGION)
    else:
        return False
    return number is not None and phonenumbers.is_valid_number(number)


def _is_possible(digits: str) -> bool:
    """Of a right length for its country, though nobody may have it."""
    number = _parse(_international(digits), None)
    return number is not None and phonenumbers.is_possible_number(number)


def _international(digits: str) -> str:
    return "+233" + digits[4:] if digits.startswith("2330") else "+" + digits  # +233 (0) 24 …


def _parse(digits: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    if not 7 <= len(digits) <= 17:
        return None
    try:
        return phonenumbers.parse(digits, region)
    except NumberParseException:
        return None


def _is_card(digits: str) -> bool:
    return len(digits) >= 13 and _CARD.fullmatch(digits) is not None and luhn(digits)


def luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban(text: str) -> bool:
    """The check digits of an IBAN (ISO 13616: modulo 97)."""
    compact = text.replace(" ", "").upper()
    moved = compact[4:] + compact[:4]
    return 15 <= len(compact) <= 34 and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1
