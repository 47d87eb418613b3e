"""What the files of a pack must agree on. Works on rows that were read already; pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from trader_platform.packs import types
from trader_platform.packs.cells import near
from trader_platform.packs.schemas import Context
from trader_platform.packs.types import Problem


@dataclass
class Table:
    """The rows of one file by line; ``slugs`` holds those of refused rows too.

    A table that could not be read is not used to refuse what other files say of it.
    """

    rows: dict[int, Any] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)
    readable: bool = True


Tables = Mapping[str, Table]
Found = Iterator[tuple[int, str, str]]

# file, column, the file whose slugs it may name
_REFERENCES: Final = (
    ("markets", "council", "councils"),
    ("lumo_days", "market", "markets"),
    ("calendar", "market", "markets"),
    ("products", "goods_class", "goods_classes"),
    ("aliases", "product", "products"),
    ("unit_aliases", "unit", "units"),
    ("conversions", "product", "products"),
    ("conversions", "unit", "units"),
    ("product_units", "product", "products"),
    ("product_units", "units", "units"),
    ("seasons", "product", "products"),
    ("tariffs", "council", "councils"),
    ("tariffs", "market", "markets"),
    ("tariffs", "goods_class", "goods_classes"),
)

# file, the column to name, what may stand only once, what to do
_ONCE: Final[tuple[tuple[str, str, Callable[[Any], Hashable], str], ...]] = (
    ("councils", "slug", lambda row: row.slug, "give it another id"),
    ("markets", "slug", lambda row: row.slug, "give it another id"),
    ("goods_classes", "slug", lambda row: row.slug, "give it another id"),
    ("products", "slug", lambda row: row.slug, "give it another id"),
    ("units", "slug", lambda row: row.slug, "give it another id"),
    ("councils", "short_name", lambda row: row.short_name.lower(), "give it another name"),
    ("markets", "short_name", lambda row: row.short_name.lower(), "give it another name"),
    ("lumo_days", "weekday", lambda row: (row.market, row.weekday), "take one out"),
    ("calendar", "from", lambda row: (row.market, row.kind, row.starts_on), "take one out"),
    ("aliases", "word", lambda row: (row.product, row.language, row.word), "take one out"),
    ("unit_aliases", "word", lambda row: (row.unit, row.language, row.word), "take one out"),
    ("conversions", "unit", lambda row: (row.product, row.unit), "take one out"),
    ("product_units", "product", lambda row: row.product, "put its units in one row"),
    ("seasons", "product", lambda row: row.product, "put its months in one row"),
    (
        "tariffs", "valid_from",
        lambda row: (
            *(row.council, row.market, row.goods_class, row.space_class, row.day_type),
            *(row.festival, row.fee, row.unit, row.valid_from),
        ),
        "a tariff is never edited, it is followed by a row with a later date",
    ),
)  # fmt: skip


def check(tables: Tables, context: Context, problems: list[Problem]) -> None:
    """Append everything on which the files disagree."""
    for name, column, target in _REFERENCES:
        if tables[target].readable:
            _report(name, _unknown(tables[name], column, tables[target].slugs, target), problems)
    for name, column, key, advice in _ONCE:
        _report(name, _twice(tables[name], column, key, advice), problems)
    for name, column in (
        ("goods_classes", "short_name"),
        ("products", "short_name"),
        ("units", "one"),
    ):
        for tag in context.languages:
            shown = context.column(column, tag)
            _report(name, _same_name(tables[name], shown, tag), problems)
    for name, rule in _RULES.items():
        for line, row in tables[name].rows.items():
            _report(name, ((line, column, text) for column, text in rule(row)), problems)
    _report("lumo_days", _days_of_lumos(tables), problems)
    _report("products", _products_have_units(tables), problems)
    _report("conversions", _true_weights_stand_alone(tables), problems)
    _report("tariffs", _markets_of_councils(tables), problems)


def _report(name: str, found: Iterable[tuple[int, str, str]], problems: list[Problem]) -> None:
    problems.extend(Problem(f"{name}.tsv", *each) for each in found)


def _unknown(table: Table, column: str, known: set[str], target: str) -> Found:
    for line, row in table.rows.items():
        value = getattr(row, column)
        for slug in value if isinstance(value, tuple) else (value,):
            if slug is not None and slug not in known:
                yield (
                    line, column,
                    f"{slug!r} is not in {target}.tsv: add it there, or mend it"
                    + near(slug, known),
                )  # fmt: skip


def _twice(table: Table, column: str, key: Callable[[Any], Hashable], advice: str) -> Found:
    first: dict[Hashable, int] = {}
    for line, row in table.rows.items():
        before = first.setdefault(key(row), line)
        if before != line:
            yield line, column, f"says the same as line {before}: {advice}"


def _same_name(table: Table, column: str, tag: str) -> Found:
    first: dict[str, int] = {}
    for line, row in table.rows.items():
        name = row.names.get(tag)
        text = name[0] if isinstance(name, tuple) else name
        if text is None:
            continue
        before = first.setdefault(text.lower(), line)
        if before != line:
            yield (
                line,
                column,
                f"{text!r} is shown for line {before} too: nobody can tell them apart",
            )


def _market(row: types.Market) -> Iterator[tuple[str, str]]:
    if row.council is None and row.kind != "price_only":
        yield "council", "is empty: only a price_only place has no council"
    if row.council is not None and row.council_certainty is None:
        yield "council_certainty", "is empty: say how sure it is that this council runs it"
    if (row.latitude is None) != (row.longitude is None):
        yield "latitude", "latitude and longitude go together: write both or none"


def _unit(row: types.Unit) -> Iterator[tuple[str, str]]:
    if (row.kind == "mass") != (row.grams is not None):
        yield "grams", "a unit has grams if its kind is mass, and only then"
    if (row.kind == "volume") != (row.millilitres is not None):
        yield "millilitres", "a unit has millilitres if its kind is volume, and only then"


def _tariff(row: types.Tariff) -> Iterator[tuple[str, str]]:
    month, day = row.valid_from.month, row.valid_from.day
    if row.precision == "year" and (month, day) != (1, 1):
        yield "valid_from", "only the year is known: write 1 January of it"
    if row.precision == "month" and day != 1:
        yield "valid_from", "only the month is known: write its first day"


def _change(row: types.MarketChange) -> Iterator[tuple[str, str]]:
    if row.ends_on < row.starts_on:
        yield "until", "is before from: turn them round"
    if (row.kind == "move") != (row.moved_to is not None):
        yield "moved_to", "a move has the new day here, a closure has none"


_RULES: Final[Mapping[str, Callable[[Any], Iterator[tuple[str, str]]]]] = {
    "markets": _market,
    "units": _unit,
    "tariffs": _tariff,
    "calendar": _change,
}


def _days_of_lumos(tables: Tables) -> Found:
    kinds = {row.slug: row.kind for row in tables["markets"].rows.values()}
    for line, row in tables["lumo_days"].rows.items():
        if kinds.get(row.market, "lumo") != "lumo":
            yield line, "market", f"{row.market!r} is no lumo: take the row out, or mend its kind"


def _products_have_units(tables: Tables) -> Found:
    offered = {row.product for row in tables["product_units"].rows.values()}
    if tables["product_units"].readable:
        for line, row in tables["products"].rows.items():
            if row.slug not in offered:
                yield line, "slug", f"{row.slug!r} has no row in product_units.tsv: add one"


def _true_weights_stand_alone(tables: Tables) -> Found:
    weights = {row.slug for row in tables["units"].rows.values() if row.grams is not None}
    for line, row in tables["conversions"].rows.items():
        if row.unit in weights:
            yield line, "unit", f"{row.unit!r} is a true weight by units.tsv: take the row out"


def _markets_of_councils(tables: Tables) -> Found:
    known = tables["councils"].slugs
    councils = {row.slug: row.council for row in tables["markets"].rows.values()}
    for line, row in tables["tariffs"].rows.items():
        if row.council in known and councils.get(row.market, row.council) != row.council:
            yield line, "market", f"{row.market!r} is not run by {row.council!r}: mend one of them"
