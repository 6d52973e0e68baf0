"""Takes links, images and HTML out of an answer: what a model writes is shown as words, never followed."""

import re

_PATTERNS = (
    (re.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\n]{0,2000}\)"), ""),  # images
    (re.compile(r"\[([^\[\]\n]{1,300})\]\([^()\n]{0,2000}\)"), r"\1"),  # links keep their words
    (re.compile(r"</?[a-zA-Z!][^<>]{0,500}>"), ""),
    (re.compile(r"\b(?:(?:https?|ftp|file)://|www\.)[^\s<>\"')]{1,2000}", re.IGNORECASE), ""),
    (re.compile(r"\b(?:javascript|vbscript|data):(?=\S)[^\s<>\"')]{1,2000}", re.IGNORECASE), ""),
)
_PASSES = 3
_OPENING = re.compile(r"[<>]|!\[|\]\(")


def strip(text: str) -> str:
    """Linear in the text. What is taken out may leave new markup, as in `<<b>script>`: that goes too."""
    for _ in range(_PASSES):
        before = text
        for pattern, words in _PATTERNS:
            text = pattern.sub(words, text)
        if text == before:
            return text.strip()
    return _OPENING.sub("", text).strip()
