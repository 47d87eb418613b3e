"""The World Food Programme's price file: row by row. Pure.

A CSV with a header, a row of HXL tags under it, and one price a row. Columns are found by name;
ids of markets and goods are used where the file has them.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

NEEDED: Final = ("date", "market", "commodity", "unit", "currency", "price")
MOST_MINOR: Final = 2_000_000_000
KEY_LETTERS: Final = 120

COLUMNS: Final = "number of columns"
DATE: Final = "date"
PRICE: Final = "price"
CURRENCY: Final = "another currency"
UNIT: Final = "unit not understood"
NAMES: Final = "no market or commodity"
TYPE: Final = "neither retail nor wholesale"
FORECAST: Final = "not an observed price"
REPEATED: Final = "another price earlier in the file"


class BadFile(Exception):
    """The file is not of the form; the message is one line that says what to do."""


class WfpPlace(NamedTuple):
    """A market as the file names it; ``ref`` is its id there, or its name."""

    ref: str
    name: str
    region: str
    latitude: float | None
    longitude: float | None


class WfpGoods(NamedTuple):
    """A commodity as the file names it; ``ref`` is its id there, or its name."""

    ref: str
    name: str
    category: str


class WfpPrice(NamedTuple):
    """One price; ``line`` is where the row ends in the file."""

    line: int
    day: date
    place: WfpPlace
    goods: WfpGoods
    unit: str
    wholesale: bool
    currency: str
    price: Decimal

    def source_key(self, pack_id: int) -> str:
        """Names the row for ever: the same price of the same day, whatever it is now."""
        how = "w" if self.wholesale else "r"
        parts = (str(pack_id), self.place.ref, self.goods.ref, self.unit, how, str(self.day))
        key = "wfp:" + ":".join(parts)
        if len(key) <= KEY_LETTERS:
            return key
        return "wfp:" + hashlib.blake2b(key.encode(), digest_size=20).hexdigest()


class Refused(NamedTuple):
    """A row that cannot be used, and why."""

    line: int
    reason: str


def read(lines: Iterable[str]) -> Iterator[WfpPrice | Refused]:
    """Each data row in turn; raises BadFile where the file is not of the form."""
    reader = csv.reader(lines)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in NEEDED if name not in header]
        if missing:
            raise BadFile(
                f"no column {', '.join(missing)} in line 1: is it a WFP price file (CSV)?"
            )
        yield from _Rows(header).of(reader)
    except csv.Error as error:
        raise BadFile(f"line {reader.line_num}: {error}") from error
    except UnicodeDecodeError as error:
        raise BadFile("the file is not UTF-8: save it as UTF-8") from error


@dataclass
class _Rows:
    """Cells to values; equal places and goods are one value, so that they compare fast."""

    header: list[str]
    places: dict[Any, WfpPlace] = field(default_factory=dict)
    goods: dict[Any, WfpGoods] = field(default_factory=dict)

    def __post_init__(self) -> None:
        place = self._at("market_id", "market", "admin1", "latitude", "longitude")
        self.place_of = itemgetter(*place)
        self.goods_of = itemgetter(*self._at("commodity_id", "commodity", "category"))
        self.rest_of = itemgetter(
            *self._at("date", "price", "priceflag", "pricetype", "unit", "currency")
        )

    def _at(self, *names: str) -> tuple[int, ...]:
        """Places of columns; one that the file lacks is behind the last, where nothing stands."""
        return tuple(
            self.header.index(name) if name in self.header else len(self.header) for name in names
        )

    def of(self, reader: Iterator[list[str]]) -> Iterator[WfpPrice | Refused]:
        width, tags = len(self.header), True
        for row in reader:
            if not row or (tags and row[0].startswith("#")):
                continue
            tags = False
            line: int = reader.line_num  # type: ignore[attr-defined]
            if len(row) != width:
                yield Refused(line, COLUMNS)
                continue
            row.append("")
            yield self._price(line, row)

    def _price(self, line: int, row: list[str]) -> WfpPrice | Refused:
        day_text, price_text, flag, type_text, unit, currency = self.rest_of(row)
        day, price, how = _day(day_text), _amount(price_text), _wholesale(type_text)
        place = self.places.get(self.place_of(row)) or self._place(row)
        goods = self.goods.get(self.goods_of(row)) or self._goods(row)
        if day is None:
            return Refused(line, DATE)
        if price is None:
            return Refused(line, PRICE)
        if not _is_observed(flag):
            return Refused(line, FORECAST)
        if how is None:
            return Refused(line, TYPE)
        if not place.name or not goods.name:
            return Refused(line, NAMES)
        unit, currency = unit.strip(), currency.strip().upper()
        return WfpPrice(line, day, place, goods, unit, how, currency, price)

    def _place(self, row: list[str]) -> WfpPlace:
        cells = self.place_of(row)
        ref, name, region, latitude, longitude = (cell.strip() for cell in cells)
        north, east = _degrees(latitude, 90), _degrees(longitude, 180)
        if north is None or east is None:
            north = east = None
        found = WfpPlace(ref or name.lower(), name, region.title(), north, east)
        self.places[cells] = found
        return found

    def _goods(self, row: list[str]) -> WfpGoods:
        cells = self.goods_of(row)
        ref, name, category = (cell.strip() for cell in cells)
        found = self.goods[cells] = WfpGoods(ref or name.lower(), name, category.lower())
        return found


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 < price < MOST_MINOR else None


@lru_cache(maxsize=64)
def _wholesale(text: str) -> bool | None:
    return {"retail": False, "": False, "wholesale": True}.get(text.strip().lower())


@lru_cache(maxsize=64)
def _is_observed(text: str) -> bool:
    """Aggregates are observed too: several observations of a month in one row."""
    flag = text.lower()
    return not flag.strip() or "actual" in flag or "aggregate" in flag


def _degrees(text: str, most: int) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -most <= value <= most else None


def minor(price: Decimal, digits: int) -> int:
    """A price in minor units of its currency, halves rounded up."""
    exact = price.scaleb(digits)
    whole = int(exact)
    return whole if whole == exact else int(exact.to_integral_value(ROUND_HALF_UP))
