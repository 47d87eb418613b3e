"""CALL 2: the buyer's number goes to that one seller, once."""

from __future__ import annotations

from typing import Any

from sms.ask import Ask, Reply
from trader_platform.market.queries_listings import Offer, find_offer
from trader_platform.market.service_calls import (
    MOST_A_DAY,
    AskCall,
    TooManyCalls,
    Unreachable,
    ask_call,
)
from trader_platform.market.types import ListingGone


def call(ask: Ask) -> Reply:
    """Ask one seller of the last list to call; her own setting may let the buyer call instead."""
    calls = ask.list.offers["calls"] if ask.list else ()
    if not calls:
        return Reply("more.nothing")
    number = ask.parsed.number
    if number is None:
        return Reply("call.which")
    if not 1 <= number <= len(calls):
        return Reply("number.range", {"n": len(calls), "more": False})
    if not ask.served:
        return Reply("foreign")
    offer = find_offer(ask.read, calls[number - 1], ask.now)
    if offer is None or offer.trader == ask.trader_id:
        return _gone(offer)
    goods = {"product": offer.product, "unit": offer.unit, "price": offer.price_minor}
    if offer.number_shown == "all":
        return Reply("call.open", {"person": offer.person, **goods})
    return _asked(ask, offer, goods)


def _asked(ask: Ask, offer: Offer, goods: dict[str, Any]) -> Reply:
    command = AskCall(
        contact=ask.texter.contact_id,
        listing=offer.id,
        market=ask.market,
        zone=ask.catalog.zone,
        pack=ask.catalog.pack_id,
        channel="sms",
    )
    try:
        ask_call(ask.session, command, by=ask.by)
    except TooManyCalls:
        return Reply("call.full", {"n": MOST_A_DAY})
    except (ListingGone, Unreachable):
        return _gone(offer)
    return Reply("call.done", {"person": offer.person, **goods})


def _gone(offer: Offer | None) -> Reply:
    return Reply("call.none", {"product": offer.product if offer else None})
