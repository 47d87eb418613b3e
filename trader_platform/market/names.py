"""What things of one kind are called, ready to be asked in any spelling. Knows ids, not what they
stand for.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from trader_platform.market.fold import LONGEST, plain, sound
from trader_platform.market.trigrams import Trigrams

REMEMBERED: Final = 4096
# Share of letters that must agree to be worth asking about, and to be taken without asking.
WORTH_ASKING: Final = 0.65
SURE: Final = 0.8
AHEAD: Final = 0.15
SHORTEST_GUESS: Final = 3

Word = tuple[str, int, str]
Near = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Match:
    """``sure`` is the one thing meant; else ``choices`` to ask about, best first; else nothing."""

    sure: int | None = None
    choices: tuple[int, ...] = ()


NOTHING: Final = Match()


@dataclass
class Names:
    """Everything that things of one kind are called; ``rank`` is the order of equals."""

    rank: dict[int, int]
    by_plain: dict[str, set[int]] = field(default_factory=dict)
    by_sound: dict[str, set[int]] = field(default_factory=dict)
    by_part: dict[str, set[int]] = field(default_factory=dict)
    languages: dict[str, set[str]] = field(default_factory=dict)
    found: OrderedDict[tuple[str, int], Match] = field(default_factory=OrderedDict)
    plains: Trigrams = field(init=False)
    sounds: Trigrams = field(init=False)
    sorted: list[str] = field(init=False)

    @classmethod
    def of(cls, words: Iterable[Word], ids: Iterable[int]) -> Names:
        """Index (word, id, language) rows; ``ids`` in the order in which equals are shown."""
        made = cls({id_: place for place, id_ in enumerate(ids)})
        for word, id_, language in words:
            folded = plain(word)
            if folded and id_ in made.rank:
                made._add(folded, id_, language)
        made.sorted = sorted(made.by_plain)
        made.plains, made.sounds = Trigrams(made.sorted), Trigrams(made.by_sound)
        return made

    def _add(self, folded: str, id_: int, language: str) -> None:
        joined = folded.replace(" ", "")
        self.by_plain.setdefault(joined, set()).add(id_)
        self.languages.setdefault(joined, set()).add(language)
        self.by_sound.setdefault(sound(folded), set()).add(id_)
        parts = folded.split()
        for part in parts if len(parts) > 1 else ():
            self.by_part.setdefault(sound(part), set()).add(id_)

    def find(self, typed: str, limit: int) -> Match:
        """The match of a typed name; remembered, because people type the same words."""
        key = (typed[:LONGEST], limit)
        known = self.found.get(key)
        if known is None:
            known = self.found[key] = self._find(plain(typed), limit)
            if len(self.found) > REMEMBERED:
                self.found.popitem(last=False)
        return known

    def same(self, joined: str, heard: str) -> set[int]:
        """The ids of a name that is spelled so, or else sounds so."""
        return self.by_plain.get(joined) or self.by_sound.get(heard) or set()

    def near(self, joined: str, heard: str) -> Near:
        """(id, likeness from 0 to 1) of what is spelled or sounds alike, best first."""
        best: dict[int, float] = {}
        for typed, words, ids in (
            (joined, self.plains, self.by_plain),
            (heard, self.sounds, self.by_sound),
        ):
            for word, likeness in words.near(typed, WORTH_ASKING):
                for id_ in ids[word]:
                    best[id_] = max(likeness, best.get(id_, 0.0))
        return sorted(best.items(), key=lambda pair: (-pair[1], self.rank[pair[0]]))

    def one_or_ask(self, ids: set[int], limit: int) -> Match:
        """One is sure, several are choices."""
        if len(ids) == 1:
            return Match(sure=next(iter(ids)))
        return self._ask(self._ordered(ids), limit)

    def _find(self, folded: str, limit: int) -> Match:
        heard, joined = sound(folded), folded.replace(" ", "")
        same = self.same(joined, heard)
        if same:
            return self.one_or_ask(same, limit)
        if len(joined) < SHORTEST_GUESS or joined.isdigit():
            return NOTHING
        near = self.near(joined, heard)
        part = self.by_part.get(heard) or self._begun(joined)
        if not part:
            return weigh(near, limit)
        alike = {id_ for id_, likeness in near if likeness >= SURE}
        if alike <= part:
            return self.one_or_ask(part, limit)
        return self._ask([*self._ordered(part), *self._ordered(alike)], limit)

    def _begun(self, joined: str) -> set[int]:
        """What begins with this word: slow thumbs stop early."""
        first = bisect_left(self.sorted, joined)
        begun = itertools.takewhile(
            lambda word: word.startswith(joined), itertools.islice(self.sorted, first, None)
        )
        return {id_ for word in begun for id_ in self.by_plain[word]}

    def _ordered(self, ids: set[int]) -> list[int]:
        return sorted(ids, key=self.rank.__getitem__)

    def _ask(self, ids: list[int], limit: int) -> Match:
        return Match(choices=tuple(dict.fromkeys(ids))[:limit])


def weigh(near: Near, limit: int) -> Match:
    """Sure where one is alike enough and far enough ahead of the next, else choices."""
    if not near:
        return NOTHING
    (first, likeness), *others = near
    if likeness >= SURE and (not others or likeness - others[0][1] >= AHEAD):
        return Match(sure=first)
    return Match(choices=tuple(id_ for id_, _ in near[:limit]))
