"""Every wrong sign and every swap is found; what people type is read."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_platform.payments.codes import (
    LENGTH,
    SIGNS,
    Slip,
    check_sign,
    make_code,
    read_code,
    show_code,
)

CODE = "7KQ2M9X" + check_sign("7KQ2M9X")
codes = st.text(SIGNS, min_size=7, max_size=7).map(lambda seven: seven + check_sign(seven))


def is_code(typed: str) -> bool:
    try:
        read_code(typed)
    except Slip:
        return False
    return True


def test_29_signs_that_nobody_mistakes() -> None:
    assert len(set(SIGNS)) == 29
    assert set("0O1ILUS").isdisjoint(SIGNS)


@given(codes)
def test_every_wrong_sign_is_found(code: str) -> None:
    for at, sign in itertools.product(range(LENGTH), SIGNS):
        if sign != code[at]:
            assert not is_code(code[:at] + sign + code[at + 1 :])


@given(codes)
def test_every_swap_of_two_signs_is_found(code: str) -> None:
    for one, other in itertools.combinations(range(LENGTH), 2):
        if code[one] != code[other]:
            signs = list(code)
            signs[one], signs[other] = signs[other], signs[one]
            assert not is_code("".join(signs))


def test_new_codes_are_codes_and_differ() -> None:
    made = {make_code() for _ in range(2000)}
    assert len(made) >= 1999  # one run in nine thousand draws one twice
    assert all(is_code(code) for code in made)
    # Not in sequence: neighbours share no beginning more often than chance.
    assert len({code[0] for code in made}) == len(SIGNS)


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), show_code(CODE), f" {CODE[:4]}-{CODE[4:]}."])
def test_typed_in_any_way(typed: str) -> None:
    assert read_code(typed) == CODE


@pytest.mark.parametrize("typed", ["", "7KQ2", CODE + "2", "7KQ2 M9XO", "ŋ" * 8, "\x00" * 8])
def test_no_code(typed: str) -> None:
    with pytest.raises(Slip):
        read_code(typed)


def test_shown_in_two_halves() -> None:
    assert show_code("7KQ2M9XD") == "7KQ2 M9XD"
