"""One subscriber has one key, whichever form the gateway sends."""

from __future__ import annotations

import pytest

from trader_platform.core import phone


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("+2203012345", "+220833012345"),
        ("+2207012345", "+220877012345"),
        ("+2202012345", "+220872012345"),
        ("+2206612345", "+220866612345"),
        ("+2209912345", "+220899912345"),
    ],
)
def test_seven_and_nine_digits_are_one_subscriber(old: str, new: str) -> None:
    first, second = phone.parse(old), phone.parse(new)
    assert first is not None
    assert second is not None
    assert first.key == second.key == old
    assert second.e164 == new


@pytest.mark.parametrize("raw", ["3012345", " 2203012345", "2203012345", "+220 301 2345"])
def test_forms_that_gateways_and_people_send(raw: str) -> None:
    found = phone.parse(raw)
    assert found is not None
    assert found.e164 == "+2203012345"


@pytest.mark.parametrize("raw", ["+221771234567", "+254711000001", "+233246912184"])
def test_other_countries_keep_their_number(raw: str) -> None:
    found = phone.parse(raw)
    assert found is not None
    assert found.key == found.e164 == raw


@pytest.mark.parametrize(
    "raw", ["", "abc", "+22030", "+220" + "9" * 30, "😀", "+999123456789", "12"]
)
def test_what_cannot_be_a_phone(raw: str) -> None:
    assert phone.parse(raw) is None


def test_a_phone_does_not_show_itself_in_logs() -> None:
    found = phone.parse("+2203012345")
    assert "3012345" not in repr(found)
