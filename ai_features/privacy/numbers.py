"""Finds phone, card and account numbers among runs of digits, however they are spaced or dashed."""

import functools
import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata

HOME_REGION = "GH"
Span = tuple[int, int, str]
Groups = list[tuple[int, int]]

# A run: digit groups with at most three separators between them. Read once, left to right.
_RUN = re.compile(r"[0-9]+(?:[ ().\-/\[\]_,~\u00b7\u2022\n\t]{1,3}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_MAX_GROUPS = 19
# How 024, 00 abroad, 233 and cards begin, in groups of four, of one digit or of two.
_MAY_BEGIN = re.compile(
    r"0\D{0,3}[0235]|2\D{0,3}3\D{0,3}3|[2-6](?:[0-9]{3}|\D[0-9]\D[0-9]\D|[0-9]\D[0-9]{2}\D[0-9]{2}\D)"
)
_PAIR = 2
_DECIMAL = frozenset(".,")
_SHORTEST = 6
_LONGEST = 19  # digits of the longest card
_BEFORE = "+(["
_DATE = re.compile(
    r"(?:[0-3]?[0-9][-/.][01]?[0-9][-/.](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9])(?![0-9])"
)
# 0244123456, 233244123456, 2330244123456, 00233244123456
_NATIONAL = re.compile(r"(?:0|(?:00)?2330?)([235][0-9]{8})")
_LABEL_LENGTH = 40
_PHONE_WORD = re.compile(
    r"(?:phone|tel|t\u00e9l|mobile|cell|call|whats ?app|momo|mo-mo|contact|sms|text|fax|hotline|line"
    r"|portable|joindre|joignez|appelez|n\u0254ma|fr\u025b)"
    r"[a-z\u00c0-\u02af ]{0,12}(?:no\.?|number|num)?[ ]?[:#=\-]?[ ]{0,2}[+(\[]{0,2}\Z"
)
_ACCOUNT_WORD = re.compile(
    r"(?:account|acct|a/c|acc|iban|wallet|meter|voter|nhis|passport|licen[cs]e|compte|\brib)"
    r"[a-z\u00b0\u00c0-\u02af ]{0,15}(?:no\.?|number|num|id)?[ ]?[:#=\-]?[ ]{0,2}[(\[]?\Z"
)
_ACCOUNT_AFTER = re.compile(r"[ ]\(?(?:bank )?(?:account|acct|compte)\b")
_ACCOUNT_DIGITS = (10, 16)
_ISBN = re.compile(r"isbn[-: 0-9]{0,6}\Z")
# 024 412 3456, 233 24 412 3456, 00 44 20 7946 0958. Only these are worth asking the library about.
_HOME_OR_ABROAD = re.compile(r"0[235][0-9]{8}|233[235][0-9]{8}|00[1-9][0-9]{8,13}")
# Card lengths by first digits (ISO/IEC 7812): shop barcodes have 8, 12 or 13 digits and must stay readable.
_CARD = re.compile(
    r"4[0-9]{15}|4[0-9]{18}|5[0-8][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|3[0689][0-9]{12}|6[0-9]{15,18}"
    r"|50[67][0-9]{13,16}"
)
# A telephone number in which letters stand for digits.
_DISGUISED = re.compile(r"[0o][235s][0-9oilsb|]{8}(?![^\W_])")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_DIGITS_OF = str.maketrans("oil|sb", "011158")
_FEWEST_DIGITS = 6


def find(lower: str) -> list[Span]:
    """Spans (start, end, replacement) in `lower`, which must be folded and in small letters."""
    spans: list[Span] = []
    for run in _RUN.finditer(lower):
        if run.end() - run.start() >= _SHORTEST:
            spans += _in_run(lower, *run.span())
    for match in _DISGUISED.finditer(lower):
        text = match.group()
        digits = sum(map(str.isdigit, text))
        begins = not lower[max(0, match.start() - 1) : match.start()].isalnum()
        disguised = begins and _FEWEST_DIGITS <= digits < len(text)
        if disguised and _is_phone(text.translate(_DIGITS_OF), plus=False):
            spans.append((*match.span(), "[PHONE]"))
    return spans


def canonical(text: str) -> str | None:
    """The digits of a telephone number in the home country without its prefixes; None for anything else."""
    digits = "".join(_GROUP.findall(text))
    national = _NATIONAL.fullmatch(digits)
    if national:
        return None if re.search(r"[^\W\d_]", text) else national[1]
    return None


def _in_run(text: str, start: int, end: int) -> Iterator[Span]:
    groups = [match.span() for match in _GROUP.finditer(text, start, end)]
    first = 0
    while first < len(groups):
        begin = groups[first][0]
        date = _DATE.match(text, begin) if len(groups) > 2 else None
        if date is not None:
            first += 3
            continue
        found = _longest_from(text, groups, first)
        if found is None:
            first += 1
            continue
        last, kind = found
        while begin and text[begin - 1] in _BEFORE:
            begin -= 1
        yield begin, groups[last][1], kind
        first = last + 1


def _longest_from(text: str, groups: Groups, first: int) -> tuple[int, str] | None:
    """The last group and kind of the number that starts at group `first`, if one does."""
    begin = groups[first][0]
    plus = text[max(0, begin - 2) : begin].rstrip("([").endswith("+")
    label = "" if first else _label(text, begin)
    if label == "isbn" or not (plus or label or _MAY_BEGIN.match(text, begin)):
        return _before_account(text, groups, first)
    best, surely, digits, grouped = None, False, "", False
    alone = first == 0 or text[groups[first - 1][1] : begin] != " "
    for last in range(first, min(first + _MAX_GROUPS, len(groups))):
        start, end = groups[last]
        digits += text[start:end]
        grouped = grouped or end - start > _PAIR
        if len(digits) > _LONGEST:
            break
        if len(digits) < _SHORTEST or not (grouped or (alone and _ends(text, groups, last))):
            continue
        if _is_card(digits):
            return last, "[CARD]"
        if surely or _THOUSANDS.fullmatch(text, begin, end):
            continue
        if _is_phone(digits, plus=plus):
            best, surely = (last, "[PHONE]"), True
        elif (plus and _is_possible(digits)) or (
            best is None and label == "phone" and 9 <= len(digits) <= 15
        ):
            best = (last, "[PHONE]")
        elif label == "account" and _DECIMAL.isdisjoint(text[begin:end]):
            best = (last, "[REDACTED]")
    return best or _before_account(text, groups, first)


def _ends(text: str, groups: Groups, last: int) -> bool:
    """Pairs and single digits are one number only when they are all there is; else a list of figures."""
    return last == len(groups) - 1 or text[groups[last][1] : groups[last + 1][0]] != " "


def _label(text: str, begin: int) -> str:
    """What the words before a number say it is: account, isbn, phone, or nothing."""
    before = text[max(0, begin - _LABEL_LENGTH) : begin]
    if not any(char.isalpha() or char in ".:=#\u00b0" for char in before[-4:]):
        return ""  # most numbers
    if _ISBN.search(before):
        return "isbn"
    if _ACCOUNT_WORD.search(before):
        return "account"
    return "phone" if _PHONE_WORD.search(before) else ""


def _before_account(text: str, groups: Groups, first: int) -> tuple[int, str] | None:
    """2400123456789 account."""
    start, end = groups[first]
    if _ACCOUNT_DIGITS[0] <= end - start <= _ACCOUNT_DIGITS[1] and _ACCOUNT_AFTER.match(text, end):
        return first, "[REDACTED]"
    return None


def _is_phone(digits: str, *, plus: bool) -> bool:
    """A number that exists: written the international way, or the way it is written here."""
    home = _NATIONAL.fullmatch(digits)
    if home:
        return _home().fullmatch(home[1]) is not None
    if plus:
        number = _parse(_international(digits), None)
    elif _HOME_OR_ABROAD.fullmatch(digits) or digits.startswith("2330"):
        number = _parse(_international(digits) if digits.startswith("2330") else digits, HOME_REGION)
    else:
        return False
    return number is not None and phonenumbers.is_valid_number(number)


@functools.cache
def _home() -> re.Pattern[str]:
    """What the library's `is_valid_number` compares with, for telephone numbers of the home country."""
    region = PhoneMetadata.metadata_for_region(HOME_REGION)
    assert region is not None
    kinds = [region.fixed_line, region.mobile, region.toll_free, region.premium_rate]
    patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.ASCII)


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
