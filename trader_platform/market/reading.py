"""What a short text asks about: goods, place, measure and amount, in any order and spelling.

Most texts that people send ask nothing of a market. So a word that is short or everyday counts only
where every other word is known, and likeness only where half of the text is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from trader_platform.market.catalog import Catalog
from trader_platform.market.names import NOTHING, SHORTEST_GUESS, Match, Names, weigh
from trader_platform.market.search import Index, index_of
from trader_platform.market.tokens import Token, tokens_of

LONGEST_NAME: Final = 4  # words
SHORT: Final = 3  # letters
CHOICES: Final = 3


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


def read_text(catalog: Catalog, words: str, language: str | None = None) -> Reading:
    """What ``words`` ask; ``language`` is the reader's and only orders choices.

    Never raises, whatever the text; reads at most its first 160 letters.
    """
    index = index_of(catalog)
    currency = catalog.currency
    marks = frozenset({currency.mark.lower(), currency.code.lower()})
    text = _Text(index, tokens_of(words, marks))
    text.find_same()
    text.find_joined()
    text.find_alike()
    return _Reader(catalog, index, text).read()


@dataclass
class _Span:
    """Words that name something; ``weak`` where that is likely to be chance."""

    start: int
    end: int
    products: frozenset[int] = frozenset()
    places: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    weak: bool = False
    doubtful: bool = False
    part: bool = False


@dataclass
class _Text:
    """The words of a text and what they were found to name."""

    index: Index
    tokens: list[Token]
    spans: list[_Span] = field(default_factory=list)
    taken: list[bool] = field(init=False)

    def __post_init__(self) -> None:
        self.taken = [False] * len(self.tokens)

    def find_same(self) -> None:
        """Names spelled as they are known, or sounding so; the longest first."""
        for size in range(min(LONGEST_NAME, len(self.tokens)), 0, -1):
            for start in range(len(self.tokens) - size + 1):
                if not any(self.taken[start : start + size]):
                    self._take(self._same(start, start + size))
        for start, token in enumerate(self.tokens):
            if not self.taken[start] and token.number is None:
                self._take(self._part(start))

    def find_joined(self) -> None:
        """``onionbrikama``: two names without a space."""
        for start, token in enumerate(self.tokens):
            if not self.taken[start] and token.number is None:
                found = self._halves(start)
                for span in found:
                    self.spans.append(span)
                    self.taken[start] = True

    def find_alike(self) -> None:
        """Misspelled names, where half of the text is known."""
        if not self._may_guess():
            return
        guesses = sorted(self._guesses(), key=lambda guess: -guess[0])
        for _, span in guesses:
            over = [x for x in self.spans if x.start < span.end and span.start < x.end]
            if all(x.part for x in over):
                self.spans = [x for x in self.spans if x not in over]
                self._take(replace(span, part=False))

    def known(self, at: int) -> bool:
        """Whether a word is a name, a number, or said around names."""
        token = self.tokens[at]
        return self.taken[at] or token.number is not None or self._talk(token)

    def everyday(self, word: str) -> bool:
        """Whether everybody says it, about anything."""
        talk = self.index.talk
        return any(word in words for words in talk.everyday.values())

    def _talk(self, token: Token) -> bool:
        talk = self.index.talk
        return token.plain in talk.around or token.plain in talk.grammar

    def _take(self, span: _Span | None) -> None:
        if span is not None:
            self.spans.append(span)
            self.taken[span.start : span.end] = [True] * (span.end - span.start)

    def _same(self, start: int, end: int) -> _Span | None:
        tokens = self.tokens[start:end]
        joined, heard = "".join(t.plain for t in tokens), "".join(t.heard for t in tokens)
        if len(tokens) == 1 and tokens[0].number is not None:
            return None
        talk = self.index.talk
        common = joined in talk.grammar or self.everyday(joined)
        if joined in talk.grammar:
            return None
        products, places, units = (
            frozenset(names.by_plain.get(joined, ()))
            or frozenset(() if common else names.by_sound.get(heard, ()))
            for names in (self.index.products, self.index.places, self.index.units)
        )
        if not (products or places or units):
            return None
        around = joined in talk.around
        weak = len(joined) <= SHORT or common or around
        doubtful = around or self._foreign(self.index.products, joined)
        return _Span(start, end, products, places, units, weak, doubtful)

    def _foreign(self, names: Names, word: str) -> bool:
        """Whether it is an everyday word of a language in which it does not name this."""
        own = names.languages.get(word, set())
        everyday = self.index.talk.everyday.items()
        return "" not in own and any(
            language not in own and word in words for language, words in everyday
        )

    def _part(self, at: int) -> _Span | None:
        token = self.tokens[at]
        if self._talk(token) or len(token.plain) <= SHORT or self.everyday(token.plain):
            return None
        products = frozenset(self.index.products.by_part.get(token.heard, ()))
        places = frozenset(() if products else self.index.places.by_part.get(token.heard, ()))
        if not (products or places):
            return None
        return _Span(at, at + 1, products, places, part=True)

    def _halves(self, at: int) -> list[_Span]:
        word = self.tokens[at].plain
        products, places = self.index.products.by_plain, self.index.places.by_plain
        for cut in range(SHORT + 1, len(word) - SHORT):
            first, second = word[:cut], word[cut:]
            for goods, place in ((first, second), (second, first)):
                if goods in products and place in places:
                    return [
                        _Span(at, at + 1, products=frozenset(products[goods])),
                        _Span(at, at + 1, places=frozenset(places[place])),
                    ]
        return []

    def _may_guess(self) -> bool:
        grammar = self.index.talk.grammar
        said = [at for at, token in enumerate(self.tokens) if token.plain not in grammar]
        return len(said) <= 2 or 2 * sum(map(self.known, said)) >= len(said)

    def _guesses(self) -> Iterator[tuple[float, _Span]]:
        for start, end in self._open_runs():
            for size in range(min(3, end - start), 0, -1):
                for at in range(start, end - size + 1):
                    yield from self._guess(at, at + size)

    def _open_runs(self) -> Iterator[tuple[int, int]]:
        """Where words stand together that name nothing, or only a part of a name."""
        parts = {span.start for span in self.spans if span.part}
        is_open = [not self.known(at) or at in parts for at in range(len(self.tokens))]
        for opened, run in groupby(range(len(self.tokens)), key=is_open.__getitem__):
            places = list(run)
            if opened:
                yield places[0], places[-1] + 1

    def _guess(self, start: int, end: int) -> Iterator[tuple[float, _Span]]:
        tokens = self.tokens[start:end]
        joined, heard = "".join(t.plain for t in tokens), "".join(t.heard for t in tokens)
        if len(joined) < SHORTEST_GUESS or all(self.everyday(t.plain) for t in tokens):
            return
        for names in (self.index.products, self.index.places):
            near = names.near(joined, heard)
            match = weigh(near, CHOICES)
            if match is not NOTHING:
                ids = frozenset(match.choices if match.sure is None else (match.sure,))
                span = _Span(start, end, doubtful=match.sure is None)
                named = (
                    replace(span, products=ids)
                    if names is self.index.products
                    else replace(span, places=ids)
                )
                yield near[0][1] + (match.sure is not None), named


@dataclass
class _Reader:
    """Weighs what was found in a text against all of it."""

    catalog: Catalog
    index: Index
    text: _Text

    def read(self) -> Reading:
        """The reading."""
        tokens = self.text.tokens
        unknown = [at for at in range(len(tokens)) if not self.text.known(at)]
        spans = sorted(self.text.spans, key=lambda span: span.start)
        spans = [span for span in spans if not span.weak or not unknown]
        product, second, used = self._product(spans)
        rest = [span for span in spans if span not in used]
        place = self._match(self.index.places, [s.places for s in rest if s.places])
        unit = next((min(s.units) for s in rest if s.units), None)
        return Reading(
            product=product,
            place=place,
            unit=unit,
            quantity=self._quantity(spans, unit),
            unknown=tuple(tokens[at].plain for at in unknown),
            second_product=second,
            asks=product is not NOTHING or place is not NOTHING or unit is not None,
        )

    def _product(self, spans: list[_Span]) -> tuple[Match, int | None, list[_Span]]:
        named = [span for span in spans if span.products]
        only = [span for span in named if not span.units and not span.places] or named[:1]
        if not only:
            return NOTHING, None, []
        first, *others = only
        ids, doubtful = first.products, first.doubtful or bool(first.units or first.places)
        for other in others:
            if ids & other.products:
                ids, doubtful = ids & other.products, doubtful and other.doubtful
        second = next(
            (min(x.products) for x in others if len(x.products) == 1 and not ids & x.products),
            None,
        )
        match = self.index.products.one_or_ask(set(ids), CHOICES)
        if doubtful and match.sure is not None:
            match = Match(choices=(match.sure,))
        return match, second, only

    def _match(self, names: Names, found: list[frozenset[int]]) -> Match:
        return names.one_or_ask(set(found[0]), CHOICES) if found else NOTHING

    def _quantity(self, spans: list[_Span], unit: int | None) -> int | None:
        inside = {at for span in spans for at in range(span.start, span.end)}
        numbers = [
            token.number
            for at, token in enumerate(self.text.tokens)
            if token.number is not None and not token.money and at not in inside
        ]
        return numbers[0] if numbers else None
