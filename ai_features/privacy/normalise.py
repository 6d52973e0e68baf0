"""One spelling for text that tries to look like something else. All of it is linear in the text."""

import re
import unicodedata

# Letters of other scripts that pass for Latin ones. The letters that Ghanaian languages really use (open e
# and o, eng, hooked and barred ones) are not among them.
_CYRILLIC = str.maketrans("АВСЕНІЈКМОРЅТХУаԁеһіјӏорсԛѕтухѵԝ", "ABCEHIJKMOPSTXYadehijlopcqstyxvw")
_GREEK = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανοικρτυχ", "ABEZHIKMNOPTYXavoikptux")
_OTHERS = str.maketrans("\u0130\u0131\u2113\u2215\u2044", "Iil//")  # the first has a small form of two
_DASHES: dict[int, int | str] = dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"), "-"
)
_LOOK_ALIKES: dict[int, int | str] = {**_CYRILLIC, **_GREEK, **_OTHERS, **_DASHES}

# Control and format characters (zero-width, direction marks, tags), surrogates, private use.
_GOES = ("Cc", "Cf", "Cs", "Co")
_KEEP = "\n\t"
_BRACKETS = str.maketrans("⟦⟧", "[]")
_SPACED_OUT = re.compile(r"\b\w(?:[ ._*-]\w){3,80}\b")
_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    """NFKC without invisible characters; line ends are newlines. Our own token brackets can't be forged."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isprintable():
        return text
    return "".join(c for c in text if c in _KEEP or unicodedata.category(c) not in _GOES)


def fold(text: str) -> str:
    """Look-alike letters and dashes as plain ones, one for one, so that positions stay those of `text`.

    Decimal digits of every script become 0-9.
    """
    if text.isascii():
        return text
    folded = text.translate(_LOOK_ALIKES)
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in folded)


def plain_words(text: str) -> str:
    """Lower case, single blanks, accents off, letters that were s p a c e d out joined. For looking only."""
    folded = fold(clean(text))
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        folded = "".join(c for c in decomposed if not unicodedata.combining(c))
    joined = _SPACED_OUT.sub(_join, folded)
    return _BLANKS.sub(" ", joined).casefold()


def _join(match: re.Match[str]) -> str:
    return match.group()[::2]
