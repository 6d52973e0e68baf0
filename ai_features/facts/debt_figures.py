"""Whether a text about one debt keeps to its amounts, dates and days. Linear in the text."""

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from ai_features.features import figures
from ai_features.privacy.normalise import clean, plain_words
from ai_features.privacy.sanitise import TOKEN

_NUMBER = r"\d+(?:[.,]\d+)*"
_CURRENCY = r"(?:gh[sc¢₵]?|₵|¢|cedis?|sidis?|sika|usd|\$|€|£|ngn|₦|naira|cfa|dollars?|euros?)"
_MONEY = (
    re.compile(rf"(?<!\w){_CURRENCY}\s?(?P<number>{_NUMBER})"),
    # In "2026 GHS 450" the currency belongs to the second number.
    re.compile(rf"(?P<number>{_NUMBER})\s?{_CURRENCY}(?!\w)(?!\s?\d)"),
)
_MONTHS = (
    ("jan", "janv", "january", "janvier"),
    ("feb", "fevr", "february", "fevrier"),
    ("mar", "mars", "march"),
    ("apr", "avr", "april", "avril"),
    ("may", "mai"),
    ("jun", "june", "juin"),
    ("jul", "juil", "july", "juillet"),
    ("aug", "august", "aout"),
    ("sep", "sept", "september", "septembre"),
    ("oct", "october", "octobre"),
    ("nov", "november", "novembre"),
    ("dec", "december", "decembre"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_MONTH = "(?:" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + r")\b"
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|er)? (?:of |de )?({_MONTH})\.?,?(?: (\d{{4}}))?")
_MONTH_DAY = re.compile(rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)(?:,? (\d{{4}}))?")
_SLASHED = re.compile(r"(?<![\d./-])(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DAYS = re.compile(
    r"(\d{1,5}) (?:days?|jours?|nnafua|nna|kwanaki)\b|\b(?:nnafua|nna|kwana|kwanaki|gbii) (\d{1,5})\b"
)
_OTHER_TIME = re.compile(
    r"(\d{1,5})[ -]?(?:hours?|hrs?|heures?|minutes?|mins?|weeks?|semaines?|months?|mois|years?|ans"
    r"|%|per ?cent|pour cent)"
)
_WEEKDAYS = (
    ("monday", "lundi"),
    ("tuesday", "mardi"),
    ("wednesday", "mercredi"),
    ("thursday", "jeudi"),
    ("friday", "vendredi"),
    ("saturday", "samedi"),
    ("sunday", "dimanche"),
)
_WEEKDAY_OF = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAY_OF)})\b")
_DEADLINE = re.compile(
    r"\b(?:by|before|avant|d'ici|until|till) (?:\w{1,8} )?"
    r"(?:tomorrow|tonight|noon|midnight|demain|ce soir|midi|minuit|end of)\b"
)
# Addresses without a scheme: links with one are stripped from every answer.
_ADDRESS = re.compile(
    r"[\w-]{1,63}\.(?:com|net|org|gh|me|ly|link|info|co|io|app|page|site|shop|store|biz|xyz)\b", re.IGNORECASE
)
_FRENCH_NUMBERS = re.compile(
    r"\b(?:deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante|cinquante|soixante|cent|cents|mille)\b"
)


def problems(
    text: str, *, amounts: Collection[Decimal], dates: Collection[date], days: int, language: str
) -> list[str]:
    """What a text says about money and time that is not given, in words the model can act on."""
    looks = plain_words(TOKEN.sub(" ", text))
    found = [
        *(f"the amount {written} is not the one given" for written in _wrong_amounts(looks, amounts)),
        *(f"the date {written} is not one that was given" for written in _wrong_dates(looks, dates)),
        *(f"{written} is not the number of days given" for written in _wrong_days(looks, abs(days))),
        *(f"{match.group()} is a time or share that was not given" for match in _OTHER_TIME.finditer(looks)),
        *(f"the deadline {match.group()} was not given" for match in _DEADLINE.finditer(looks)),
        *(f"the address {match.group()} was not given" for match in _ADDRESS.finditer(clean(text))),
    ]
    if language == "French":
        found += [f"write no numbers in words ({m.group()})" for m in _FRENCH_NUMBERS.finditer(looks)]
    return list(dict.fromkeys(found))


def states(text: str, amount: Decimal) -> bool:
    """Whether the text names the amount, next to its currency."""
    looks = plain_words(TOKEN.sub(" ", text))
    return any(amount in figures.numbers_in(m.group("number")) for p in _MONEY for m in p.finditer(looks))


def _wrong_amounts(looks: str, amounts: Collection[Decimal]) -> list[str]:
    return [
        match.group()
        for pattern in _MONEY
        for match in pattern.finditer(looks)
        if figures.numbers_in(match.group("number")).isdisjoint(amounts)
    ]


def _wrong_dates(looks: str, dates: Collection[date]) -> list[str]:
    wrong = []
    for pattern, order in ((_DAY_MONTH, "dmy"), (_MONTH_DAY, "mdy"), (_SLASHED, "dmy"), (_ISO, "ymd")):
        for match in pattern.finditer(looks):
            parts = dict(zip(order, match.groups(), strict=True))
            if not any(_is(parts, day) for day in dates):
                wrong.append(match.group())
    weekdays = {day.weekday() for day in dates}
    wrong += [m.group() for m in _WEEKDAY.finditer(looks) if _WEEKDAY_OF[m.group()] not in weekdays]
    return wrong


def _is(parts: dict[str, str | None], day: date) -> bool:
    month, year = parts["m"] or "", parts["y"]
    month_number = _MONTH_OF.get(month) or (int(month) if month.isdigit() else 0)
    same_year = year is None or int(year) == (day.year if len(year) == 4 else day.year % 100)
    return int(parts["d"] or 0) == day.day and month_number == day.month and same_year


def _wrong_days(looks: str, days: int) -> list[str]:
    return [m.group() for m in _DAYS.finditer(looks) if int(m.group(1) or m.group(2)) != days]
