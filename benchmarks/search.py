"""Search at 10,000 aliases, in one process: one name, a whole text; beside difflib and a scan.

The aliases are synthetic: 2,500 goods, each named by halves of two words of the Gambian pack and by
three other spellings of that name; the queries are these names with one typing error each.
"""

from __future__ import annotations

import difflib
import random
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

from rapidfuzz import process

from benchmarks.search_quality import gambia
from benchmarks.search_queries import SLIPS, SOUNDS
from trader_platform.market.catalog import Catalog, Word
from trader_platform.market.fold import plain, sound
from trader_platform.market.names import Match
from trader_platform.market.reading import read_text
from trader_platform.market.search import find_products, index_of

ALIASES: Final = 10_000
SPELLINGS: Final = 4
QUERIES: Final = 2_000
SCANNED: Final = 200  # queries of the two that read every name
DIFFLIB: Final = 10
FRAMES: Final = ("{x} {place}", "price of {x} in {place}", "20 bags {x}", "{place} {x} 1,500")
OURS, TEXT, SCAN, DIFF = (
    "ours, one name",
    "ours, a whole text",
    "rapidfuzz, scan by ratio",
    "difflib, close matches",
)


@dataclass
class Finder:
    """One way to search: what it took and how often its first answer was right."""

    name: str
    seconds: list[float]
    asked: int = 0
    right: int = 0

    @property
    def rate(self) -> float:
        """Queries a second."""
        return len(self.seconds) / sum(self.seconds)

    @property
    def p99_ms(self) -> float:
        """Milliseconds that one query in a hundred takes longer than."""
        return 1000 * quantiles(self.seconds, n=100)[-1]

    @property
    def right_first(self) -> float:
        """Share of queries whose first answer was what was meant."""
        return self.right / self.asked


@dataclass(frozen=True)
class Search:
    """What was measured."""

    finders: Sequence[Finder]
    build_ms: float
    added_ms: float
    index_mb: float


def measure(rounds: int) -> Search:
    """Each finder in turn in each round, every query but once, so that nothing is remembered."""
    chance = random.Random("search")
    with TemporaryDirectory() as folder:
        real = gambia(Path(folder))
    names = _names(real, chance)
    catalog, build_ms, added_ms = _built(real, names)
    queries = _queries(names, chance, QUERIES * rounds)
    finders = [Finder(name, []) for name in (OURS, TEXT, SCAN, DIFF)]
    counts = (QUERIES, QUERIES, SCANNED, DIFFLIB)
    for number in range(rounds):
        share = queries[number * QUERIES : (number + 1) * QUERIES]
        for finder, ask, count in zip(finders, _ways(catalog, names), counts, strict=True):
            _press(finder, ask, share[:count])
    return Search(finders, build_ms, added_ms, _size_mb(real, names))


def _press(
    finder: Finder, ask: Callable[[str], int | None], queries: list[tuple[str, int]]
) -> None:
    for query, meant in queries:
        began = time.perf_counter()
        found = ask(query)
        finder.seconds.append(time.perf_counter() - began)
        finder.asked += 1
        finder.right += found == meant


def _ways(catalog: Catalog, names: list[Word]) -> tuple[Callable[[str], int | None], ...]:
    spelled = [plain(word) for word, _, _ in names]
    ids = [id_ for _, id_, _ in names]
    places = [each.short_name.lower() for each in catalog.markets.values()]
    turn = random.Random("frames")

    def name(query: str) -> int | None:
        return _first(find_products(catalog, query))

    def text(query: str) -> int | None:
        frame = turn.choice(FRAMES)
        return _first(read_text(catalog, frame.format(x=query, place=turn.choice(places))).product)

    def scan(query: str) -> int | None:
        found = process.extractOne(plain(query), spelled)
        return None if found is None else ids[found[2]]

    def diff(query: str) -> int | None:
        found = difflib.get_close_matches(plain(query), spelled, n=1)
        return ids[spelled.index(found[0])] if found else None

    return name, text, scan, diff


def _first(match: Match) -> int | None:
    return match.sure if match.sure is not None else next(iter(match.choices), None)


def _names(real: Catalog, chance: random.Random) -> list[Word]:
    """(word, id, language) rows; the ids are those of goods that the catalog then has."""
    words = sorted({plain(word) for word, _, _ in real.product_words if len(plain(word)) > 5})
    heard: set[str] = set()
    names: list[Word] = []
    rules = list(SOUNDS.values())
    while len(names) < ALIASES:
        one, other = chance.choice(words), chance.choice(words)
        base = (one[: (len(one) + 1) // 2] + other[len(other) // 2 :]).strip()
        if len(base) < 6 or sound(base) in heard:
            continue
        heard.add(sound(base))
        id_ = 1_000_000 + len(names) // SPELLINGS
        spellings = [base, *(chance.choice(rules)(base, chance) for _ in range(SPELLINGS - 1))]
        names += [(spelling, id_, "en") for spelling in spellings]
    return names


def _queries(names: list[Word], chance: random.Random, count: int) -> list[tuple[str, int]]:
    """Names with one typing error, no two the same."""
    known = {plain(word) for word, _, _ in names}
    found: dict[str, int] = {}
    while len(found) < count:
        word, id_, _ = chance.choice(names)
        typed = chance.choice(list(SLIPS.values()))(word, chance)
        if plain(typed) not in known:
            found.setdefault(typed, id_)
    return list(found.items())


def _built(real: Catalog, names: list[Word]) -> tuple[Catalog, float, float]:
    """A catalog of the synthetic goods; ms to index it, and ms to add one word to that."""
    any_product = next(iter(real.products.values()))
    goods = {id_: replace(any_product, id=id_) for _, id_, _ in names}
    catalog = replace(real, pack_id=real.pack_id - 1, products=goods, product_words=tuple(names))
    more = replace(catalog, product_words=(*names, ("one word more", names[0][1], "")))
    return more, _index_ms(catalog), _index_ms(more)


def _index_ms(catalog: Catalog) -> float:
    began = time.perf_counter()
    index_of(catalog)
    return 1000 * (time.perf_counter() - began)


def _size_mb(real: Catalog, names: list[Word]) -> float:
    """Memory of the index, words and all."""
    tracemalloc.start()
    held = _built(replace(real, pack_id=-2), names)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held
    return size / 1e6
