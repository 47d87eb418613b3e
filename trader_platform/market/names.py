"""What things of one kind are called, ready to be asked in any spelling. Knows ids, not what they
stand for.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from trader_platform.market.fold import LONGEST, plain, sound
from trader_platform.market.thresholds import CHOSEN, Thresholds
from trader_platform.market.trigrams import Trigrams

REMEMBERED: Final = 4096
SHORTEST_GUESS: Final = 3

Word = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Match:
    """``sure`` is the one thing meant; else ``choices`` to ask about, best first; else nothing."""

    sure: int | None = None
    choices: tuple[int, ...] = ()


NOTHING: Final = Match()


@dataclass(frozen=True, slots=True)
class Guess:
    """A match by likeness; ``likeness`` is that of the best, from 0 to 1."""

    match: Match
    likeness: float


class Names:
    """Everything that things of one kind are called, by spelling, by sound and by words of it."""

    def __init__(self, words: Iterable[Word], ids: Iterable[int]) -> None:
        """Index (word, id, language) rows; ``ids`` in the order in which equals are shown."""
        self._rank = {id_: place for place, id_ in enumerate(ids)}
        self.by_plain: dict[str, set[int]] = {}
        self.by_part: dict[str, set[int]] = {}
        self.languages: dict[str, set[str]] = {}
        self.thresholds: Thresholds = CHOSEN
        self._trigrams = Trigrams()
        self._sorted: list[str] = []
        self._found: OrderedDict[tuple[str, int], Match] = OrderedDict()
        self.add(words)

    def add(self, words: Iterable[Word]) -> None:
        """Take in more words of ids that are known; those of others are left out."""
        for word, id_, language in words:
            folded = plain(word)
            if folded and id_ in self._rank:
                self._add(folded, id_, language)
        self._sorted = sorted(self.by_plain)
        self._found.clear()

    def _add(self, folded: str, id_: int, language: str) -> None:
        joined = folded.replace(" ", "")
        if joined not in self.by_plain:
            self._trigrams.add(joined, sound(folded))
        self.by_plain.setdefault(joined, set()).add(id_)
        self.languages.setdefault(joined, set()).add(language)
        parts = folded.split()
        for part in parts if len(parts) > 1 else ():
            self.by_part.setdefault(sound(part), set()).add(id_)

    def __len__(self) -> int:
        return len(self.by_plain)

    def find(self, typed: str, limit: int) -> Match:
        """The match of a typed name; remembered, because people type the same words."""
        key = (typed[:LONGEST], limit)
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = self._find(plain(typed), limit)
            if len(self._found) > REMEMBERED:
                self._found.popitem(last=False)
        return known

    def guess(self, joined: str, heard: str, limit: int) -> Guess:
        """What is spelled or sounds alike: sure where it is alike enough and alone."""
        t = self.thresholds
        best: dict[int, float] = {}
        for place, likeness in self._trigrams.near(joined, heard):
            if likeness >= t.worth_asking:
                for id_ in self.by_plain[self._trigrams.spelled[place]]:
                    best[id_] = max(likeness, best.get(id_, 0.0))
        if not best:
            return Guess(NOTHING, 0.0)
        (first, likeness), *others = sorted(
            best.items(), key=lambda pair: (-pair[1], self._rank[pair[0]])
        )
        if likeness >= t.sure and (not others or likeness - others[0][1] >= t.ahead):
            return Guess(Match(sure=first), likeness)
        ids = (first, *(id_ for id_, _ in others))
        return Guess(Match(choices=ids[:limit]), likeness)

    def ordered(self, ids: Iterable[int]) -> tuple[int, ...]:
        """Ids in the order in which equals are shown."""
        return tuple(sorted(ids, key=self._rank.__getitem__))

    def _one_or_ask(self, ids: set[int], limit: int) -> Match:
        if len(ids) == 1:
            return Match(sure=next(iter(ids)))
        return self._ask(self.ordered(ids), limit)

    def _find(self, folded: str, limit: int) -> Match:
        heard, joined = sound(folded), folded.replace(" ", "")
        same = self.by_plain.get(joined)
        if same:
            return self._one_or_ask(same, limit)
        if len(joined) < SHORTEST_GUESS or joined.isdigit():
            return NOTHING
        part = self.by_part.get(heard) or self._begun(joined)
        guess = self.guess(joined, heard, limit)
        if not part or guess.match.sure in part:
            return guess.match
        if guess.likeness < self.thresholds.sure:
            return self._one_or_ask(part, limit)
        alike = guess.match.choices if guess.match.sure is None else (guess.match.sure,)
        return self._ask([*self.ordered(part), *alike], limit)

    def _begun(self, joined: str) -> set[int]:
        """What begins with this word: slow thumbs stop early."""
        first = bisect_left(self._sorted, joined)
        begun = itertools.takewhile(
            lambda word: word.startswith(joined), itertools.islice(self._sorted, first, None)
        )
        return {id_ for word in begun for id_ in self.by_plain[word]}

    def _ask(self, ids: Iterable[int], limit: int) -> Match:
        return Match(choices=tuple(dict.fromkeys(ids))[:limit])
