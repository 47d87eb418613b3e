"""The alphabet of phones, against the codec of an independent library."""

from __future__ import annotations

import gsm0338  # noqa: F401 - registers the codec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_platform.core import gsm


def test_the_tables_are_those_of_the_standard() -> None:
    for letter in gsm.BASIC:
        assert len(letter.encode("gsm03.38")) == 1, letter
    for letter in gsm.EXTENSION:
        assert len(letter.encode("gsm03.38")) == 2, letter
    assert len(gsm.BASIC) == 127  # 128 less ESC


@given(st.text(alphabet=sorted(gsm.BASIC | gsm.EXTENSION)))
def test_septets_are_what_the_codec_counts(text: str) -> None:
    assert gsm.septets(text) == len(text.encode("gsm03.38"))


@given(st.text())
def test_downgraded_text_is_plain_and_stays_as_it_is(text: str) -> None:
    plain = gsm.downgrade(text)
    assert gsm.is_plain(plain)
    assert gsm.downgrade(plain) == plain
    assert gsm.septets(plain) == len(plain)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("ŋaari", "ngaari"),
        ("ɓiraaɗam", "biraadam"),
        ("Français, ça", "Francais, ca"),
        ("cœur", "coeur"),
        ("n\u0303ebbe", "ñebbe"),
        ("‘yes’ – no…", "'yes' - no..."),
        ("a\u00a0b", "a b"),
        ("zero\u200bwidth", "zerowidth"),
        ("😀", "?"),
        ("50 €", "50 ?"),
    ],
)
def test_letters_outside_the_alphabet(written: str, shown: str) -> None:
    assert gsm.downgrade(written) == shown


def test_a_text_outside_the_alphabet_has_no_length() -> None:
    assert gsm.septets("ŋ") is None
    assert gsm.septets("[x]") == 5


def test_cut_counts_after_the_downgrade() -> None:
    assert gsm.cut("ŋŋŋ", 5) == "ngngn"
    assert gsm.cut("sweet potatoes", 6) == "sweet"
