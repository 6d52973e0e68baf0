"""Finds e-mail addresses, documents of identity, IBANs, UUIDs and user ids.

No pattern begins with an assertion: `re` then skips to the first sign that can begin it, which is most of the
speed. What stands before is looked at afterwards. All are linear in the text.
"""

import re
from collections.abc import Callable, Iterator

from ai_features.privacy import numbers

Span = tuple[int, int, str]

_AT = re.compile(
    r"[ ]?(?:@|%40|[(\[{<][ ]?(?:at?|@|arobase|chez)[ ]?[)\]}>])[ ]?|[ ](?P<word>at|arobase|arrobase)[ ]"
)
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\Z|\"[^\"\n]{1,62}\"\Z")
_SPOKEN_LOCAL = re.compile(r"(?:\b[\w+-]{1,30} (?:dot|point) ){1,3}\Z")
_LINK_LENGTH = 70
_LOGIN = re.compile(r"[a-z]://[^\s@]{0,60}:\Z")
_QUERY = re.compile(r"(?:.*[?&][\w\[\]]{1,30}|e?mail)=")
_DOT = r"(?:\.|[ ]?[(\[{<][ ]?(?:dot|point|\.)[ ]?[)\]}>][ ]?)"
_TOP = r"(?:com|org|net|edu|gov|info|biz|gh|tg|ci|bf|ng|fr|uk|de|us|io|me|co|test|example)"
_HOST = re.compile(rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{2,63}}){{1,6}}|\[[0-9a-f.:]{{7,45}}\]")
_SPOKEN_HOST = re.compile(
    rf"[\w-]{{1,63}}(?:[ ](?:dot|point)[ ][\w-]{{2,63}}){{0,3}}[ ](?:dot|point)[ ]{_TOP}\b"
)
_SPACED_HOST = re.compile(rf"[\w-]{{1,63}}(?:[ ]?\.[ ]?[\w-]{{2,63}}){{0,3}}[ ]?\.[ ]?{_TOP}\b")

_GHANA_CARD = re.compile(r"g ?h ?a[ .\-_/]{0,3}(?:[0-9] ?){9}[ .\-_/]{0,3}[0-9](?![0-9])")
_LETTER_AND_DIGITS = re.compile(r"[0-9]{10,12}(?![^\W_])")
_TIN = re.compile(r"[pcgqv]00[0-9]{8}\Z")  # Ghana Revenue Authority
_SSNIT = re.compile(r"[a-z][0-9]{12}\Z")
_SSN = re.compile(r"[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}(?!\w)")
_NO_SSN = ("000", "666")
_LABEL = re.compile(
    r"(?:passport|passeport|voter|nhis|driver|permis|national id|carte d'identit|ssnit|social security|tin\b"
    r"|ghana card)"
    r"(?P<rest>(?:'?s)?(?: licen[cs]e| de conduire|e| nationale?)?(?: id| card)?"
    r"(?: (?:no\.?|number|id|card|n[o°º]|num[eé]ro|nɔma))?(?: (?:ne|na|be|is|est))?\s?[:#=\-]?\s?)"
    r"(?P<value>(?=[a-z0-9\-/]{0,20}[0-9])[a-z0-9][a-z0-9\-/]{5,20})"
)
_IBAN = re.compile(r"[0-9]{2}(?<=[a-z]{2}[0-9]{2})(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?(?!\w)")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?!\w)")
_USER_ID = re.compile(
    r"(?:(?:user|customer|member|client)[ _-]?id|identifiant(?: client)?|uid)(?!\w)\s?[:=#]?\s?"
    r"(?!id_[0-9a-f]{12}\b)(?P<value>(?=[\w\-]{0,63}[0-9])[\w\-]{2,64})"
)


def find(looks: str, lower: str, hashed: Callable[[str], str]) -> list[Span]:
    """Spans in `looks`, which must be folded; `lower` is the same in small letters.

    Ids are shown as what `hashed` makes of them.
    """
    spans = [*_emails(lower), *_documents(lower), *_ibans(lower)]
    for match in _UUID.finditer(lower):
        if _begins(lower, match.start()):
            spans.append((*match.span(), f"id_{hashed(match.group().replace('-', ''))}"))
    for match in _USER_ID.finditer(lower):
        if _begins(lower, match.start()):
            start, end = match.span("value")
            spans.append((start, end, f"id_{hashed(looks[start:end])}"))
    return spans


def _emails(lower: str) -> Iterator[Span]:
    for at in _AT.finditer(lower):
        local = _LOCAL.search(lower, max(0, at.start() - 64), at.start())
        if local is None:
            continue
        patterns = [_SPOKEN_HOST] if at["word"] else [_HOST, _SPOKEN_HOST]
        host = next((found for one in patterns if (found := one.match(lower, at.end()))), None)
        if host is None and not at["word"] and " " in at.group():
            host = _SPACED_HOST.match(lower, at.end())
        if host is None or not _has_name(host.group()):
            continue  # 3 @ 244.00
        start = local.start()
        if query := _QUERY.match(lower, start, at.start()):
            start = query.end()
        if at["word"] and (dotted := _SPOKEN_LOCAL.search(lower, max(0, start - _LINK_LENGTH), start)):
            start = dotted.start()
        if _LOGIN.search(lower, max(0, start - _LINK_LENGTH), start):
            continue  # the password of an address with a login
        yield start, host.end(), "[EMAIL]"


def _has_name(host: str) -> bool:
    return host.startswith("[") or any(char.isalpha() for char in host.rpartition(".")[2])


def _documents(lower: str) -> Iterator[Span]:
    for match in _GHANA_CARD.finditer(lower):
        if _begins(lower, match.start()):
            yield *match.span(), "[ID]"
    for match in _LETTER_AND_DIGITS.finditer(lower):
        start = match.start() - 1
        if start < 0 or not _begins(lower, start):
            continue
        if _SSNIT.match(lower, start, match.end()):
            yield start, match.end(), "[SSN]"
        elif _TIN.match(lower, start, match.end()):
            yield start, match.end(), "[ID]"
    for match in _SSN.finditer(lower):
        if _begins(lower, match.start()) and not match.group().startswith(_NO_SSN):
            yield *match.span(), "[SSN]"
    for match in _LABEL.finditer(lower):
        if _begins(lower, match.start()):
            social = match.group().startswith(("ssnit", "social"))
            yield *match.span("value"), "[SSN]" if social else "[ID]"


def _ibans(lower: str) -> Iterator[Span]:
    for match in _IBAN.finditer(lower):
        start, end = match.start() - 2, match.end()
        while _begins(lower, start) and end > match.start():  # words that follow look like more of it
            if numbers.iban(lower[start:end]):
                yield start, end, "[REDACTED]"
                break
            end = lower.rfind(" ", match.start(), end)


def _begins(text: str, start: int) -> bool:
    """Whether a word begins here."""
    return start == 0 or not (text[start - 1].isalnum() or text[start - 1] == "_")
