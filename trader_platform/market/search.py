"""Finds the product or place that a person means by a typed name, in any spelling and language.

A word that fits several things is never guessed: the person is asked.
"""

from __future__ import annotations

import weakref
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


# A catalog cannot be hashed; it is known by its identity for as long as it lives.
_indexes: dict[int, tuple[weakref.ref[Catalog], Index]] = {}


def index_of(catalog: Catalog) -> Index:
    """The index of a catalog, made at its first use."""
    key = id(catalog)
    held = _indexes.get(key)
    if held is not None and held[0]() is catalog:
        return held[1]
    made = Index(
        products=Names.of(catalog.product_words, catalog.products),
        places=Names.of(catalog.market_words, catalog.markets),
        units=Names.of(catalog.unit_words, catalog.units),
        talk=talk_of(frozenset(catalog.settings.get("search_languages", ())) | _spoken(catalog)),
    )
    _indexes[key] = (weakref.ref(catalog), made)
    weakref.finalize(catalog, _forget, key)
    return made


def _spoken(catalog: Catalog) -> set[str]:
    return {each["tag"] for each in catalog.settings.get("languages", ())}


def _forget(key: int) -> None:
    held = _indexes.get(key)
    if held is not None and held[0]() is None:
        del _indexes[key]
