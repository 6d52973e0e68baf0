"""The ways in which a model may read a text, for the rules against orders. All of it is linear in the text.

A reading has lower-case letters without accents; look-alikes and invisible signs are undone, letters that
were s p a c e d out joined. There are more of them when words are mixed with digits (1gn0re), and when the
text holds base64, hex or escaped characters, of which one layer is undone.
"""

import base64
import binascii
import functools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ai_features.privacy.normalise import fold

# Pass for Latin letters besides what `fold` knows. For looking only: Ghanaian languages need some of them.
_LOOKS, _LETTER = "ɛɔŋɡɑɩʋɓɗƙƴłøđʟɪɢɴʀʜᴀʙᴄᴅᴇᴊᴋᴍᴏᴘꜰꜱᴛᴜᴠᴡʏᴢ", "eongaivbdkylodlignrhabcdejkmopfstuvwyz"
_LATIN = dict(zip(_LOOKS, _LETTER, strict=True))
# Take no room on the screen, whatever Unicode calls them: fillers of Hangul, Khmer vowels, empty Braille.
_UNSEEN = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
_GOES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})
_SIGNS = {0x1F130: "a", 0x1F150: "a", 0x1F170: "a"}  # letters in squares and circles, 26 from each


class _Letters(dict[int, str]):
    """What becomes of each character, found out when it is met first. For `str.translate`."""

    def __missing__(self, code: int) -> str:
        self[code] = "".join(map(_plain, unicodedata.normalize("NFKD", _unboxed(code))))
        return self[code]


def _unboxed(code: int) -> str:
    first = next((first for first in _SIGNS if first <= code < first + 26), None)
    return chr(code) if first is None else chr(ord("a") + code - first)


def _plain(char: str) -> str:
    if char == "\n":
        return char
    if char == "_" or char.isspace():
        return " "
    if char in _UNSEEN or unicodedata.category(char) in _GOES:
        return ""
    folded = fold(char)
    return _LATIN.get(folded, _LATIN.get(folded.lower(), folded)).casefold()


_LETTERS = _Letters()
_SPACED_OUT = re.compile(r"(?<!\w)\w(?:[^\w\n]{1,2}+\w(?!\w)){3,}+|(?<!\w)\w(?:\s{1,3}+\w(?!\w)){3,}+")
_BLANKS = re.compile(r"\s{2,}+")
_MIXED = re.compile(r"[a-z0-9@$!|]++")
# 400g, 12inch, a14: sizes and models, in every other product's name.
_SIZE = re.compile(r"\d{1,20}+[a-z]{1,4}|[a-z]{1,4}\d{1,20}+")
_LEET = [str.maketrans("023456789@$!|" + "1", "ozeasgtbgasil" + one) for one in "il"]

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]++(?:\n[A-Za-z0-9+/_-]++)*+={0,2}")
_HEX = re.compile(r"(?:(?:0x)?[0-9a-fA-F]{2}[ :,]{0,2}+){12,}+")
_PAIR = re.compile(r"(?<![0-9a-fA-F])0x|[^0-9a-fA-F]")
_ESCAPE = re.compile(
    r"\\u\{?0{0,4}+([0-9a-f]{2})\}?|\\x([0-9a-f]{2})|%([0-9a-f]{2})|&#x0{0,4}+([0-9a-f]{2});?|&#0{0,4}+(\d{2,3});?",
    re.IGNORECASE,
)
_LEAST_BASE64, _LEAST_ESCAPES = 24, 4
_READABLE = 0.8  # of what was decoded; anything else decodes to noise


