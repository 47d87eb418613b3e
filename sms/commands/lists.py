"""1-9 and MORE: what stood there on the newest text that this phone was sent with a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sms.ask import Ask, Reply
from sms.commands import lumo, price, search, sell, sold

ACTIONS: Final[dict[str, Callable[[Ask, dict[str, Any]], Reply]]] = {
    "search": search.follow,
    "seller": search.one_seller,
    "price": price.follow,
    "lumo": lumo.follow,
    "sell": sell.follow,
    "sell.back": sell.take_back,
    "sell.leave": sell.leave,
    "sold": sold.follow,
    "sold.back": sold.take_back,
}


def number(ask: Ask) -> Reply:
    """A digit: only what the newest list offers, never an older one."""
    digits = ask.list.offers["digits"] if ask.list else ()
    typed = ask.parsed.number or 0
    if not digits:
        return Reply("more.nothing")
    if not 1 <= typed <= len(digits):
        more = ask.list is not None and ask.list.offers["more"] is not None
        return Reply("number.range", {"n": len(digits), "more": more})
    chosen = digits[typed - 1]
    return Reply("more.nothing") if chosen is None else _run(ask, chosen)


def more(ask: Ask) -> Reply:
    """The next page of the list."""
    if ask.list is None:
        return Reply("more.nothing")
    following = ask.list.offers["more"]
    return Reply("more.end") if following is None else _run(ask, following)


def _run(ask: Ask, chosen: list[Any]) -> Reply:
    name, values = chosen
    return ACTIONS[name](ask, values)
