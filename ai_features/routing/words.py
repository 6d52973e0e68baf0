"""The words of `words.toml`, read once."""

import tomllib
from pathlib import Path

_FILE = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _phrases(text: str) -> list[str]:
    return [phrase.strip() for phrase in text.split(";")]


SHORT_FORMS: dict[str, str] = _FILE["short_forms"]
FILLER = frozenset(_FILE["filler"].split())
OPEN = frozenset(_FILE["open"].split())
OPEN_PHRASES = tuple(_phrases(_FILE["open_phrases"]))
SET_ASIDE = tuple(f"{phrase} " for phrase in _phrases(_FILE["set_aside"]))
# Phrase → the feature that is called so.
FEATURE_OF = {phrase: slug for slug, names in _FILE["features"].items() for phrase in _phrases(names)}
_GROUPS = {**_FILE["concepts"], "FEATURE": f"{_FILE['concepts']['FEATURE']};{'; '.join(FEATURE_OF)}"}
# Phrase → what it is about, which may be several things.
CONCEPT_OF: dict[str, frozenset[str]] = {}
for _concept, _text in _GROUPS.items():
    for _phrase in _phrases(_text):
        CONCEPT_OF[_phrase] = CONCEPT_OF.get(_phrase, frozenset()) | {_concept}
