"""SELL onion 20 1500: goods on sale in one text, and back off sale by the digit it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sms.ask import Ask, Reply, action
from sms.commands.goods import ask_which
from sms.commands.trader import refused
from trader_platform.core import money
from trader_platform.core.errors import DomainError
from trader_platform.core.money import Currency
from trader_platform.market import service_listings
from trader_platform.market.queries_listings import (
    SameGoods,
    count_on_sale,
    is_far,
    others_ask,
    posted_before,
)
from trader_platform.market.types import (
    MOST_AMOUNT,
    MOST_QUANTITY,
    ListingGone,
    ListingOf,
    NotATrader,
    PostListing,
    TooManyListings,
    most_price,
)

MOST_UNITS: Final = 6
MOST_LOOSE_WORDS: Final = 5
# How money is named behind an amount.
NAMES_OF_MONEY: Final = frozenset({"dalasi", "dalasis"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What SELL said: how many and what one costs, and the words for the goods."""

    goods: str
    quantity: int
    price_minor: int


def sell(ask: Ask) -> Reply | None:
    """Put goods up for sale; None where the words after SELL are a letter to somebody."""
    typed = _typed(ask)
    if typed is None:
        return _example(ask)
    reading = ask.reading(typed.goods)
    if ask.parsed.long:
        return None
    if reading.unknown:  # a letter may hold goods and two numbers as well
        return _example(ask)
    stopped = refused(ask)
    if stopped is not None:
        return stopped
    product = reading.product.sure
    rest = {"qty": typed.quantity, "price": typed.price_minor, "unit": reading.unit}
    if product is None:
        asked = ask_which(ask, reading.product, "sell", **rest)
        return asked or Reply("sell.bad", understood=False)
    return follow(ask, {"product": product, **rest})


def follow(ask: Ask, values: dict[str, Any]) -> Reply:
    """Ask for what is still missing, then whether a strange price is right, then sell."""
    stopped = refused(ask)
    if stopped is not None:
        return stopped
    product = ask.catalog.products.get(values["product"])
    if product is None or not product.units:
        return Reply("sell.bad")
    unit = _unit(ask, product.id, values.get("unit"))
    if unit is None:
        return _ask_unit(product.id, product.units[:MOST_UNITS], values)
    market = ask.trader_market
    if market is None:
        return Reply("sell.place")
    price = values["price"]
    same = SameGoods(market, product.id, unit, ask.trader_id or 0)
    others = None if values.get("sure") else others_ask(ask.read, same, ask.now)
    if others is not None and is_far(others, price):
        again = action("sell", **{**values, "product": product.id, "unit": unit, "sure": True})
        params = {"usual": others.usual, "unit": unit, "product": product.id, "price": price}
        return Reply("sell.far", params, (again, action("sell.leave", product=product.id)))
    return _post(ask, market, product.id, unit, values)


def _post(ask: Ask, market: int, product: int, unit: int, values: dict[str, Any]) -> Reply:
    command = PostListing(
        trader=ask.trader_id or 0,
        market=market,
        product=product,
        unit=unit,
        quantity=values["qty"],
        price_minor=values["price"],
        zone=ask.catalog.zone,
        currency=ask.catalog.currency,
        channel="sms",
    )
    try:
        done = service_listings.post_listing(ask.session, command, by=ask.by)
    except TooManyListings:
        return Reply("sell.full", {"n": count_on_sale(ask.read, command.trader, ask.now)})
    except NotATrader:
        return Reply("not.joined")
    except DomainError:
        return Reply("sell.bad")
    params = {
        "date": done["expires_on"],
        "qty": done["quantity"],
        "unit": unit,
        "product": product,
        "price": done["price"],
    }
    back = action("sell.back", listing=done["listing"], product=product)
    return Reply("sell.done", params, (None, back))


def take_back(ask: Ask, values: dict[str, Any]) -> Reply:
    """2 after the goods came on sale: off again."""
    listing = ListingOf(ask.trader_id or 0, values["listing"], ask.catalog.zone, "sms")
    try:
        service_listings.stop(ask.session, listing, by=ask.by)
    except ListingGone:
        return Reply("sold.none", {"product": values["product"]})
    return Reply("sell.back", {"product": values["product"]})


def leave(_ask: Ask, values: dict[str, Any]) -> Reply:
    """2 after a strange price: nothing was on sale."""
    return Reply("sell.back", {"product": values["product"]})


def _example(ask: Ask) -> Reply | None:
    """How it is typed, to who seems to want to sell."""
    words = ask.parsed.words
    if not words or any(word.isdigit() for word in words.split()):
        return Reply("sell.bad")
    reading = ask.reading(words)
    meant = reading.product.sure or reading.product.choices
    return Reply("sell.bad") if meant and len(words.split()) <= MOST_LOOSE_WORDS else None


def _typed(ask: Ask) -> Typed | None:
    """How many, then the price of one; with a mark the price may stand anywhere."""
    goods: list[str] = []
    numbers: list[str] = []
    marked: list[str] = []
    currency = ask.catalog.currency
    for word in _with_marks(ask.parsed.words.split(), currency):
        if not any(letter.isdigit() for letter in word):
            goods.append(word)
        elif _is_number(word):
            numbers.append(word)
        elif money.parse(word, currency) is not None:
            marked.append(word)
        else:
            goods.append(word)
    if len(marked) > 1 or len(numbers) + len(marked) != 2 or not goods:
        return None
    typed = [*numbers, *marked]
    quantity = money.whole(typed[0], limit=MOST_QUANTITY)
    price = money.parse(typed[1], currency)
    if quantity is None or price is None or price > most_price(currency):
        return None
    return Typed(" ".join(goods), quantity, price) if quantity * price <= MOST_AMOUNT else None


def _with_marks(words: list[str], currency: Currency) -> list[str]:
    """Words, where a mark that stands apart is joined to its number: ``D 1500``, ``1500 dalasi``.

    One between two numbers is joined to both: two prices are no form, and nothing is guessed.
    """
    joined: list[str] = []
    mark = ""
    for word in words:
        lower = word.lower()
        said = lower in {currency.mark.lower(), currency.code.lower()}
        if said or lower in NAMES_OF_MONEY:
            mark = currency.mark if said else ""
            if joined and _is_number(joined[-1]):
                joined[-1] += currency.mark
        else:
            joined.append(mark + word if _is_number(word) else word)
            mark = ""
    return joined


def _is_number(word: str) -> bool:
    return word[0].isdigit() and word[-1].isdigit()


def _unit(ask: Ask, product: int, said: int | None) -> int | None:
    """The measure she named, else that of last time, else the only one."""
    units = ask.catalog.products[product].units
    if said is not None:
        return said if said in units else None
    for goods in posted_before(ask.read, ask.trader_id or 0):
        if goods.product == product and goods.unit in units:
            return goods.unit
    return units[0] if len(units) == 1 else None


def _ask_unit(product: int, units: tuple[int, ...], values: dict[str, Any]) -> Reply:
    rows = [{"unit": unit} for unit in units]
    digits = tuple(action("sell", **{**values, "product": product, "unit": unit}) for unit in units)
    return Reply("sell.unit", {"qty": values["qty"], "product": product, "rows": rows}, digits)
