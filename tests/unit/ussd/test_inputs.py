"""What counts as a typed number, amount or name."""

from __future__ import annotations

import pytest

from trader_platform.core.gsm import septets
from trader_platform.core.money import Currency, show
from trader_platform.market.types import MOST_AMOUNT, most_price
from ussd import inputs

GMD = Currency("GMD", "D")
CFA = Currency("XOF", "CFA", 0, mark_first=False)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("1500", 150_000),
        ("1,500", 150_000),
        ("D1500", 150_000),
        ("1500.50", 150_050),
        ("99999", 9_999_900),
        ("99999.01", None),
        ("100000", None),
        ("0", None),
        ("", None),
        ("onion", None),
    ],
)
def test_a_price_of_one(typed: str, minor: int | None) -> None:
    assert inputs.price(typed, GMD) == minor


def test_a_limit_counts_digits_not_dalasi() -> None:
    assert inputs.price("300000", CFA) == 300_000
    assert inputs.price("9999999", CFA) == 9_999_999
    assert inputs.price("10000000", CFA) is None
    assert inputs.price("12.50", CFA) is None


@pytest.mark.parametrize("currency", [GMD, CFA])
def test_the_highest_price_and_amount_stay_short(currency: Currency) -> None:
    mark = len(currency.mark) + (not currency.mark_first)
    assert (septets(show(most_price(currency), currency, exact=False)) or 99) <= 9 + mark
    assert (septets(show(MOST_AMOUNT, currency)) or 99) <= 12 + mark
    assert len(show(most_price(GMD), GMD, exact=False)) == 7


def test_so_many_at_that_price_must_be_sayable() -> None:
    assert inputs.price("99999", GMD, quantity=100) == 9_999_900
    assert inputs.price("99999", GMD, quantity=9_999) is None


@pytest.mark.parametrize(
    ("typed", "count"),
    [("20", 20), ("9,999", 9_999), ("10000", None), ("0", None), ("-1", None), ("1.5", None)],
)
def test_how_many(typed: str, count: int | None) -> None:
    assert inputs.quantity(typed) == count


def test_how_many_of_what_is_left() -> None:
    assert inputs.quantity("8", most=8) == 8
    assert inputs.quantity("9", most=8) is None


def test_money_taken() -> None:
    assert inputs.amount("9999999.99", GMD) == MOST_AMOUNT
    assert inputs.amount("10000000", GMD) is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Awa", "Awa"),
        ("  awa   jallow ", "awa jallow"),
        ("N'Dèye-Fatou", "N'Dèye-Fatou"),
        ("Aji M. Ceesay", "Aji M. Ceesay"),
        ("فاطمة", "فاطمة"),
        ("A", None),
        ("3012345", None),
        ("Awa2", None),
        ("<b>Awa</b>", None),
        ("Awa\0Jallow", None),
        ("...", None),
        ("a" * 61, None),
    ],
)
def test_a_name_has_letters(typed: str, name: str | None) -> None:
    assert inputs.name(typed) == name


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("swet potatoes", "swet potatoe"),
        ("  xyz\n1 Press ", "xyz 1 Press"),
        ("{a}[b]~", "a b"),
        ("🍅", ""),
        ("ŋaŋa", "nganga"),
        ("word " * 100, "word word wo"),
    ],
)
def test_an_echo_cannot_break_a_screen(typed: str, shown: str) -> None:
    assert inputs.echo(typed) == shown
