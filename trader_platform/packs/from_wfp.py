"""Makes a pack's files from a World Food Programme price file: its places, goods and units.

What the file does not say is not invented: no council, no market day, no tariff, no weight but
those printed in its units. The country follows from the currency, where only one has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from babel import Locale
from babel.numbers import get_currency_precision, get_territory_currencies

from trader_platform.core.gsm import cut, downgrade
from trader_platform.market import wfp_words as words
from trader_platform.market.wfp import BadFile, Refused, WfpGoods, WfpPlace, WfpPrice
from trader_platform.packs.reader import read_pack
from trader_platform.packs.types import Pack

SOURCE: Final = "World Food Programme price database (HDX), CC BY-IGO"
NAMED: Final = "named after the price file, to be checked by people who sell there"
# Goods of these categories spoil; the file does not say so of single goods.
PERISHABLE: Final = ("vegetables and fruits", "meat, fish and eggs", "milk and dairy")
_CLASS_NAMES: Final[Mapping[str, str]] = {
    "cereals and tubers": "Cereals, yam",
    "vegetables and fruits": "Greens, fruit",
    "meat, fish and eggs": "Meat and fish",
    "milk and dairy": "Milk",
    "oil and fats": "Oil",
    "pulses and nuts": "Beans, nuts",
    "miscellaneous food": "Other food",
    "non-food": "Other goods",
}
Cells = Sequence[object]


@dataclass
class Seen:
    """What a file names, each once, in the order of the file; ``units`` by the goods' name."""

    currency: str = ""
    rows: int = 0
    places: dict[str, WfpPlace] = field(default_factory=dict)
    goods: dict[str, WfpGoods] = field(default_factory=dict)
    units: dict[str, dict[str, words.Measure]] = field(default_factory=dict)

    def note(self, row: WfpPrice) -> None:
        """Keep what the row names, where its unit is understood."""
        measure = words.measure(row.unit)
        self.currency = self.currency or row.currency
        if measure is None or row.currency != self.currency:
            return
        self.rows += 1
        name = " ".join(words.parts(row.goods.name)).strip()
        self.places.setdefault(row.place.name.lower(), row.place)
        self.goods.setdefault(name, row.goods)
        self.units.setdefault(name, {}).setdefault(measure.slug, measure)


@dataclass(frozen=True)
class Country:
    """What pack.toml says of a country, all from the standards' tables."""

    code: str
    name: str
    calling_code: str
    timezone: str
    currency: str
    digits: int


def collect(rows: Iterable[WfpPrice | Refused]) -> Seen:
    """What the rows name. Raises BadFile where none of them can be used."""
    seen = Seen()
    for row in rows:
        if isinstance(row, WfpPrice):
            seen.note(row)
    if not seen.rows:
        raise BadFile("no row of the file has a price and a unit that can be used")
    return seen


def country_of(currency: str, code: str | None = None) -> Country:
    """The country that has the currency; raises BadFile where ``code`` must say which."""
    import phonenumbers

    having = [
        str(each) for each in Locale("en").territories
        if re.fullmatch("[A-Z]{2}", str(each)) and currency in get_territory_currencies(str(each))
    ]  # fmt: skip
    if code is None and len(having) != 1:
        among = f" (it is money in {', '.join(sorted(having))})" if having else ""
        raise BadFile(f"{currency} does not name one country{among}: say which by --country")
    chosen = (code or having[0]).upper()
    calling = phonenumbers.country_code_for_region(chosen)
    zones = _zones(chosen)
    if chosen not in Locale("en").territories or not calling or not zones:
        raise BadFile(f"{chosen!r} is no country: write its two letters, like GM")
    name = downgrade(str(Locale("en").territories[chosen]))
    digits = get_currency_precision(currency)
    return Country(chosen, name, str(calling), zones[0], currency, digits)


