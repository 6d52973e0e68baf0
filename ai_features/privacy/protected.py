"""Attributes of a person that must not weigh in a decision about credit.

Those of the Constitution of Ghana, article 17 (gender, race, colour, ethnic origin, religion, creed, social
or economic status), of the Persons with Disability Act, 2006 (Act 715), and of the usual rules for fair
lending: age, marital status, pregnancy, nationality, sexual orientation, politics, health.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ai_features.privacy.normalise import clean, plain_words

# Found anywhere in a name, also with the signs between its letters taken out: `maritalStatus`, `e-t-h-n-i-c`.
_STEMS = re.compile(
    r"gender|religio|ethnic|marital|disabilit|disabled|handicap|nationalit|citizenship|nationalorigin"
    r"|countryoforigin|countryofbirth|placeofbirth|pregnan|maternity|dateofbirth|birthdate|birthday|yearofbirth"
    r"|birthyear|sexualorient|skincolou?r|hometown|mothertongue|politicalpart|politicalaffil|hivstatus"
    r"|healthstatus|socialclass|numberofchildren"
)
# Too short to be looked for inside other words: a percentage is no age, a trace no race.
_WORD_LIST = """
sex age ages dob race racial faith creed church mosque muslim christian tribe tribal caste married unmarried
spouse husband wife widow widowed divorced children
"""
_WORDS = frozenset(_WORD_LIST.split())
# The age of these is a figure of business.
_BUSINESS = "account balance business bucket debt invoice overdue receivable relationship stock ticket"
_AGE_OF = frozenset(_BUSINESS.split())
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LETTERS = re.compile(r"[a-z]+")
# What an answer must not speak of. "Age" and "race" also mean harmless things there.
_SPOKEN = re.compile(
    r"\b(?:gender|sex|religio\w*|ethnic\w*|tribe|tribal|marital|married|unmarried|divorced|widow\w*|husband"
    r"|wife|disabilit\w*|disabled|nationalit\w*|pregnan\w*|muslims?|christians?"
    r"|(?:her|his|their|customer'?s) age|years old)\b"
)


def is_protected(name: str) -> bool:
    """Whether a field's name asks for such an attribute, however it is spelled."""
    text = plain_words(_CAMEL.sub(" ", clean(name)))
    words = _LETTERS.findall(text)
    if _STEMS.search("".join(words)):
        return True
    found = _WORDS.intersection(words)
    return bool(found - {"age", "ages"}) or bool(found and not _AGE_OF.intersection(words))


def protected_fields(data: Any) -> Iterator[str]:
    """Paths of such fields at any depth, as in `invoices.2.notes.gender`."""
    waiting = [("", data)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, Mapping):
            inner = [(str(key), value) for key, value in node.items()]
            yield from (_join(path, key) for key, _ in inner if is_protected(key))
        elif isinstance(node, list | tuple):
            inner = [(str(index), value) for index, value in enumerate(node)]
        else:
            continue
        waiting += [
            (_join(path, key), value) for key, value in inner if isinstance(value, Mapping | list | tuple)
        ]


def spoken(text: str) -> list[str]:
    """Words in an answer that speak of such an attribute."""
    return list(dict.fromkeys(_SPOKEN.findall(plain_words(text))))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
