"""One marshmallow schema for each file of a pack: its columns and what a single row may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

from marshmallow import RAISE, Schema, fields, post_load, pre_load

from trader_platform.packs import cells, types
from trader_platform.packs.cells import Cell

CERTAINTIES: Final = ("sourced", "likely", "unsure", "inferred")
MARKET_KINDS: Final = ("daily", "lumo", "price_only")
UNIT_KINDS: Final = ("mass", "volume", "container", "count", "heap", "length")
FEES: Final = ("daily_duty", "canteen_rent", "licence", "toilet", "wanterr")
FEE_UNITS: Final = ("day", "month", "year", "use", "table")
NAME_CAP: Final = 14  # products, goods classes and markets; menus promise no more


@dataclass(frozen=True)
class Context:
    """What the files need to know of pack.toml."""

    default_language: str
    languages: tuple[str, ...]
    search_languages: tuple[str, ...]
    minor_digits: int

    def column(self, base: str, tag: str) -> str:
        """The column of a language: the default one has the bare name."""
        return base if tag == self.default_language else f"{base}_{tag}"


class Row(Schema):
    """A row ends with how sure it is and where it was found; an empty cell is no value."""

    class Meta:
        """Only the columns that are written down."""

        unknown = RAISE

    makes: ClassVar[type[types.Evidence]]
    default_language = ""
    certainty = Cell(cells.one_of(CERTAINTIES))
    source = Cell(cells.plain(400))

    @classmethod
    def more(cls, context: Context) -> dict[str, fields.Field[Any]]:
        """Columns that depend on the languages and the currency of the pack."""
        return {}

    @pre_load
    def _no_empty_cells(self, row: Mapping[str, str], **_: Any) -> dict[str, str]:
        return {column: text for column, text in row.items() if text != ""}

    @post_load
    def _make(self, row: dict[str, Any], **_: Any) -> object:
        return self.makes(**self.shape(row))

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        """Columns to the fields of the value."""
        return row


def _names(base: str, cap: int, context: Context) -> dict[str, fields.Field[Any]]:
    return {
        context.column(base, tag): Cell(cells.shown(cap), required=tag == context.default_language)
        for tag in context.languages
    }


class _Named(Row):
    """A row with a short name in each language."""

    @classmethod
    def more(cls, context: Context) -> dict[str, fields.Field[Any]]:
        """One column of short names for each language."""
        return _names("short_name", NAME_CAP, context)

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        """Gather the names; languages without one are left out."""
        names = {}
        for column in [c for c in row if c.startswith("short_name")]:
            tag = column.removeprefix("short_name").removeprefix("_") or self.default_language
            if (name := row.pop(column)) is not None:
                names[tag] = name
        return row | {"names": names}


class CouncilSchema(Row):
    """councils.tsv."""

    makes = types.Council
    slug = Cell(cells.slug(40))
    name = Cell(cells.plain(60))
    short_name = Cell(cells.shown(12))


class MarketSchema(Row):
    """markets.tsv."""

    makes = types.Market
    slug = Cell(cells.slug(60))
    council = Cell(cells.plain(40), required=False)
    council_certainty = Cell(cells.one_of(CERTAINTIES), required=False)
    kind = Cell(cells.one_of(MARKET_KINDS))
    name = Cell(cells.plain(80))
    short_name = Cell(cells.shown(NAME_CAP))
    aliases = Cell(cells.several(cells.word), required=False)
    region = Cell(cells.plain(80), required=False)
    latitude = Cell(cells.decimal(-90, 90), required=False)
    longitude = Cell(cells.decimal(-180, 180), required=False)

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        """No aliases is an empty list."""
        return row | {"aliases": row["aliases"] or ()}


class LumoDaySchema(Row):
    """lumo_days.tsv."""

    makes = types.MarketDay
    market = Cell(cells.plain(60))
    weekday = Cell(cells.whole(1, 7))


class CalendarSchema(Row):
    """calendar.tsv."""

    makes = types.MarketChange
    market = Cell(cells.plain(60))
    kind = Cell(cells.one_of(("closure", "move")))
    until = Cell(cells.iso_date)
    moved_to = Cell(cells.iso_date, required=False)
    note = Cell(cells.plain(120), required=False)

    @classmethod
    def more(cls, context: Context) -> dict[str, fields.Field[Any]]:
        """`from` is a word of Python, so it cannot stand above."""
        return {"from": Cell(cells.iso_date)}

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        """The two ends of the change."""
        return row | {"starts_on": row.pop("from"), "ends_on": row.pop("until")}


class GoodsClassSchema(_Named):
    """goods_classes.tsv."""

    makes = types.GoodsClass
    slug = Cell(cells.slug(40))
    perishable = Cell(cells.yes_no)
    listing_days = Cell(cells.whole(1, 60))


class ProductSchema(_Named):
    """products.tsv."""

    makes = types.Product
    slug = Cell(cells.slug(60))
    goods_class = Cell(cells.plain(40))
    perishable = Cell(cells.yes_no, required=False)


class _Word(Row):
    """A search word in one language."""

    word = Cell(cells.word)

    @classmethod
    def more(cls, context: Context) -> dict[str, fields.Field[Any]]:
        """The languages that may be searched in."""
        return {"language": Cell(cells.one_of(context.languages + context.search_languages))}


class AliasSchema(_Word):
    """aliases.tsv."""

    makes = types.Alias
    product = Cell(cells.plain(60))


class UnitSchema(Row):
    """units.tsv."""

    makes = types.Unit
    slug = Cell(cells.slug(40))
    kind = Cell(cells.one_of(UNIT_KINDS))
    grams = Cell(cells.whole(1, 10_000_000), required=False)
    millilitres = Cell(cells.whole(1, 10_000_000), required=False)

    @classmethod
    def more(cls, context: Context) -> dict[str, fields.Field[Any]]:
        """One and many in each language."""
        return _names("one", 10, context) | _names("many", 11, context)

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        """A language without a word for many uses the word for one."""
        names = {}
        for column in [c for c in row if c == "one" or c.startswith("one_")]:
            one, many = row.pop(column), row.pop(column.replace("one", "many", 1), None)
            if one is not None:
                names[column[4:] or self.default_language] = (one, many or one)
        rest = {key: value for key, value in row.items() if not key.startswith("many")}
        return rest | {"names": names}


class UnitAliasSchema(_Word):
    """unit_aliases.tsv."""

    makes = types.UnitAlias
    unit = Cell(cells.plain(40))


class ConversionSchema(Row):
    """conversions.tsv."""

    makes = types.Conversion
    product = Cell(cells.plain(60))
    unit = Cell(cells.plain(40))
    grams = Cell(cells.whole(1, 10_000_000))


class ProductUnitsSchema(Row):
    """product_units.tsv."""

    makes = types.ProductUnits
    product = Cell(cells.plain(60))
    units = Cell(cells.several(cells.plain(40)))


class SeasonSchema(Row):
    """seasons.tsv."""

    makes = types.Season
    product = Cell(cells.plain(60))
    months = Cell(cells.several(cells.whole(1, 12)))
    note = Cell(cells.plain(120), required=False)


class TariffSchema(Row):
    """tariffs.tsv."""

    makes = types.Tariff
    council = Cell(cells.plain(40))
    market = Cell(cells.plain(60), required=False)
    goods_class = Cell(cells.plain(40), required=False)
    space_class = Cell(cells.plain(10), required=False)
    day_type = Cell(cells.one_of(("lumo", "festival")), required=False)
    festival = Cell(cells.plain(20), required=False)
    fee = Cell(cells.one_of(FEES))
    accrues = Cell(cells.one_of(("held", "traded")), required=False)
    rank = Cell(cells.whole(0, 99), required=False)
    bylaw = Cell(cells.plain(60), required=False)
    unit = Cell(cells.one_of(FEE_UNITS))
    valid_from = Cell(cells.iso_date)
    precision = Cell(cells.one_of(("day", "month", "year")))
    source_date = Cell(cells.iso_date, required=False)

    @classmethod
    def more(cls, context: Context) -> dict[str, fields.Field[Any]]:
        """Money of this pack's currency."""
        return {"amount": Cell(cells.amount(context.minor_digits))}

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        """The amount is in minor units by now."""
        return row | {"amount_minor": row.pop("amount")}


SCHEMAS: Final[Mapping[str, type[Row]]] = {
    "councils": CouncilSchema,
    "markets": MarketSchema,
    "lumo_days": LumoDaySchema,
    "calendar": CalendarSchema,
    "goods_classes": GoodsClassSchema,
    "products": ProductSchema,
    "aliases": AliasSchema,
    "units": UnitSchema,
    "unit_aliases": UnitAliasSchema,
    "conversions": ConversionSchema,
    "product_units": ProductUnitsSchema,
    "seasons": SeasonSchema,
    "tariffs": TariffSchema,
}


def schema_for(table: str, context: Context) -> Row:
    """The schema of one file, with the columns that this pack's languages and money ask for."""
    base = SCHEMAS[table]
    schema = cast("Row", base.from_dict(base.more(context), name=base.__name__)())
    schema.default_language = context.default_language
    return schema
