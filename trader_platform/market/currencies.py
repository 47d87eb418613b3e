"""A neighbour's money beside ours, at a rate that a source dates; without one nothing is said."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from trader_platform.core.money import Currency, Money
from trader_platform.market.catalog import Catalog


def in_second_currency(catalog: Catalog, amount_minor: int) -> Money | None:
    """An amount of ours in the neighbour's money, halves rounded up; None without a dated rate."""
    second = catalog.settings.get("second_currency") or {}
    if not second.get("rate") or not second.get("rate_date"):
        return None
    theirs = Currency(
        second["code"],
        second["mark"],
        second.get("minor_digits", 0),
        second.get("mark_before", False),
    )
    rate = Decimal(str(second["rate"]))
    exact = Decimal(amount_minor) / catalog.currency.unit * rate * theirs.unit
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), theirs)
