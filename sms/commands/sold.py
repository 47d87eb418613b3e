"""SOLD onion: all that is left of her goods was sold, and back on sale by the digit it names."""

from __future__ import annotations

from typing import Any

from sms.ask import Ask, Reply, action
from sms.commands.goods import ask_which
from sms.commands.trader import refused
from trader_platform.core.errors import DomainError
from trader_platform.market import service_listings
from trader_platform.market.queries_listings import Goods, goods_of, goods_on_sale
from trader_platform.market.search import Match
from trader_platform.market.types import ListingOf

MOST_WORDS = 4
MOST_ROWS = 3


def sold(ask: Ask) -> Reply | None:
    """Record a sale; None where the words after SOLD are a letter to somebody."""
    words = ask.parsed.words
    if not words:
        return Reply("sold.bare")
    reading = ask.reading(words)
    match = reading.product
    if (match.sure is None and not match.choices) or len(words.split()) > MOST_WORDS:
        return None
    stopped = refused(ask)
    if stopped is not None:
        return stopped
    if reading.quantity is not None:
        # SOLD says that all is sold: a part is told on My goods, where the rest stays on sale.
        return Reply("sold.bare")
    mine = _hers(ask, match)
    if len(mine) == 1:
        return _sell_out(ask, mine[0])
    if mine:
        return _which(mine[:MOST_ROWS])
    if match.sure is not None:
        return Reply("sold.none", {"product": match.sure})
    return ask_which(ask, match, "sold.product")


def follow(ask: Ask, values: dict[str, Any]) -> Reply:
    """What a digit does: one listing, or whatever she has of a product."""
    stopped = refused(ask)
    if stopped is not None:
        return stopped
    if "listing" in values:
        goods = goods_of(ask.read, ask.trader_id or 0, values["listing"], ask.now)
        return _sell_out(ask, goods) if goods else Reply("sold.none", values)
    mine = _hers(ask, Match(sure=values["product"]))
    if len(mine) == 1:
        return _sell_out(ask, mine[0])
    return _which(mine[:MOST_ROWS]) if mine else Reply("sold.none", values)


def take_back(ask: Ask, values: dict[str, Any]) -> Reply:
    """2 after a sale: it counts no more, and the goods are on sale again."""
    command = ListingOf(ask.trader_id or 0, values["listing"], ask.catalog.zone, "sms")
    try:
        back = service_listings.put_back(ask.session, command, values["sale"], by=ask.by)
    except DomainError:
        return Reply("sold.none", {"product": values["product"]})
    return Reply(
        "sold.back",
        {
            "qty": back["quantity"],
            "unit": back["unit"],
            "product": back["product"],
            "price": back["price"],
        },
    )


def _hers(ask: Ask, match: Match) -> list[Goods]:
    """What she has on sale of the goods that a word may mean."""
    meant = {match.sure} if match.sure is not None else set(match.choices)
    on_sale = goods_on_sale(ask.read, ask.trader_id or 0, ask.now)
    return [goods for goods in on_sale if goods.product in meant]


def _which(mine: list[Goods]) -> Reply:
    rows = [{"unit": x.unit, "qty": x.quantity, "price": x.price_minor} for x in mine]
    digits = tuple(action("sold", listing=x.id, product=x.product) for x in mine)
    return Reply("sold.which", {"rows": rows}, digits)


def _sell_out(ask: Ask, goods: Goods) -> Reply:
    command = ListingOf(ask.trader_id or 0, goods.id, ask.catalog.zone, "sms")
    try:
        sale = service_listings.sell_out(ask.session, command, by=ask.by)
    except DomainError:
        return Reply("sold.none", {"product": goods.product})
    params = {
        "qty": sale["quantity"],
        "unit": sale["unit"],
        "product": sale["product"],
        "amount": sale["amount"],
    }
    back = action("sold.back", listing=goods.id, sale=sale["sale"], product=goods.product)
    return Reply("sold.done", params, (None, back))
