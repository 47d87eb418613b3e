"""Which price reports count, and what a set of them says: pure, whole minor units throughout.

Quartiles are linear between the ranks, ends included: type 7 of Hyndman and Fan, the
``method="inclusive"`` of ``statistics.quantiles`` and the default of R and of spreadsheets. So low
and high are real reports, and one report is its own quartiles.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

# In minor units, for any goods and any currency: five bututs to D100,000, five to ten million CFA.
LOWEST_MINOR: Final = 5
HIGHEST_MINOR: Final = 10_000_000
# A history that is shorter says nothing about what is far from it.
ENOUGH_HISTORY: Final = 8
# Limit of the modified z-score (Iglewicz and Hoaglin 1993).
FAR: Final = 3.5
# Prices that all agree have no spread; a tenth up or down is never far.
LEAST_SPREAD: Final = math.log(1.1) / FAR
# The share of a normal distribution that makes a MAD comparable with a standard deviation.
NORMAL_MAD: Final = 0.6745

UNIT: Final = "unit"
RANGE: Final = "range"
DISTANCE: Final = "distance"


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a report counts; else ``held_for`` is ``unit``, ``range`` or ``distance``."""

    held_for: str | None = None

    @property
    def state(self) -> str:
        """``counted`` or ``held``."""
        return "held" if self.held_for else "counted"


@dataclass(frozen=True, slots=True)
class Stats:
    """What reports of one kind say, in minor units of one unit."""

    reports: int
    low: int
    first_quartile: int
    median: int
    third_quartile: int
    high: int


def judge(price_minor: int, unit_id: int, units: Collection[int], history: Sequence[int]) -> Judged:
    """Pass a report through the filters, the cheapest first; the first that refuses names itself.

    ``units`` are those known for the product; ``history`` are earlier counted prices of the same
    product and unit.
    """
    if unit_id not in units:
        return Judged(UNIT)
    if not LOWEST_MINOR <= price_minor <= HIGHEST_MINOR:
        return Judged(RANGE)
    if len(history) >= ENOUGH_HISTORY and distance(price_minor, history) > FAR:
        return Judged(DISTANCE)
    return Judged()


def distance(price_minor: int, history: Sequence[int]) -> float:
    """How far a price lies from earlier ones: the modified z-score of its logarithm.

    Logarithms, because half the price and double the price are equally far.
    """
    logs = sorted(math.log(price) for price in history)
    middle = _middle(logs)
    spread = _middle(sorted(abs(each - middle) for each in logs)) / NORMAL_MAD
    return abs(math.log(price_minor) - middle) / max(spread, LEAST_SPREAD)


def describe(prices: Iterable[int]) -> Stats:
    """Low, quartiles and high of one or more prices; raises ValueError where there is none."""
    ranked = sorted(prices)
    if not ranked:
        raise ValueError("no price to describe")
    return Stats(
        len(ranked),
        ranked[0],
        _quartile(ranked, 1),
        _quartile(ranked, 2),
        _quartile(ranked, 3),
        ranked[-1],
    )


def median(prices: Iterable[int]) -> int:
    """The middle price, halves rounded up."""
    return _quartile(sorted(prices), 2)


def weighted_median(prices: Iterable[tuple[int, int]]) -> int:
    """The middle of (price, how many reports say so); the lower one of two middles."""
    ranked = sorted(prices)
    half = sum(weight for _, weight in ranked) / 2
    passed = 0
    for price, weight in ranked:
        passed += weight
        if passed >= half:
            return price
    raise ValueError("no price to describe")


def per_kilo(price_minor: int, grams: int | None) -> int | None:
    """The price of one kilogram, halves rounded up; None is "not comparable": nobody weighed it."""
    return (price_minor * 2000 + grams) // (2 * grams) if grams else None


def _quartile(ranked: Sequence[int], which: int) -> int:
    """Quarter ``which`` of sorted prices in whole arithmetic, halves rounded up."""
    at, quarters = divmod(which * (len(ranked) - 1), 4)
    if not quarters:
        return ranked[at]
    four_times = ranked[at] * (4 - quarters) + ranked[at + 1] * quarters
    return (four_times + 2) // 4


def _middle(ranked: Sequence[float]) -> float:
    at, odd = divmod(len(ranked), 2)
    return ranked[at] if odd else (ranked[at - 1] + ranked[at]) / 2
