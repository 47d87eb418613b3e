"""The longest of everything: caps of the placeholders, and a context that fills screens to them."""

from __future__ import annotations

from datetime import date, datetime
from string import Formatter
from typing import Final

from trader_platform.core import i18n
from ussd.context import Context

# Septets; a pack whose short names are longer is refused when it is loaded.
CAPS: Final = {
    "service": 12,
    "dial": 12,
    "name": 12,
    "market": 14,
    "council": 12,
    "goods": 14,
    "product": 14,
    "unit": 10,
    "units": 11,
    "qty": 5,
    "price": 7,
    "low": 7,
    "usual": 7,
    "high": 7,
    "cfa": 7,
    "amount": 10,
    "due": 7,
    "date": 10,
    "date2": 10,
    "day": 9,
    "time": 5,
    "n": 4,
    "m": 4,
    "minutes": 2,
    "stall": 6,
    "phone": 13,
    "word": 12,
    "state": 22,
    "language": 8,
    "fee": 7,
    "told": 10,
    "number": 5,
    "first": 1,
    "second": 1,
    "last": 2,
    "digit": 2,
}


def longest(name: str) -> str:
    """A value of exactly the cap's length."""
    return "W" * CAPS[name]


class WorstContext(Context):
    """Every name, amount and date is as long as it may be."""

    def say(self, message: str, /, **values: object) -> str:
        """The message with each placeholder at its cap."""
        names = {field for _, field, _, _ in Formatter().parse(message) if field}
        filled = {name: longest(name) for name in names}
        return i18n.say(self.language, message, **filled)

    def money(self, amount_minor: int) -> str:
        return longest("amount")

    def price(self, price_minor: int) -> str:
        return longest("price")

    def date(self, day: date) -> str:
        return longest("date")

    def product(self, product_id: int) -> str:
        return longest("product")

    def place(self, market_id: int | None) -> str:
        return longest("market")

    def unit(self, unit_id: int) -> str:
        return longest("unit")

    def units(self, unit_id: int, count: int) -> str:
        return longest("units")

    def goods(self, goods_class_id: int) -> str:
        return longest("goods")

    def first_name(self, name: str | None) -> str:
        return longest("name")

    def hour(self, at: datetime) -> str:
        return longest("time")
