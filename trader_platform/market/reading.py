"""What a short text asks about: goods, place, measure and amount, in any order and spelling.

Most texts that people send ask nothing of a market. So a word that is short or everyday counts only
where every other word is known, and likeness only where half of the text is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trader_platform.market.catalog import Catalog
from trader_platform.market.names import NOTHING, Match
from trader_platform.market.search import index_of
from trader_platform.market.spotting import CHOICES, Span, Text
from trader_platform.market.tokens import tokens_of

# Of how many words at least one must be known before a name counts that stands in a longer text.
_SPARSE: Final = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """``unknown`` are the words that nobody knows; ``asks`` is False where nothing was asked."""

    product: Match = NOTHING
    place: Match = NOTHING
    unit: int | None = None
    quantity: int | None = None
    unknown: tuple[str, ...] = ()
    second_product: int | None = None
    asks: bool = False


def read_text(catalog: Catalog, words: str) -> Reading:
    """What ``words`` ask, in whatever language: people mix them, so the reader's own tells nothing.

    Never raises, whatever the text; reads at most its first 160 letters.
    """
    index = index_of(catalog)
    currency = catalog.currency
    marks = frozenset({currency.mark.lower(), currency.code.lower()})
    text = Text(index, tokens_of(words, marks))
    text.spot()
    return _read(text)


def _read(text: Text) -> Reading:
    spans, unknown = _counting(text), text.unknown()
    named = _goods(spans)
    product, second = _product(named)
    rest = [span for span in spans if span not in named]
    placed = next((span for span in rest if span.places), None)
    place = NOTHING if placed is None else _one_or_ask(placed.places, placed.doubtful)
    unit = next((span.units[0] for span in rest if span.units), None)
    return Reading(
        product=product,
        place=place,
        unit=unit,
        quantity=_quantity(text),
        unknown=tuple(text.tokens[at].plain for at in unknown),
        second_product=second,
        asks=product is not NOTHING or place is not NOTHING or unit is not None,
    )


def _counting(text: Text) -> list[Span]:
    """The spans that mean what they name, in the order of the text."""
    unknown, said = len(text.unknown()), len(text.said())
    if _SPARSE * (said - unknown) < said:
        return []
    unsure = unknown or any(span.guessed and span.doubtful for span in text.spans)
    spans = [span for span in text.spans if not (unsure and span.weak)]
    return sorted(spans, key=lambda span: span.start)


def _goods(spans: list[Span]) -> list[Span]:
    """The spans that name what is asked for; a word that may also be a measure only if alone."""
    named = [span for span in spans if span.products]
    sure = [span for span in named if not span.doubtful and not span.units and not span.places]
    return sure or named[:1]


def _product(named: list[Span]) -> tuple[Match, int | None]:
    if not named:
        return NOTHING, None
    first, *others = named
    ids, second = first.products, None
    for other in others:
        both = tuple(id_ for id_ in ids if id_ in other.products)
        if both:
            ids = both
        elif second is None and len(other.products) == 1:
            second = other.products[0]
    return _one_or_ask(ids, first.doubtful or bool(first.units or first.places)), second


def _one_or_ask(ids: tuple[int, ...], doubtful: bool) -> Match:
    if len(ids) == 1 and not doubtful:
        return Match(sure=ids[0])
    return Match(choices=ids[:CHOICES])


def _quantity(text: Text) -> int | None:
    """The first number that is neither money nor part of a name."""
    inside = {at for span in text.spans for at in range(span.start, span.end)}
    for at, token in enumerate(text.tokens):
        if token.number is not None and not token.money and at not in inside:
            return token.number
    return None
