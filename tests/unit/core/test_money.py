"""Money is typed in many ways and shown in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_platform.core.money import Currency, Money, parse, show, whole

DALASI = Currency("GMD", "D")
FRANC = Currency("XOF", "CFA", digits=0, mark_first=False)


@pytest.mark.parametrize(
    ("minor", "shown"),
    [(2500, "D25"), (125050, "D1,250.50"), (5, "D0.05"), (18500050, "D185,000.50"), (-100, "-D1")],
)
def test_shown(minor: int, shown: str) -> None:
    assert str(Money(minor, DALASI)) == shown


def test_a_currency_without_small_coins_stands_before_its_mark() -> None:
    assert show(125000, FRANC) == "125,000 CFA"


def test_prices_drop_small_coins_from_a_thousand_on() -> None:
    assert show(99950, DALASI, exact=False) == "D999.50"
    assert show(125050, DALASI, exact=False) == "D1,251"


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("1500", 150000),
        ("1,500", 150000),
        ("1 500", 150000),
        ("D1500", 150000),
        ("d 1,500", 150000),
        ("1500.50", 150050),
        ("1500.5", 150050),
        ("25 dalasi", 2500),
        ("GMD25", 2500),
        ("0.25", 25),
    ],
)
def test_typed(typed: str, minor: int) -> None:
    assert parse(typed, DALASI) == minor


@pytest.mark.parametrize(
    "typed", ["", "0", "-5", "1,50", "1.505", "abc", "1e3", "99999999", "1500..5", "٣", "D", "1*5"]
)
def test_not_an_amount(typed: str) -> None:
    assert parse(typed, DALASI) is None


def test_small_coins_of_a_currency_that_has_none() -> None:
    assert parse("25.5", FRANC) is None
    assert parse("25.00", FRANC) == 25


@given(st.integers(min_value=1, max_value=999_999_999))
def test_what_is_shown_can_be_typed(minor: int) -> None:
    assert parse(show(minor, DALASI), DALASI) == minor


@pytest.mark.parametrize(
    ("typed", "count"),
    [("20", 20), ("1,250", 1250), ("0", None), ("1.5", None), ("²", None), ("9" * 12, None)],
)
def test_counts(typed: str, count: int | None) -> None:
    assert whole(typed, limit=9999) == count
