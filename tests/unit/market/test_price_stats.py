"""Which price reports count, and what a set of them says."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_platform.market import price_stats as stats

PRICES = st.integers(1, 10_000_000)
STEADY = [1000, 1020, 980, 1010, 990, 1000, 1030, 970]


@given(st.lists(PRICES, min_size=2, max_size=60))
def test_quartiles_are_those_of_the_standard_library(prices: list[int]) -> None:
    found = stats.describe(prices)
    expected = statistics.quantiles(prices, n=4, method="inclusive")
    for ours, theirs in zip(
        (found.first_quartile, found.median, found.third_quartile), expected, strict=True
    ):
        assert abs(ours - theirs) <= 0.5
    assert (found.low, found.high, found.reports) == (min(prices), max(prices), len(prices))


@given(st.lists(PRICES, min_size=1, max_size=60))
def test_the_figures_stand_in_order(prices: list[int]) -> None:
    s = stats.describe(prices)
    assert s.low <= s.first_quartile <= s.median <= s.third_quartile <= s.high


def test_one_report_is_its_own_quartiles() -> None:
    assert stats.describe([75]) == stats.Stats(1, 75, 75, 75, 75, 75)


def test_halves_are_rounded_up() -> None:
    assert stats.median([10, 11]) == 11
    assert stats.describe([10, 20, 30, 41]).third_quartile == 33


def test_nothing_cannot_be_described() -> None:
    with pytest.raises(ValueError, match="no price"):
        stats.describe([])
    with pytest.raises(ValueError, match="no price"):
        stats.weighted_median([])


@given(st.lists(st.tuples(PRICES, st.integers(1, 9)), min_size=1, max_size=20))
def test_a_weighted_median_is_that_of_the_reports_written_out(pairs: list[tuple[int, int]]) -> None:
    written_out = [price for price, weight in pairs for _ in range(weight)]
    assert stats.weighted_median(pairs) == statistics.median_low(written_out)


@pytest.mark.parametrize(
    ("price", "grams", "kilo"),
    [(25_000, 50_000, 500), (500, 1000, 500), (251, 500, 502), (1, 3, 333), (999, None, None)],
)
def test_a_price_of_any_weight_becomes_one_of_a_kilo(
    price: int, grams: int | None, kilo: int | None
) -> None:
    assert stats.per_kilo(price, grams) == kilo


def test_a_unit_that_the_product_is_not_sold_by_is_held() -> None:
    assert stats.judge(1000, 7, {1, 2}, []) == stats.Judged("unit")
    assert stats.judge(1000, 2, {1, 2}, []).state == "counted"


@pytest.mark.parametrize("price", [4, 10_000_001])
def test_a_price_that_nothing_has_is_held(price: int) -> None:
    judged = stats.judge(price, 1, {1}, [])
    assert (judged.state, judged.held_for) == ("held", "range")


def test_eight_reports_are_needed_before_one_is_called_far() -> None:
    assert stats.judge(9000, 1, {1}, STEADY[:7]).state == "counted"
    assert stats.judge(9000, 1, {1}, STEADY).held_for == "distance"
    assert stats.judge(110, 1, {1}, STEADY).held_for == "distance"


def test_a_tenth_more_is_never_far_even_where_all_agree() -> None:
    assert stats.judge(1099, 1, {1}, [1000] * 20).state == "counted"
    assert stats.judge(1101, 1, {1}, [1000] * 20).held_for == "distance"


@given(st.integers(50, 100_000), st.integers(2, 9))
def test_so_many_times_more_is_as_far_as_so_many_times_less(price: int, times: int) -> None:
    history = [price * times] * 10
    far = stats.distance(price, history)
    assert far == pytest.approx(stats.distance(price * times * times, history))


def test_a_few_wild_reports_do_not_move_what_is_far() -> None:
    assert stats.judge(9000, 1, {1}, [*STEADY, 9000, 9100, 9050]).held_for == "distance"
