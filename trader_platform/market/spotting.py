"""Finds names of goods, places and measures among the words of a text. Knows nothing of answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from trader_platform.market.names import SHORTEST_GUESS
from trader_platform.market.search import Index
from trader_platform.market.tokens import Token

LONGEST_NAME: Final = 4  # words
SHORT: Final = 3  # letters
CHOICES: Final = 3
# So many words may all be misspelled; of more, half must be known before likeness counts.
FEW: Final = 3
_NONE: Final[tuple[int, ...]] = ()
# Texts with more unknown words than this are about something else.
MOST_UNKNOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Span:
    """Words that name something: ids, the best first.

    ``weak`` where that is likely to be chance, ``doubtful`` where it must be asked about, ``part``
    where they are only a word of longer names, ``guessed`` where they are only alike.
    """

    start: int
    end: int
    products: tuple[int, ...] = _NONE
    places: tuple[int, ...] = _NONE
    units: tuple[int, ...] = _NONE
    weak: bool = False
    doubtful: bool = False
    part: bool = False
    guessed: bool = False

    def overlaps(self, other: Span) -> bool:
        """Whether a word belongs to both."""
        return self.start < other.end and other.start < self.end


@dataclass
class Text:
    """The words of a text and, once ``spot`` has run, what they were found to name."""

    index: Index
    tokens: list[Token]
    spans: list[Span] = field(default_factory=list)

    def spot(self) -> None:
        """Names as they are spelled, the longest first; then joined ones; then misspelled ones."""
        for size in range(min(LONGEST_NAME, len(self.tokens)), 0, -1):
            for start in range(len(self.tokens) - size + 1):
                self._add(self._same(start, start + size))
        for at in range(len(self.tokens)):
            if self._is_free(at, at + 1):
                self.spans += self._halves(at)
                self._add(self._part(at))
        if self._may_guess():
            self._guess_all()

    def said(self) -> list[int]:
        """Where words stand that are more than grammar."""
        grammar = self.index.talk.grammar
        return [at for at, token in enumerate(self.tokens) if token.plain not in grammar]

    def unknown(self) -> list[int]:
        """Where words stand that name nothing, count nothing and belong to no talk of markets."""
        talk = self.index.talk.around
        return [
            at
            for at in self.said()
            if self._is_free(at, at + 1)
            and self.tokens[at].number is None
            and self.tokens[at].plain not in talk
        ]

    def _is_free(self, start: int, end: int) -> bool:
        return not any(span.start < end and start < span.end for span in self.spans)

    def _add(self, span: Span | None) -> None:
        if span is not None and self._is_free(span.start, span.end):
            self.spans.append(span)

    def _everyday(self, word: str) -> bool:
        return any(word in words for words in self.index.talk.everyday.values())

    def _same(self, start: int, end: int) -> Span | None:
        tokens = self.tokens[start:end]
        joined = "".join(token.plain for token in tokens)
        index, talk = self.index, self.index.talk
        if joined in talk.grammar or joined.isdigit():
            return None
        products, places, units = (
            names.ordered(names.by_plain.get(joined, _NONE))
            for names in (index.products, index.places, index.units)
        )
        if not (products or places or units):
            return None
        around = joined in talk.around
        return Span(
            start,
            end,
            products,
            places,
            units,
            weak=len(joined) <= SHORT or around or self._everyday(joined),
            doubtful=around or (bool(products) and self._foreign(joined)),
        )

    def _foreign(self, word: str) -> bool:
        """Whether it is an everyday word of a language in which it names no goods."""
        own = self.index.products.languages.get(word, set())
        everyday = self.index.talk.everyday.items()
        return "" not in own and any(
            language not in own and word in words for language, words in everyday
        )

    def _part(self, at: int) -> Span | None:
        token, talk = self.tokens[at], self.index.talk
        if token.plain in talk.around or token.plain in talk.grammar or len(token.plain) <= SHORT:
            return None
        if self._everyday(token.plain):
            return None
        products, places = (
            names.ordered(names.by_part.get(token.heard, _NONE))
            for names in (self.index.products, self.index.places)
        )
        if not (products or places):
            return None
        return Span(at, at + 1, products, _NONE if products else places, part=True)

    def _halves(self, at: int) -> Iterable[Span]:
        """``onionbrikama``: goods and a place without a space, in either order."""
        word = self.tokens[at].plain
        products, places = self.index.products, self.index.places
        for cut in range(SHORT + 1, len(word) - SHORT):
            first, second = word[:cut], word[cut:]
            for goods, place in ((first, second), (second, first)):
                if goods in products.by_plain and place in places.by_plain:
                    return (
                        Span(at, at + 1, products=products.ordered(products.by_plain[goods])),
                        Span(at, at + 1, places=places.ordered(places.by_plain[place])),
                    )
        return ()

    def _may_guess(self) -> bool:
        said, unknown = self.said(), self.unknown()
        if len(unknown) > MOST_UNKNOWN:
            return False
        if len(said) <= FEW and not any(self._is_chatter(self.tokens[at]) for at in unknown):
            return True
        return 2 * len(unknown) <= len(said)

    def _is_chatter(self, token: Token) -> bool:
        """Whether it is an everyday word that is in no longer name either."""
        names = (self.index.products, self.index.places)
        return self._everyday(token.plain) and not any(token.heard in x.by_part for x in names)

    def _guess_all(self) -> None:
        """Take the likeliest first; a guess may swallow the goods that it holds a word of."""
        guesses = sorted(self._guesses(), key=lambda guess: -guess[0])
        for likeness, guessed in guesses:
            over = [span for span in self.spans if span.overlaps(guessed)]
            if any(span.guessed or span.places or span.units for span in over):
                continue
            held = tuple(x for span in over if not span.part for x in span.products)
            if held and guessed.doubtful and likeness < self.index.products.thresholds.sure:
                continue
            self.spans = [span for span in self.spans if span not in over]
            if guessed.doubtful:
                guessed = replace(
                    guessed, products=tuple(dict.fromkeys((*guessed.products, *held)))
                )
            self.spans.append(guessed)

    def _guesses(self) -> Iterator[tuple[float, Span]]:
        unknown = set(self.unknown())
        parts = {span.start for span in self.spans if span.part}
        said = set(self.said())
        for start in sorted(said):
            for end in range(start + 1, min(start + LONGEST_NAME, len(self.tokens)) + 1):
                inside = range(start, end)
                if self._is_wall(end - 1):
                    break
                if end - 1 in said and (unknown | parts) & set(inside):
                    yield from self._guess(start, end)

    def _is_wall(self, at: int) -> bool:
        """Whether no name goes across this word."""
        if self.tokens[at].number is not None:
            return True
        return any(
            (span.places or span.units) and span.start <= at < span.end for span in self.spans
        )

    def _guess(self, start: int, end: int) -> Iterator[tuple[float, Span]]:
        tokens = self.tokens[start:end]
        joined, heard = "".join(t.plain for t in tokens), "".join(t.heard for t in tokens)
        if len(joined) < SHORTEST_GUESS or all(self._everyday(t.plain) for t in tokens):
            return
        for names in (self.index.products, self.index.places):
            guess = names.guess(joined, heard, CHOICES)
            match = guess.match
            if not guess.likeness:
                continue
            ids = match.choices if match.sure is None else (match.sure,)
            yield (
                guess.likeness + (match.sure is not None),
                Span(
                    start,
                    end,
                    products=ids if names is self.index.products else _NONE,
                    places=ids if names is self.index.places else _NONE,
                    doubtful=match.sure is None,
                    guessed=True,
                ),
            )
