"""One spelling for text that tries to look like something else. All of it is linear in the text."""

import re
import unicodedata

# Letters of other scripts that pass for Latin ones. The letters that Ghanaian languages really use (open e
# and o, eng, hooked and barred ones) are not among them.
_CYRILLIC = str.maketrans("АВСЕНІЈКМОРЅТХУаԁеһіјӏорсԛѕтухѵԝ", "ABCEHIJKMOPSTXYadehijlopcqstyxvw")
_GREEK = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανοικρτυχ", "ABEZHIKMNOPTYXavoikptux")
_OTHERS = str.maketrans("\u0130\u0131\u2113\u2215\u2044", "Iil//")  # the first has a small form of two
_SMALL_CAPITALS = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "ABCDEFGHIJKLMNOPRSTUVWYZ")
_SIGNS = str.maketrans("\u2018\u2019\u201b\u201c\u201d\u3002\u066b\u066c", "'''\"\".,,")
_DASHES: dict[int, int | str] = dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"), "-"
)
_LOOK_ALIKES: dict[int, int | str] = {
    **_CYRILLIC,
    **_GREEK,
    **_OTHERS,
    **_SMALL_CAPITALS,
    **_SIGNS,
    **_DASHES,
}
# What an English keyboard makes of the letters of Ghanaian languages. For comparing names only.
_TYPED_AS = str.maketrans("ɔɛŋɖƒɣʋƙɗɓ", "oendfgvkdb")

# Control and format characters (zero-width, direction marks, tags), surrogates, private use.
_GOES = ("Cc", "Cf", "Cs", "Co")
_KEEP = "\n\t"
_BRACKETS = str.maketrans("⟦⟧", "[]")
# Strokes, enclosing keys and the like upon a sign that is no letter.
_MARK = r"\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f"
_UPON_A_SIGN = re.compile(rf"(?<![^\W\d_])(?<![{_MARK}])[{_MARK}]+")
_SPACED_OUT = re.compile(r"\b\w(?:[ ._*-]\w){3,80}\b")
_BLANKS = re.compile(r"\s+")
_FEW = 8


def clean(text: str) -> str:
    """NFKC without invisible characters; line ends are newlines. Our own token brackets can't be forged."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _UPON_A_SIGN.sub("", text) if not text.isascii() else text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _swap(text, {c: new for c in set(text) if (new := _cleaned(c)) != c})


def fold(text: str) -> str:
    """Look-alike letters and dashes as plain ones, one for one, so that positions stay those of `text`.

    Decimal digits of every script become 0-9.
    """
    if text.isascii():
        return text
    return _swap(text, {c: new for c in set(text) if (new := _folded(c)) != c})


def name_key(word: str) -> str:
    """A word of a name without case, accents and the letters an English keyboard lacks."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", fold(word).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_TYPED_AS)


def _cleaned(char: str) -> str:
    return "" if unicodedata.category(char) in _GOES and char not in _KEEP else char.translate(_BRACKETS)


def _folded(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return char.translate(_LOOK_ALIKES)


def _swap(text: str, changes: dict[str, str]) -> str:
    """Few different characters are cheaper one by one; many must not cost a pass each."""
    if len(changes) > _FEW:
        return text.translate({ord(char): new for char, new in changes.items()})
    for char, new in changes.items():
        text = text.replace(char, new)
    return text


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