@dataclass(frozen=True)
class Reading:
    """`text` is read in place of `source[start:end]`, character for character where `places` tells."""

    text: str
    start: int
    end: int
    places: Callable[[], list[int]] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the source a piece of this reading stands; all of it where nobody can tell."""
        if self.places is None or start == end:
            return self.start, self.end
        places = self.places()
        return places[start], places[end - 1] + 1


def readings(source: str) -> Iterator[Reading]:
    """The plain reading first."""
    text, _ = plain(source)

    @functools.cache
    def places() -> list[int]:
        return plain(source, with_places=True)[1]

    yield Reading(text, 0, len(source), places)
    if any(_is_mixed(word) for word in _MIXED.findall(text)):
        for leet in dict.fromkeys(_leet(text, table) for table in _LEET):
            yield Reading(leet, 0, len(source), places)
    for start, end, hidden in _decoded(source):
        yield Reading(plain(hidden)[0], start, end)


def plain(source: str, *, with_places: bool = False) -> tuple[str, list[int]]:
    """The plain reading, and for each of its characters where it comes from (only when asked for)."""
    places: list[int] = []
    if with_places:
        places = [index for index, char in enumerate(source) for _ in char.translate(_LETTERS)]
    text = source.translate(_LETTERS)
    text, places = _thin_out(text, places, _SPACED_OUT, _letters_of)
    return _thin_out(text, places, _BLANKS, _one_blank)


def _thin_out(
    text: str, places: list[int], pattern: re.Pattern[str], kept: Callable[[str], list[int]]
) -> tuple[str, list[int]]:
    """Leaves of each match only the characters that `kept` names."""
    parts: list[str] = []
    stays: list[int] = []
    at = 0
    for match in pattern.finditer(text):
        inside = [match.start() + index for index in kept(match.group())]
        parts += [text[at : match.start()], *(text[index] for index in inside)]
        if places:
            stays += [*places[at : match.start()], *(places[index] for index in inside)]
        at = match.end()
    return "".join([*parts, text[at:]]), [*stays, *places[at:]]


def _letters_of(found: str) -> list[int]:
    return [index for index, char in enumerate(found) if char.isalnum()]


def _one_blank(found: str) -> list[int]:
    return [max(found.find("\n"), 0)]


def _is_mixed(word: str) -> bool:
    return not (word.isalpha() or word.rstrip("!").isalpha() or word.isdigit() or _SIZE.fullmatch(word))


def _leet(text: str, table: dict[int, int]) -> str:
    def letters(match: re.Match[str]) -> str:
        word = match.group()
        return word if word.isalpha() or word.isdigit() else word.translate(table)

    return _MIXED.sub(letters, text)


def _decoded(source: str) -> Iterator[tuple[int, int, str]]:
    """What base64, hex and escapes hide, and where."""
    for match in _BASE64.finditer(source):
        blob = match.group().rstrip("=").replace("\n", "").replace("-", "+").replace("_", "/")
        if len(blob) >= _LEAST_BASE64:
            for glued in range(4):  # other letters may stand right before it
                yield from _readable(match, _base64(blob[glued:]))
    for match in _HEX.finditer(source):
        digits = _PAIR.sub("", match.group())
        yield from _readable(match, bytes.fromhex(digits[: len(digits) // 2 * 2]))
    first, last, escapes = len(source), 0, 0
    for match in _ESCAPE.finditer(source):
        first, last, escapes = min(first, match.start()), match.end(), escapes + 1
    if escapes >= _LEAST_ESCAPES:
        yield first, last, _ESCAPE.sub(_unescape, source)


def _base64(blob: str) -> bytes:
    try:
        return base64.b64decode(blob[: len(blob) // 4 * 4] + _rest(blob))
    except binascii.Error:
        return b""


def _rest(blob: str) -> str:
    """The last, incomplete group with its padding; one sign alone says nothing."""
    over = len(blob) % 4
    return blob[-over:] + "=" * (4 - over) if over > 1 else ""


def _readable(match: re.Match[str], content: bytes) -> Iterator[tuple[int, int, str]]:
    text = content.decode("utf-8", "replace")
    if content and sum(c.isprintable() and c != "\ufffd" for c in text) >= _READABLE * len(text):
        yield *match.span(), text


def _unescape(match: re.Match[str]) -> str:
    digits, base = (match.group(5), 10) if match.group(5) else (next(filter(None, match.groups())), 16)
    return chr(int(digits, base))
