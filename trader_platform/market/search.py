"""Finds the product or place that a person means by a typed name, in any spelling and language.

A word that fits several things is never guessed: the person is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from trader_platform.market.catalog import Catalog
from trader_platform.market.names import NOTHING, Match, Names
from trader_platform.market.talk import Talk, talk_of

__all__ = ["NOTHING", "Match", "find_places", "find_products", "index_of"]


def find_products(catalog: Catalog, typed: str, limit: int = 3) -> Match:
    """The product ids that ``typed`` may mean, at most ``limit`` choices."""
    return index_of(catalog).products.find(typed, limit)


def find_places(catalog: Catalog, typed: str, limit: int = 3) -> Match:
    """The market ids that ``typed`` may mean, at most ``limit`` choices."""
    return index_of(catalog).places.find(typed, limit)


@dataclass(frozen=True)
class Index:
    """A catalog's names, and what is said around them in its languages."""

    products: Names
    places: Names
    units: Names
    talk: Talk


# The last catalog of each pack and its index. A catalog is read anew each 30 seconds, mostly with
# the same words: then the index stays; and words that were added since are added to it, so that no
# dialogue waits for all of it to be made.
_held: dict[int, tuple[Catalog, Index]] = {}


def index_of(catalog: Catalog) -> Index:
    """The index of a catalog, made where it is not that of the last one of its pack."""
    last = _held.get(catalog.pack_id)
    if last is not None and last[0] is catalog:
        return last[1]
    index = (last and _kept(*last, catalog)) or _make(catalog)
    _held[catalog.pack_id] = (catalog, index)
    return index


def _kept(before: Catalog, index: Index, catalog: Catalog) -> Index | None:
    """The index of the catalog before, with what this one adds; None where more is different."""
    if _named(before) != _named(catalog):
        return None
    if before.product_words != catalog.product_words:
        old, new = set(before.product_words), set(catalog.product_words)
        if not old <= new:
            return None
        index.products.add(new - old)
    return index


def _named(catalog: Catalog) -> tuple[object, ...]:
    """Everything but the words for goods that an index is made of."""
    ids = map(tuple, (catalog.products, catalog.markets, catalog.units))
    return catalog.market_words, catalog.unit_words, *ids, _spoken(catalog)


def _make(catalog: Catalog) -> Index:
    return Index(
        products=Names(catalog.product_words, catalog.products),
        places=Names(catalog.market_words, catalog.markets),
        units=Names(catalog.unit_words, catalog.units),
        talk=talk_of(_spoken(catalog)),
    )


def _spoken(catalog: Catalog) -> frozenset[str]:
    menu = (each["tag"] for each in catalog.settings.get("languages", ()))
    return frozenset((*menu, *catalog.settings.get("search_languages", ())))
