"""``python -m benchmarks.search_quality``: how right the search is, by language and kind of error.

Half of the labelled queries, fixed by a checksum of their letters, sets the thresholds (``--set``
writes them); the table is of the other half only. ``--texts FILE`` also counts what is answered
to texts that ask nothing (a label, a tab, the text), beside the small file of the tests.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import re
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trader_platform.commands.packs import load_pack
from trader_platform.core import migrate
from trader_platform.core.db import Database
from trader_platform.market import thresholds
from trader_platform.market.catalog import Catalog, Catalogs
from trader_platform.market.reading import Reading, read_text
from trader_platform.market.search import index_of
from trader_platform.market.thresholds import CHOSEN, Thresholds

FOLDER: Final = Path(__file__).resolve().parents[1] / "tests/fixtures/search"
README: Final = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- search: begin -->", "<!-- search: end -->"
LANGUAGES: Final = {
    "en": "English", "fr": "French", "mnk": "Mandinka", "wo": "Wolof", "ff": "Pulaar",
}  # fmt: skip
# What an outcome costs a person who texts: a wrong answer costs trust, a question one more text.
COSTS: Final = {"sure": 0, "first": 1, "among": 1.5, "vain": 3, "nothing": 3, "wrong": 10}
CHATTER_COST: Final = 10
_WORTH: Final = (0.55, 0.6, 0.65, 0.7, 0.75)
_SURE: Final = (0.7, 0.75, 0.8, 0.85, 0.9)
_AHEAD: Final = (0.02, 0.05, 0.1, 0.15, 0.2)


@dataclass(frozen=True)
class Query:
    """A labelled text; ``products`` more than one where the word is ambiguous, and ``asked`` where
    even one must be asked about."""

    text: str
    language: str
    products: frozenset[str]
    asked: bool
    place: str
    unit: str
    quantity: str
    error: str
    made: str

    @property
    def scored(self) -> bool:
        """Whether it belongs to the half that is kept for the score."""
        return zlib.crc32(self.text.encode()) % 2 == 0


def queries() -> list[Query]:
    """The labelled set: made by rule and by hand."""
    found = []
    for name in ("queries_by_rule.tsv", "queries_by_hand.tsv"):
        with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                product = row["product"]
                found.append(
                    Query(
                        text=row["query"],
                        language=row["language"],
                        products=frozenset(product.lstrip("?").split(";")),
                        asked=product.startswith("?"),
                        **{key: row[key] for key in ("place", "unit", "quantity", "error", "made")},
                    )
                )
    return found


def chatter(path: Path) -> list[str]:
    """Texts that ask nothing of a market."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 1)[1] for line in lines if "\t" in line]


def outcome(catalog: Catalog, query: Query) -> str:
    """What a query gets: sure, first (of the choices), among them, vain (asked, but not about the
    right one), nothing, or wrong (a wrong answer, also a wrong place, unit or amount)."""
    read = read_text(catalog, query.text)
    slugs = {id_: each.slug for id_, each in catalog.products.items()}
    if read.product.sure is not None:
        right = slugs[read.product.sure] in query.products and not query.asked
        return "sure" if right and _around(catalog, query, read) else "wrong"
    choices = [slugs[id_] for id_ in read.product.choices]
    if not choices:
        return "nothing"
    if choices[0] in query.products:
        return "sure" if query.asked or len(query.products) > 1 else "first"
    return "among" if query.products & set(choices) else "vain"


def _around(catalog: Catalog, query: Query, read: Reading) -> bool:
    """Whether no place, unit or amount was read wrongly; not to find one is no wrong answer."""
    place = None if read.place.sure is None else catalog.markets[read.place.sure].slug
    unit = None if read.unit is None else catalog.units[read.unit].slug
    amount = None if read.quantity is None else str(read.quantity)
    found = ((place, query.place), (unit, query.unit), (amount, query.quantity))
    return all(each in (None, label) for each, label in found)


def choose(catalog: Catalog, labelled: Sequence[Query], idle: Sequence[str]) -> Thresholds:
    """The thresholds of the least cost on the half that is not scored."""
    tuning = [query for query in labelled if not query.scored]
    quiet = idle[::2]
    best = min(
        (
            (cost(catalog, tuning, quiet, Thresholds(worth, sure, ahead)), worth, sure, ahead)
            for worth, sure, ahead in itertools.product(_WORTH, _SURE, _AHEAD)
            if worth <= sure
        )
    )
    return Thresholds(*best[1:])


