"""Which of many names are spelled or sound like one: a trigram index in memory, re-ranked by edits.

Knows strings only. The letters of a trigram are sorted, so that two swapped letters, the
commonest slip of a thumb, leave most of a name's trigrams as they were.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

_alike = OSA.normalized_similarity
# Names that share the most trigrams and are compared letter by letter.
COMPARED: Final = 40
# Names that are counted: the rarest trigrams first, for the common ones tell little.
COUNTED: Final = 300
RAREST: Final = 4
# Less alike than this is not worth the time of saying so.
LEAST: Final = 0.5


class Trigrams:
    """An index over names, each as it is spelled and as it sounds, known by their place.

    Asking costs what the shared trigrams cost, not the size of the index.
    """

    def __init__(self) -> None:
        self.spelled: list[str] = []
        self._heard: list[str] = []
        self._holders: dict[str, list[int]] = {}

    def add(self, spelled: str, heard: str) -> None:
        """Take in one name; its place is the next."""
        for gram in _grams(spelled, heard):
            self._holders.setdefault(gram, []).append(len(self.spelled))
        self._heard.append(heard)
        self.spelled.append(spelled)

    def near(self, spelled: str, heard: str) -> list[tuple[int, float]]:
        """(place, likeness from 0 to 1) of what is likely to be alike, in no order."""
        likely = self._likely(spelled, heard)
        looks = _scores(spelled, [self.spelled[place] for place in likely])
        sounds = _scores(heard, [self._heard[place] for place in likely])
        found = []
        for row in {**looks, **sounds}:
            place = likely[row]
            look = looks.get(row) or _alike(spelled, self.spelled[place])
            sound = sounds.get(row) or _alike(heard, self._heard[place])
            found.append((place, 0.5 * max(look, sound) + 0.25 * (look + sound)))
        return found

    def _likely(self, spelled: str, heard: str) -> list[int]:
        held = [self._holders[gram] for gram in _grams(spelled, heard) if gram in self._holders]
        held.sort(key=len)
        counted, use = 0, 0
        for use, places in enumerate(held, start=1):
            counted += len(places)
            if counted >= COUNTED and use >= RAREST:
                break
        return _most_shared(Counter(chain.from_iterable(held[:use])))


def _scores(name: str, others: list[str]) -> dict[int, float]:
    found = process.extract(name, others, scorer=_alike, score_cutoff=LEAST, limit=None)
    return {row: likeness for _, likeness, row in found}


def _grams(*forms: str) -> set[str]:
    padded = (f"^{form}$" for form in forms)
    return {"".join(sorted(form[at : at + 3])) for form in padded for at in range(len(form) - 2)}


def _most_shared(shared: Counter[int]) -> list[int]:
    if len(shared) <= COMPARED:
        return list(shared)
    holding = Counter(shared.values())
    least, enough = max(holding), 0
    while (enough := enough + holding[least]) < COMPARED:
        least -= 1
    return [place for place, count in shared.items() if count >= least]
