"""Which goods a text means: taken where that is sure, asked where it is not."""

from __future__ import annotations

from typing import Any

from sms.ask import Ask, Reply, action
from sms.parser import fold
from trader_platform.market.search import Match


def ask_which(ask: Ask, match: Match, then: str, **values: Any) -> Reply | None:
    """Ask which product is meant; the digit does ``then`` with the product and these values."""
    if not match.choices:
        return None
    rows = [{"product": product} for product in match.choices]
    digits = tuple(action(then, product=product, **values) for product in match.choices)
    if len(rows) == 1:
        return Reply("search.mean.one", rows[0], digits)
    return Reply(
        "search.which" if _is_shared(ask, match) else "search.mean", {"rows": rows}, digits
    )


def _is_shared(ask: Ask, match: Match) -> bool:
    """Whether a typed word is part of all their names: nothing was misspelt, there are several."""
    typed = {fold(word) for word in ask.parsed.text.split()}
    names = (ask.catalog.products[product].names.values() for product in match.choices)
    return all(typed & {fold(word) for name in own for word in name.split()} for own in names)
