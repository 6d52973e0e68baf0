"""How much of what is personal is found, and how much else: per kind, on labelled texts, printed."""

import pytest

from ai_features.privacy.sanitise import sanitise
from tests.faults.report import Record, cell

from .privacy_corpus import PARTS, PLACEHOLDERS, Label, Labelled, read, score, texts

STRUCTURED = [kind for kind in PLACEHOLDERS if kind != "NAME"]
RECALL, PRECISION = 0.98, 0.95
TABLE = "Privacy: labels, recall, precision"


@pytest.mark.parametrize("part", PARTS)
def test_what_is_personal_is_found_and_little_else(part, record_property: Record):
    """Nothing was tuned to the held-out texts before they were first measured; docs/decisions.md tells."""
    result = score(part)

    rows = {kind: [kind] for kind in PLACEHOLDERS} | {"all but names": STRUCTURED, "all": [*PLACEHOLDERS]}
    for name, kinds in rows.items():
        count = sum(result.labelled[kind] for kind in kinds)
        text = f"{count:4} {result.recall(*kinds):.3f} {result.precision(*kinds):.3f}"
        cell(record_property, TABLE, name, part.replace("_", " "), text)
    assert result.recall(*STRUCTURED) >= RECALL, result.leaked
    assert result.recall("NAME") >= RECALL, result.leaked
    assert result.precision(*PLACEHOLDERS) >= PRECISION, result.wrong
    assert result.leaked == []


def test_there_are_enough_texts():
    parts = {part: list(texts(part)) for part in PARTS}
    everything = [one for part in parts.values() for one in part]

    assert len(everything) >= 300
    assert len(parts["held_out"]) >= len(everything) / 5
    assert sum(not one.labels for one in everything) >= 100
    assert len({one.text for one in everything}) == len(everything)


def test_labels_are_places_in_the_cleaned_text():
    assert read("call {{PHONE|0\u200b24}}, {{NAME|Ama}}") == Labelled(
        "call 0\u200b24, Ama", [Label(5, 8, "PHONE"), Label(10, 13, "NAME")], ()
    )
    with pytest.raises(ValueError, match="wrong label"):
        read("{{PHONES|024}}")


def test_what_was_sanitised_holds_nothing_more():
    """Twice is the same as once: what is stored can be sent again."""
    for one in texts("tune"):
        clean = sanitise(one.text, one.known)[0].replace("⟦", "[").replace("⟧", "]")
        assert sanitise(clean) == (clean, {})