def _zones(country: str) -> list[str]:
    """A country's time zones, the most populous first, as the zone table has them."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return [row[2] for row in rows if row[0] == country]


def write_pack(folder: Path, seen: Seen, country: Country, *, name: str, code: str) -> Pack:
    """Write the files into an empty or new ``folder`` and read them back, as a check.

    ``code`` is the pack's own service code. Raises BadFile where the folder has a pack already.
    """
    if (folder / "pack.toml").exists():
        raise BadFile(f"{folder} has a pack already: give another name, or remove it first")
    folder.mkdir(parents=True, exist_ok=True)
    for table, (header, rows) in _tables(seen).items():
        _write(folder / f"{table}.tsv", header, rows)
    toml = _toml(country, name=name, code=code)
    (folder / "pack.toml").write_text(toml, encoding="utf-8", newline="\n")
    return read_pack(folder)


def _tables(seen: Seen) -> dict[str, tuple[str, list[Cells]]]:
    products, aliases, offered = _goods(seen)
    return {
        "councils": ("slug name short_name", []),
        "markets": (
            "slug council council_certainty kind name short_name aliases region latitude longitude",
            _places(seen),
        ),
        "lumo_days": ("market weekday", []),
        "calendar": ("market kind from until moved_to note", []),
        "goods_classes": ("slug short_name perishable listing_days", _classes(seen)),
        "products": ("slug goods_class short_name perishable", products),
        "aliases": ("product language word", aliases),
        "units": ("slug kind one many grams millilitres", _units(seen)),
        "unit_aliases": ("unit language word", _unit_words(seen)),
        "conversions": ("product unit grams", []),
        "product_units": ("product units", offered),
        "seasons": ("product months note", []),
        "tariffs": (
            "council market goods_class fee unit amount valid_from precision source_date",
            [],
        ),
    }


def _write(path: Path, header: str, rows: Iterable[Cells]) -> None:
    lines = ["\t".join([*header.split(), "certainty", "source"])]
    lines += ["\t".join("" if cell is None else str(cell) for cell in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _places(seen: Seen) -> list[Cells]:
    rows: list[Cells] = []
    slugs: set[str] = set()
    short: list[str] = []
    for place in seen.places.values():
        one = words.short_place(place.name, [x.lower() for x in short])
        short.append(one)
        parts = [_clean(part).lower() for part in re.split(r"[/,;()]", place.name)]
        known = {place.name.lower(), one.lower()}
        aliases = [x for x in dict.fromkeys(parts) if x and x not in known]
        where = (_degrees(place.latitude), _degrees(place.longitude))
        row = (_slug(place.name, slugs), "", "", "price_only", _clean(place.name)[:80], one)
        rows.append((*row, ";".join(aliases), _clean(place.region)[:80], *where, "sourced", SOURCE))
    return rows


def _classes(seen: Seen) -> list[Cells]:
    rows: list[Cells] = []
    for category in _categories(seen):
        name = _CLASS_NAMES.get(category) or cut(category.capitalize(), 14)
        spoils = category in PERISHABLE
        days = 1 if spoils else 7
        rows.append(
            (words.slugged(category), name, "yes" if spoils else "no", days, "inferred", NAMED)
        )
    return rows


def _categories(seen: Seen) -> list[str]:
    return list(dict.fromkeys(goods.category or "non-food" for goods in seen.goods.values()))


def _goods(seen: Seen) -> tuple[list[Cells], list[Cells], list[Cells]]:
    products: list[Cells] = []
    aliases: list[Cells] = []
    offered: list[Cells] = []
    slugs: set[str] = set()
    short: list[str] = []
    for name, goods in seen.goods.items():
        one = words.short_name(goods.name, short)
        short.append(one)
        slug = _slug(name, slugs)
        kind = words.slugged(goods.category or "non-food")
        products.append((slug, kind, one, "", "sourced", SOURCE))
        for word in words.words(goods.name):
            aliases.append((slug, "en", word[:60], "sourced", SOURCE))
        # What one buys comes before what traders buy.
        units = sorted(seen.units[name].values(), key=lambda unit: unit.grams or 0)
        offered.append((slug, ";".join(unit.slug for unit in units), "sourced", SOURCE))
    return products, aliases, offered


def _all_units(seen: Seen) -> list[words.Measure]:
    every = {unit.slug: unit for units in seen.units.values() for unit in units.values()}
    return sorted(every.values(), key=lambda unit: (unit.kind, unit.grams or 0, unit.slug))


def _units(seen: Seen) -> list[Cells]:
    shown: set[str] = set()
    rows: list[Cells] = []
    for unit in _all_units(seen):
        one, many = unit.one, unit.many
        if one in shown:  # lots of so many pieces and so many tubers
            one = many = cut(unit.slug.replace("-", " "), words.ONE_SEPTETS)
        shown.add(one)
        row = (unit.slug, unit.kind, one, many, unit.grams, unit.millilitres)
        rows.append((*row, "sourced", SOURCE))
    return rows


def _unit_words(seen: Seen) -> list[Cells]:
    return [
        (unit.slug, "en", word, "sourced", SOURCE)
        for unit in _all_units(seen)
        for word in unit.words
    ]


def _slug(text: str, taken: set[str]) -> str:
    base = words.slugged(text)[:56]
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    taken.add(slug)
    return slug


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _toml(country: Country, *, name: str, code: str) -> str:
    lines = [
        f"# {country.name}, made from a price file of the World Food Programme.",
        f'slug = "{name}"',
        f'name = "{country.name}"',
        f'country = "{country.code}"',
        f'calling_code = "{country.calling_code}"',
        f'currency = "{country.currency}"',
        f"minor_digits = {country.digits}",
        f'money_mark = "{country.currency}"',
        "money_mark_before = true",
        f'timezone = "{country.timezone}"',
        'default_language = "en"',
        'service_name = "Market Line"',
        f'service_code = "{code}"',
        "",
        "[[languages]]",
        'tag = "en"',
        'name = "English"',
        "draft = false",
        "",
        "# The file says nothing of market days: every day counts as one.",
        "[market_day]",
        "daily_market_weekdays = [1, 2, 3, 4, 5, 6, 7]",
        "longest_listing_days = 7",
        "",
    ]
    return "\n".join(lines)
