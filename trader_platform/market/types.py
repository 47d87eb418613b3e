"""What may be asked of the market, in ids and whole numbers, and why it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trader_platform.core.errors import DomainError, NotFound
from trader_platform.core.money import Currency

MOST_OPEN: Final = 20
MOST_QUANTITY: Final = 9_999
# In digits of minor units, because a limit in dalasi would be none in francs. Seven digits are
# D99,999 or 9,999,999 CFA; nine fit a screen and the column.
PRICE_DIGITS: Final = 7
AMOUNT_DIGITS: Final = 9
MOST_AMOUNT: Final = 10**AMOUNT_DIGITS - 1


def most_price(currency: Currency) -> int:
    """The highest price of one unit, in minor units; still short when the minor part is dropped."""
    return int(10**PRICE_DIGITS) - currency.unit


class OverLimit(DomainError):
    """A quantity, price or amount is not from 1 to its limit."""

    code = "over_limit"


class UnknownMarket(DomainError):
    """There is no such place to sell at."""

    code = "unknown_market"


class UnknownGoods(DomainError):
    """The product is not known or not sold any more, or not by this unit."""

    code = "unknown_goods"


class NotATrader(DomainError):
    """Who asks does not sell here (left, or never joined)."""

    code = "not_a_trader"


class TooManyListings(DomainError):
    """She has as many goods on sale as one may have."""

    code = "too_many_listings"


class ListingGone(NotFound):
    """The listing is not hers, or was sold, stopped, changed or has expired meanwhile."""

    code = "listing_gone"


class SaleGone(NotFound):
    """The sale is not hers, or was taken out."""

    code = "sale_gone"


@dataclass(frozen=True, slots=True)
class PostListing:
    """Goods to put up for sale; ``zone`` says when the market day ends."""

    trader: int
    market: int
    product: int
    unit: int
    quantity: int
    price_minor: int
    zone: str
    currency: Currency
    channel: str = "ussd"


@dataclass(frozen=True, slots=True)
class ListingOf:
    """One listing, named by the trader who says it is hers; ``zone`` dates what is sold."""

    trader: int
    listing: int
    zone: str = "UTC"
    channel: str = "ussd"


@dataclass(frozen=True, slots=True)
class SaleOf:
    """One recorded sale, named by the trader who says it is hers."""

    trader: int
    sale: int


@dataclass(frozen=True, slots=True)
class RecordSale:
    """A sale without a listing: what was taken for a product today."""

    trader: int
    market: int | None
    product: int
    amount_minor: int
    zone: str
    currency: Currency
    channel: str = "ussd"
