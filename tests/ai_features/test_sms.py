"""SMS by hand, after 3GPP TS 23.038 (alphabet, extension table) and 23.040 (parts of 153 and 67)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_features.facts import sms
from ai_features.facts.sms import Size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Size("GSM-7", 0, 1)),
        ("Hello", Size("GSM-7", 5, 1)),
        ("a" * 160, Size("GSM-7", 160, 1)),
        ("a" * 161, Size("GSM-7", 161, 2)),
        ("a" * 306, Size("GSM-7", 306, 2)),  # 2 × 153
        ("a" * 307, Size("GSM-7", 307, 3)),
        ("a" * 459, Size("GSM-7", 459, 3)),
        ("a" * 460, Size("GSM-7", 460, 4)),
        ("é à è ù ì ò Ç ñ ü £ ¥ § ¿ Δ Ω", Size("GSM-7", 29, 1)),  # all in the basic table
        ("€", Size("GSM-7", 2, 1)),
        ("[x] {y} ~ ^ \\ |", Size("GSM-7", 23, 1)),  # 15 characters, 8 of them escaped
        ("€" * 80, Size("GSM-7", 160, 1)),
        ("€" * 81, Size("GSM-7", 162, 2)),
        # The € does not fit at 153 of the first part and goes to the second: 152 + (2 + 151) + 1.
        ("a" * 152 + "€" + "a" * 152, Size("GSM-7", 306, 3)),
        ("a" * 153 + "€" + "a" * 151, Size("GSM-7", 306, 2)),
        ("`", Size("UCS-2", 1, 1)),  # the one printable sign of ASCII that GSM-7 lacks
        ("ç", Size("UCS-2", 1, 1)),  # only the capital is in the table
        ("Yɛsrɛ wo", Size("UCS-2", 8, 1)),
        ("ɛ" * 70, Size("UCS-2", 70, 1)),
        ("ɔ" * 71, Size("UCS-2", 71, 2)),
        ("ɔ" * 134, Size("UCS-2", 134, 2)),  # 2 × 67
        ("ɔ" * 135, Size("UCS-2", 135, 3)),
        ("😀", Size("UCS-2", 2, 1)),
        ("😀" * 35, Size("UCS-2", 70, 1)),
        ("😀" * 36, Size("UCS-2", 72, 2)),  # 33 fit into 67 units, 3 are left
        ("😀" * 67, Size("UCS-2", 134, 3)),  # 33 + 33 + 1: the middle of one can't be cut
        ("₵", Size("UCS-2", 1, 1)),
    ],
)
def test_by_hand(text, size):
    assert sms.size(text) == size


def test_the_tables_are_those_of_the_standard():
    assert len(sms.BASIC) == 127  # 128 places, one of them the escape
    assert sorted(sms.EXTENDED) == sorted("\f^{}\\[~]|€")
    assert not sms.BASIC & sms.EXTENDED


def test_typographic_signs_do_not_cost_a_second_sms():
    text = "It\u2019s \u201cdue\u201d \u2013 pay\u2026 ça fête"

    assert sms.plain(text) == 'It\'s "due" - pay... ca fete'
    assert sms.size(sms.plain(text)).encoding == "GSM-7"
    assert sms.plain("Yɛsrɛ wo, tua ɔ") == "Yɛsrɛ wo, tua ɔ"


@settings(max_examples=60, deadline=None)
@given(before=st.text("ab€ɛ😀", max_size=170), name=st.text("Ko€ɔ😀~", min_size=1, max_size=80))
def test_a_shape_counts_as_much_as_the_text_it_stands_for(before, name):
    counted = sms.fill(f"{before}⟦C01⟧ {before}", {"⟦C01⟧": sms.shape(name)})

    assert sms.size(counted) == sms.size(f"{before}{name} {before}")


def test_a_shape_tells_nothing_else():
    assert sms.shape("Ama €5 ɛ😀") == [[0, 4], [1, 1], [0, 2], [2, 1], [3, 1]]
