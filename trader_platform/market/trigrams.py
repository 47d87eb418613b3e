"""Which of many words are spelled like one: a trigram index in memory, re-ranked by edits.

Knows strings only. The letters of a trigram are sorted, so that two swapped letters, the
commonest slip of a thumb, leave most of a word's trigrams as they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Words that share the most trigrams and are compared letter by letter.
COMPARED: Final = 60


class Trigrams:
    """An index over distinct words; asking it costs what the shared trigrams cost, not its size."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words: Sequence[str] = tuple(words)
        self._holders: dict[str, list[int]] = {}
        for row, word in enumerate(self.words):
            for gram in _grams(word):
                self._holders.setdefault(gram, []).append(row)

    def near(self, typed: str, at_least: float) -> list[tuple[str, float]]:
        """(word, likeness from 0 to 1) of what is alike, in no order."""
        holders = self._holders
        shared = Counter(
            chain.from_iterable(holders[gram] for gram in _grams(typed) if gram in holders)
        )
        words = self.words
        likely = [words[row] for row in _most_shared(shared)]
        found = process.extract(
            typed, likely, scorer=OSA.normalized_similarity, score_cutoff=at_least, limit=20
        )
        return [(word, likeness) for word, likeness, _ in found]


def _grams(word: str) -> set[str]:
    padded = f"^{word}$"
    return {"".join(sorted(padded[at : at + 3])) for at in range(len(padded) - 2)}


def _most_shared(shared: Counter[int]) -> list[int]:
    if len(shared) <= COMPARED:
        return list(shared)
    by_count: dict[int, list[int]] = {}
    for row, count in shared.items():
        by_count.setdefault(count, []).append(row)
    rows: list[int] = []
    for count in sorted(by_count, reverse=True):
        rows += by_count[count]
        if len(rows) >= COMPARED:
            break
    return rows
