"""Finds the product or place that a person means by a typed word, in any spelling and language.

Words are compared in two folded forms: ``plain`` (case, accents, plurals) and ``sound`` (one sign
for all ways to write a sound, as market words are really typed). A word that fits several things
is never guessed: the person is asked.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
import weakref
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from trader_platform.market.catalog import Catalog

LONGEST: Final = 40
REMEMBERED: Final = 4096
# Share of letters that must agree to be worth asking about, and to be taken without asking.
WORTH_ASKING: Final = 0.65
SURE: Final = 0.8
AHEAD: Final = 0.15
SHORTEST_GUESS: Final = 3


@dataclass(frozen=True, slots=True)
class Match:
    """``sure`` is the one thing meant; else ``choices`` to ask about, best first; else nothing."""

    sure: int | None = None
    choices: tuple[int, ...] = ()


NOTHING: Final = Match()


def find_products(catalog: Catalog, typed: str, limit: int = 3) -> Match:
    """The product ids that ``typed`` may mean, at most ``limit`` choices."""
    return _index(catalog).products.find(typed, limit)


def find_places(catalog: Catalog, typed: str, limit: int = 3) -> Match:
    """The market ids that ``typed`` may mean, at most ``limit`` choices."""
    return _index(catalog).places.find(typed, limit)


_LETTERS: Final = str.maketrans(
    {
        "ŋ": "ng",
        "ñ": "ny",
        "ɲ": "ny",
        "ɓ": "b",
        "ɗ": "d",
        "ƴ": "y",
        "ɛ": "e",
        "ɔ": "o",
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
    }
)
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """Lower case, no accents, no plural ending; words separated by one space."""
    lowered = unicodedata.normalize("NFC", text[:LONGEST]).lower().translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not _is_mark(c))
    words = _NOT_WORD.sub(" ", bare).split()
    return " ".join(_singular(word) for word in words)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) == "Mn"


def _singular(word: str) -> str:
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("ves"):
        return word[:-3] + "fe"
    if word.endswith(("oes", "ches", "shes", "xes", "sses")):
        return word[:-2]
    if word.endswith(("eaux", "oux")):
        return word[:-1]
    return word[:-1] if word.endswith("s") else word


# In the order in which they are applied; each ends in the sign that stands for the sound.
_SOUNDS: Final = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (r"ph", "f"),
        (r"sh", "s"),
        (r"kh|x|q(?!u)", "h"),
        (r"qu", "k"),
        (r"t?ch|thi(?=[aeou])|th|ti(?=[aeou])", "ç"),
        (r"c(?=[eiy])", "s"),
        (r"ck|c", "k"),
        (r"ç", "c"),
        (r"dj|dy|di(?=[aeou])", "j"),
        (r"ny|gn|ni(?=[aeou])", "n"),
        (r"ng\b", "n"),
        (r"gu(?=[eiy])", "g"),
        (r"eu", "e"),
        (r"ou|(?<=[aeiou])w(?=[aeiou])", "u"),
        (r"(.)\1+", r"\1"),
        (r"(?<=\w\w)(?:[eao]h?)\b", ""),
        (r"b\b", "p"),
        (r"d\b", "t"),
        (r"g\b", "k"),
        (r" ", ""),
    )
)


def sound(folded: str) -> str:
    """A ``plain`` text with one sign for each sound and no spaces."""
    for pattern, sign in _SOUNDS:
        folded = pattern.sub(sign, folded)
    return folded


@dataclass
class _Words:
    """Everything that things of one kind are called, ready to be asked."""

    rank: dict[int, int]
    by_plain: dict[str, set[int]] = field(default_factory=dict)
    by_sound: dict[str, set[int]] = field(default_factory=dict)
    by_part: dict[str, set[int]] = field(default_factory=dict)
    found: OrderedDict[tuple[str, int], Match] = field(default_factory=OrderedDict)
    plains: list[str] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, words: Iterable[tuple[str, int]], ids: Iterable[int]) -> _Words:
        """Index (word, id) pairs; ``ids`` in the order in which equals are shown."""
        made = cls({id_: place for place, id_ in enumerate(ids)})
        for word, id_ in words:
            folded = plain(word)
            if folded and id_ in made.rank:
                made._add(folded, id_)
        made.plains, made.sounds = sorted(made.by_plain), sorted(made.by_sound)
        return made

    def _add(self, folded: str, id_: int) -> None:
        self.by_plain.setdefault(folded.replace(" ", ""), set()).add(id_)
        self.by_sound.setdefault(sound(folded), set()).add(id_)
        parts = folded.split()
        for part in parts if len(parts) > 1 else ():
            self.by_part.setdefault(sound(part), set()).add(id_)

    def find(self, typed: str, limit: int) -> Match:
        """The match of a typed text; remembered, because people type the same words."""
        key = (typed[:LONGEST], limit)
        known = self.found.get(key)
        if known is None:
            known = self.found[key] = self._find(plain(typed), limit)
            if len(self.found) > REMEMBERED:
                self.found.popitem(last=False)
        return known

    def _find(self, folded: str, limit: int) -> Match:
        heard, joined = sound(folded), folded.replace(" ", "")
        same = self.by_plain.get(joined) or self.by_sound.get(heard)
        if same:
            return self._one_or_ask(same, limit)
        if len(joined) < SHORTEST_GUESS or joined.isdigit():
            return NOTHING
        near = self._near(joined, heard)
        part = self.by_part.get(heard) or self._begun(joined)
        if not part:
            return _weigh(near, limit)
        alike = {id_ for id_, likeness in near if likeness >= SURE}
        first = self._one_or_ask(part, limit)
        return (
            first
            if alike <= part
            else self._ask([*self._sorted(part), *self._sorted(alike)], limit)
        )

    def _begun(self, joined: str) -> set[int]:
        """What begins with this word: slow thumbs stop early."""
        if not joined:
            return set()
        first = bisect_left(self.plains, joined)
        begun = itertools.takewhile(lambda w: w.startswith(joined), self.plains[first:])
        return {id_ for word in begun for id_ in self.by_plain[word]}

    def _near(self, joined: str, heard: str) -> list[tuple[int, float]]:
        """(id, likeness from 0 to 1) of what is spelled or sounds alike, best first."""
        best: dict[int, float] = {}
        for typed, words, ids in (
            (joined, self.plains, self.by_plain),
            (heard, self.sounds, self.by_sound),
        ):
            alike = OSA.normalized_similarity
            for word, likeness, _ in process.extract(
                typed, words, scorer=alike, score_cutoff=WORTH_ASKING, limit=20
            ):
                for id_ in ids[word]:
                    best[id_] = max(likeness, best.get(id_, 0.0))
        return sorted(best.items(), key=lambda pair: (-pair[1], self.rank[pair[0]]))

    def _sorted(self, ids: set[int]) -> list[int]:
        return sorted(ids, key=self.rank.__getitem__)

    def _ask(self, ids: list[int], limit: int) -> Match:
        return Match(choices=tuple(dict.fromkeys(ids))[:limit])

    def _one_or_ask(self, ids: set[int], limit: int) -> Match:
        if len(ids) == 1:
            return Match(sure=next(iter(ids)))
        return self._ask(self._sorted(ids), limit)


def _weigh(near: list[tuple[int, float]], limit: int) -> Match:
    if not near:
        return NOTHING
    (first, likeness), *others = near
    if likeness >= SURE and (not others or likeness - others[0][1] >= AHEAD):
        return Match(sure=first)
    return Match(choices=tuple(id_ for id_, _ in near[:limit]))


@dataclass(frozen=True)
class _Index:
    products: _Words
    places: _Words


# A catalog cannot be hashed; it is known by its identity for as long as it lives.
_indexes: dict[int, tuple[weakref.ref[Catalog], _Index]] = {}


def _index(catalog: Catalog) -> _Index:
    key = id(catalog)
    held = _indexes.get(key)
    if held is not None and held[0]() is catalog:
        return held[1]
    made = _Index(
        products=_Words.of(catalog.product_words, catalog.products),
        places=_Words.of(catalog.market_words, catalog.markets),
    )
    _indexes[key] = (weakref.ref(catalog), made)
    weakref.finalize(catalog, _forget, key)
    return made


def _forget(key: int) -> None:
    held = _indexes.get(key)
    if held is not None and held[0]() is None:
        del _indexes[key]
