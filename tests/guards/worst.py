"""The longest of everything: caps of the placeholders, and a context that fills screens to them."""

from __future__ import annotations

from datetime import date, datetime
from string import Formatter

from trader_platform.core import i18n
from trader_platform.core.caps import CAPS
from trader_platform.core.gsm import SCREEN_SEPTETS, downgrade
from ussd.context import Context


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

    def month(self, day: date) -> str:
        return longest("month")

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

    def fit(self, text: str) -> str:
        """An END that must be cut has lost its last words."""
        assert len(downgrade(text)) <= SCREEN_SEPTETS - 4, text
        return super().fit(text)


def always(language: str) -> type[WorstContext]:
    """The longest of everything in one language, whatever is chosen or does not fit.

    So a screen that would give way to English is sent too long, which the phone refuses.
    """

    class Always(WorstContext):
        @property  # type: ignore[override]
        def language(self) -> str:
            return language

        @language.setter
        def language(self, value: str) -> None:
            pass

    return Always
