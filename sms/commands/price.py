"""PRICE rice, PRICE rice brikama: what people pay, there and at other places."""

from __future__ import annotations

from typing import Any, Final

from sms.ask import Ask, Reply, action
from sms.commands.goods import ask_which
from sms.commands.search import place_asked, price_near
from sms.texts_values import day_param
from trader_platform.market.queries_prices import near

FEW: Final = 2
PER_PAGE: Final = 3
NEIGHBOUR: Final = "+221"


def price(ask: Ask) -> Reply | None:
    """The price of a product; None where the words after PRICE name none."""
    words = ask.parsed.words
    if not words:
        return Reply("price.bare")
    reading = ask.reading(words)
    product = reading.product.sure
    if product is None:
        return ask_which(ask, reading.product, "price", place=reading.place.sure)
    asked = place_asked(reading, product, "price", len(words.split()))
    return asked or shown(ask, product, reading.place.sure)


def follow(ask: Ask, values: dict[str, Any]) -> Reply:
    """What a digit or MORE of a price does."""
    if "page" in values:
        return elsewhere(ask, values["product"], values.get("place"), values["page"])
    return shown(ask, values["product"], values.get("place"))


def shown(ask: Ask, product: int, place: int | None) -> Reply:
    """What most pay at a place; by the kilogram around it where nobody told a price there."""
    market = place or ask.market
    found = price_near(ask, product, market)
    if found is None:
        return elsewhere(ask, product, market, 0)
    others = near(ask.db, ask.catalog, product, found.market)[1:]
    more = action("price", product=product, place=found.market, page=0) if others else None
    params = {
        "product": product,
        "unit": found.unit,
        "market": found.market,
        "low": found.low,
        "high": found.high,
        "usual": found.usual,
        "n": found.reports,
        "date": day_param(found.seen_on, ask.today),
        "more": more is not None,
    }
    kind = "price.answer"
    if found.reports <= FEW:
        kind = "price.few"
    elif ask.phone is not None and ask.phone.e164.startswith(NEIGHBOUR):
        kind = "price.answer.cfa"
    return Reply(kind, params, more=more, over=more is None)


def elsewhere(ask: Ask, product: int, market: int | None, page: int) -> Reply:
    """A kilogram at the places around, the nearest first."""
    places = near(ask.db, ask.catalog, product, market or 0)
    first = page * PER_PAGE
    rows = [{"market": x.market, "usual": x.usual} for x in places[first : first + PER_PAGE]]
    if not rows:
        return Reply("more.end") if page else Reply("price.none", {"product": product})
    more = None
    if places[first + PER_PAGE :]:
        more = action("price", product=product, place=market, page=page + 1)
    params = {"product": product, "rows": rows, "more": more is not None}
    return Reply("price.near", params, more=more, over=more is None)