def cost(
    catalog: Catalog, tuning: Sequence[Query], idle: Sequence[str], chosen: Thresholds
) -> float:
    """What these thresholds cost the people who sent these texts."""
    use(catalog, chosen)
    asked = sum(COSTS[outcome(catalog, query)] for query in tuning)
    return asked + CHATTER_COST * sum(answered(catalog, text) for text in idle)


def use(catalog: Catalog, chosen: Thresholds) -> None:
    """Let a catalog's index judge by other thresholds."""
    index = index_of(catalog)
    index.products.thresholds = index.places.thresholds = chosen


def answered(catalog: Catalog, text: str) -> bool:
    """Whether a text is taken to name goods surely."""
    return read_text(catalog, text).product.sure is not None


def table(catalog: Catalog, labelled: Sequence[Query]) -> Iterator[str]:
    """Markdown, of the scored half."""
    scored = [query for query in labelled if query.scored]
    yield "| of 100 texts | texts | right at once | right first | right among choices | wrong |"
    yield "|---|---|---|---|---|---|"
    for tag, name in LANGUAGES.items():
        yield _row(catalog, name, [query for query in scored if query.language == tag])
    yield _row(catalog, "all", scored)
    for error in sorted({query.error for query in scored}):
        yield _row(catalog, f"error: {error}", [query for query in scored if query.error == error])


def _row(catalog: Catalog, name: str, of: Sequence[Query]) -> str:
    found = rates(catalog, of)
    first = found["sure"] + found["first"]
    among = first + found["among"]
    cells = " | ".join(f"{100 * x:.0f}" for x in (found["sure"], first, among))
    return f"| {name} | {len(of)} | {cells} | {100 * found['wrong']:.1f} |"


def rates(catalog: Catalog, of: Iterable[Query]) -> dict[str, float]:
    """The share of each outcome."""
    counted = Counter(outcome(catalog, query) for query in of)
    return {each: counted[each] / max(1, counted.total()) for each in COSTS}


def idle_lines(catalog: Catalog, name: str, texts: Sequence[str]) -> str:
    """How many texts that ask nothing are answered or asked about."""
    sure = sum(answered(catalog, text) for text in texts)
    asks = sum(read_text(catalog, text).asks for text in texts)
    return (
        f"{name}: of {len(texts):,} texts that ask nothing {sure} ({100 * sure / len(texts):.1f} %)"
        f" get sure goods, {asks - sure} more a question or a place."
    )


def gambia(folder: Path) -> Catalog:
    """The Gambian pack's catalog, by way of a database as it is used."""
    url = f"sqlite:///{folder / 'market.db'}"
    migrate.upgrade(url)
    db = Database(url, lock_wait_seconds=20)
    try:
        load_pack(db, "gambia")
        return Catalogs(db).for_code("*384*220#")
    finally:
        db.dispose()


def main() -> None:
    """Measure, print, and write what was asked for."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as name:
        catalog = gambia(Path(name))
    labelled, idle = queries(), chatter(FOLDER / "chatter.tsv")
    chosen = choose(catalog, labelled, idle)
    print(f"best thresholds: {chosen}\nin use:          {CHOSEN}\n")
    if asked.set:
        _write(chosen)
    use(catalog, chosen if asked.set else CHOSEN)
    lines = list(table(catalog, labelled))
    lines += ["", idle_lines(catalog, "Tests' own", idle)]
    if asked.texts is not None:
        lines.append(idle_lines(catalog, asked.texts.name, chatter(asked.texts)))
    print("\n".join(lines))
    if asked.readme:
        into_readme("\n".join(lines))


def into_readme(text: str) -> None:
    """Put the table between the README's two marks, so that it never shows another."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _write(chosen: Thresholds) -> None:
    path = Path(thresholds.__file__)
    text = path.read_text(encoding="utf-8")
    value = f"CHOSEN: Final = {chosen}"
    path.write_text(re.sub(r"CHOSEN: Final = .*", value, text), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_quality")
    parser.add_argument("--set", action="store_true", help="write the best thresholds")
    parser.add_argument("--readme", action="store_true", help="put the table into the README")
    parser.add_argument("--texts", type=Path, help="more texts that ask nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
