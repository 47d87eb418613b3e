"""A bare word: who sells it, the near ones first; and what is said where that is not sure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sms.ask import Ask, Reply, action
from sms.commands import lumo
from sms.commands.goods import ask_which
from sms.texts_values import day_param
from trader_platform.market.queries_listings import Cursor, Offer, find_offer, list_offers
from trader_platform.market.queries_prices import Price, near, summary
from trader_platform.market.queries_stalls import stall_of_trader
from trader_platform.market.reading import Reading

PER_PAGE: Final = 3
# An older price is told with its day (search.none), not as what people pay now.
STILL_PAID: Final = timedelta(weeks=8)
MOST_WORDS_WITH_PLACE: Final = 4


def search(ask: Ask, words: str | None = None) -> Reply | None:
    """Answer words that ask for goods or a place; None where they ask nothing we know."""
    said = ask.parsed.words if words is None else words
    reading = ask.reading(said)
    if not reading.asks:
        return None
    place = reading.place.sure
    product = reading.product.sure
    if product is None:
        asked = ask_which(ask, reading.product, "search", place=place)
        return asked or _place_only(ask, reading)
    if reading.second_product is not None:
        return _two(product, reading.second_product, place)
    return place_asked(reading, product, "search", len(said.split())) or sellers(
        ask, product, place
    )


def _place_only(ask: Ask, reading: Reading) -> Reply | None:
    place = ask.catalog.markets.get(reading.place.sure or 0)
    return lumo.of_place(ask, place) if place is not None and place.kind == "lumo" else None


def _two(product: int, other: int, place: int | None) -> Reply:
    digits = (
        action("search", product=product, place=place),
        action("search", product=other, place=place),
    )
    return Reply("search.two", {"product": product, "product2": other}, digits)


def place_asked(reading: Reading, product: int, then: str, words: int) -> Reply | None:
    """Ask which place is meant, where one was typed that we are not sure of."""
    if reading.place.sure is not None:
        return None
    word = " ".join(reading.unknown)
    if reading.place.choices:
        rows = [{"market": market} for market in reading.place.choices]
        digits = tuple(
            action(then, product=product, place=market) for market in reading.place.choices
        )
        return Reply("search.place", {"product": product, "word": word, "rows": rows}, digits)
    if len(reading.unknown) == 1 and words <= MOST_WORDS_WITH_PLACE:
        return Reply("search.place.none", {"product": product, "word": word})
    return None


def sellers(
    ask: Ask,
    product: int,
    place: int | None = None,
    *,
    after: Cursor | None = None,
) -> Reply:
    """A page of who sells a product, near a named place or hers."""
    market = place or ask.market
    offers = list_offers(ask.read, product, market, ask.now, limit=PER_PAGE + 1, after=after)
    if not offers:
        return Reply("more.end") if after else _nobody(ask, product, market)
    page, rest = offers[:PER_PAGE], offers[PER_PAGE:]
    units = {offer.unit for offer in page}
    params: dict[str, Any] = {"product": product, "rows": [_row(x) for x in page]}
    if len(units) == 1:
        params["unit"] = page[0].unit
    more = None
    if rest:
        more = action("search", product=product, place=place, after=_kept(page[-1].cursor))
    digits = tuple(action("seller", listing=offer.id, n=n) for n, offer in enumerate(page, 1))
    calls = tuple(offer.id for offer in page)
    if place is not None and after is None and page[0].market != place:
        return Reply("search.far", {**params, "market": place}, digits, more, calls)
    params |= {"more": bool(rest), "usual": _usual(ask, page[0])}
    return Reply("search.sellers", params, digits, more, calls)


def follow(ask: Ask, values: dict[str, Any]) -> Reply:
    """What a digit or MORE of a search does."""
    after = values.get("after")
    cursor = Cursor(after[0], datetime.fromisoformat(after[1]), after[2]) if after else None
    return sellers(ask, values["product"], values.get("place"), after=cursor)


def one_seller(ask: Ask, values: dict[str, Any]) -> Reply:
    """One of a list: her stall, and how she can be reached."""
    offer = find_offer(ask.read, values["listing"], ask.now)
    if offer is None:
        return Reply("call.none", {"product": values.get("product")})
    stall = stall_of_trader(ask.read, offer.trader)
    params = {
        **_row(offer),
        "product": offer.product,
        "person": offer.person,
        "stall": stall.number if stall and stall.market_id == offer.market else None,
    }
    if offer.number_shown == "all":
        return Reply("search.seller.open", params)
    return Reply("search.seller", {**params, "n": values["n"]})


def _row(offer: Offer) -> dict[str, Any]:
    return {
        "market": offer.market,
        "qty": offer.quantity,
        "unit": offer.unit,
        "price": offer.price_minor,
    }


def _kept(cursor: Cursor) -> list[Any]:
    return [cursor.market, cursor.expires_at.isoformat(), cursor.listing]


def _usual(ask: Ask, offer: Offer) -> int | None:
    """What most pay at the nearest seller's market, where that is known by her measure."""
    price = summary(ask.db, offer.market, offer.product, ask.today)
    if price is None or price.unit != offer.unit or price.wholesale:
        return None
    return price.usual if ask.today - price.seen_on <= STILL_PAID else None


def _nobody(ask: Ask, product: int, market: int | None) -> Reply:
    price = price_near(ask, product, market)
    if price is None:
        return Reply("search.none.blank", {"product": product, "market": market})
    return Reply(
        "search.none",
        {
            "product": product,
            "market": price.market,
            "n": price.reports,
            "date": day_param(price.seen_on, ask.today),
            "unit": price.unit,
            "usual": price.usual,
        },
    )


def price_near(ask: Ask, product: int, market: int | None) -> Price | None:
    """What a product costs at a market; where none is named, at the first that has a price."""
    if market is not None:
        return summary(ask.db, market, product, ask.today)
    places = near(ask.db, ask.catalog, product, 0)
    return summary(ask.db, places[0].market, product, ask.today) if places else None
