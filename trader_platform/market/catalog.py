"""A country's data in memory: read whole, shared by all dialogues, at most 30 seconds old.

Catalogs change by ``pack load`` only, so a hop reads none of these tables.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, select

from trader_platform.core.db import Database
from trader_platform.core.money import Currency
from trader_platform.market import models as m

FRESH_SECONDS: Final = 30.0
Names = Mapping[str, Any]
# What something is called, its id, and the language; "" where a name belongs to none.
Word = tuple[str, int, str]


def in_language(names: Names, language: str) -> Any:
    """The name in a language, else in English, else in the first language the pack gives."""
    return names.get(language) or names.get("en") or next(iter(names.values()))


@dataclass(frozen=True, slots=True)
class Place:
    """A market or lumo; ``days`` are ISO weekdays, empty where unknown or every day."""

    id: int
    slug: str
    kind: str
    name: str
    short_name: str
    council_id: int | None
    days: tuple[int, ...]
    rank: int
    latitude: float | None
    longitude: float | None
    region: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """One kind of goods; ``units`` in the order of the keypad."""

    id: int
    slug: str
    names: Names
    goods_class_id: int
    perishable: bool
    units: tuple[int, ...]
    season: str | None

    def name(self, language: str) -> str:
        """Short name in a language, English where it has none."""
        return str(in_language(self.names, language))


@dataclass(frozen=True, slots=True)
class Unit:
    """A measure."""

    id: int
    slug: str
    names: Names
    grams: int | None

    def one(self, language: str) -> str:
        """Name of one."""
        return str(in_language(self.names, language)[0])

    def many(self, language: str, count: int = 2) -> str:
        """Name of ``count`` of them."""
        return str(in_language(self.names, language)[0 if count == 1 else 1])


@dataclass(frozen=True, slots=True)
class GoodsClass:
    """A kind of goods."""

    id: int
    slug: str
    names: Names

    def name(self, language: str) -> str:
        """Short name in a language, English where it has none."""
        return str(in_language(self.names, language))


@dataclass(frozen=True, slots=True)
class CouncilView:
    """Who runs a market."""

    id: int
    slug: str
    name: str
    short_name: str
    phone: str | None
    charging: bool


@dataclass(frozen=True)
class Catalog:
    """Everything of one pack that a screen may show."""

    pack_id: int
    slug: str
    settings: Mapping[str, Any]
    currency: Currency
    zone: str
    councils: Mapping[int, CouncilView]
    markets: Mapping[int, Place]
    classes: Mapping[int, GoodsClass]
    products: Mapping[int, Product]
    units: Mapping[int, Unit]
    grams: Mapping[tuple[int, int], int]
    product_words: tuple[Word, ...] = field(repr=False, default=())
    market_words: tuple[Word, ...] = field(repr=False, default=())
    unit_words: tuple[Word, ...] = field(repr=False, default=())

    @property
    def languages(self) -> tuple[tuple[str, str, bool], ...]:
        """(tag, own name, is a draft) in the order of the keypad."""
        return tuple(
            (x["tag"], x["name"], bool(x.get("draft"))) for x in self.settings["languages"]
        )

    def grams_of(self, product_id: int, unit_id: int) -> int | None:
        """Grams in one unit of a product, or None: then its price compares with nothing."""
        return self.grams.get((product_id, unit_id)) or self.units[unit_id].grams


def read(connection: Connection, pack_id: int) -> Catalog:
    """Read one pack whole; retired rows are left out of lists but stay readable by id."""
    pack = connection.execute(select(m.Pack.slug, m.Pack.settings).filter_by(id=pack_id)).one()
    settings = json.loads(pack.settings)
    products = _products(connection, pack_id)
    markets = _markets(connection, pack_id)
    units = _units(connection, pack_id)
    return Catalog(
        pack_id=pack_id,
        slug=pack.slug,
        settings=settings,
        currency=Currency(
            settings["currency"],
            settings["money_mark"],
            settings.get("minor_digits", 2),
            settings.get("money_mark_before", True),
        ),
        zone=settings["timezone"],
        councils=_councils(connection, pack_id),
        markets=markets,
        classes=_classes(connection, pack_id),
        products=products,
        units=units,
        grams=_grams(connection, pack_id),
        product_words=_product_words(connection, products),
        market_words=_market_words(connection, markets),
        unit_words=_unit_words(connection, units),
    )


def _councils(connection: Connection, pack_id: int) -> dict[int, CouncilView]:
    c = m.Council
    rows = connection.execute(
        select(c.id, c.slug, c.name, c.short_name, c.phone, c.charging)
        .where(c.pack_id == pack_id, c.retired.is_(False))
        .order_by(c.id)
    )
    return {row.id: CouncilView(*row) for row in rows}


def _markets(connection: Connection, pack_id: int) -> dict[int, Place]:
    p = m.Market
    days: dict[int, list[int]] = {}
    for market_id, weekday in connection.execute(
        select(m.MarketDay.market_id, m.MarketDay.weekday)
        .join(p, p.id == m.MarketDay.market_id)
        .where(p.pack_id == pack_id)
        .order_by(m.MarketDay.weekday)
    ):
        days.setdefault(market_id, []).append(weekday)
    rows = connection.execute(
        select(p).where(p.pack_id == pack_id, p.retired.is_(False)).order_by(p.rank, p.id)
    )
    return {
        row.id: Place(
            id=row.id,
            slug=row.slug,
            kind=row.kind,
            name=row.name,
            short_name=row.short_name,
            council_id=row.council_id,
            days=tuple(days.get(row.id, ())),
            rank=row.rank,
            latitude=row.latitude,
            longitude=row.longitude,
            region=row.region,
        )
        for row in rows
    }


def _products(connection: Connection, pack_id: int) -> dict[int, Product]:
    p = m.Product
    units: dict[int, list[int]] = {}
    for product_id, unit_id in connection.execute(
        select(m.ProductUnit.product_id, m.ProductUnit.unit_id)
        .join(p, p.id == m.ProductUnit.product_id)
        .where(p.pack_id == pack_id)
        .order_by(m.ProductUnit.product_id, m.ProductUnit.rank)
    ):
        units.setdefault(product_id, []).append(unit_id)
    rows = connection.execute(
        select(p).where(p.pack_id == pack_id, p.retired.is_(False)).order_by(p.rank, p.id)
    )
    return {
        row.id: Product(
            id=row.id,
            slug=row.slug,
            names=json.loads(row.names),
            goods_class_id=row.goods_class_id,
            perishable=row.perishable,
            units=tuple(units.get(row.id, ())),
            season=row.season,
        )
        for row in rows
    }


def _classes(connection: Connection, pack_id: int) -> dict[int, GoodsClass]:
    g = m.GoodsClass
    rows = connection.execute(
        select(g.id, g.slug, g.names)
        .where(g.pack_id == pack_id, g.retired.is_(False))
        .order_by(g.rank, g.id)
    )
    return {row.id: GoodsClass(row.id, row.slug, json.loads(row.names)) for row in rows}


def _units(connection: Connection, pack_id: int) -> dict[int, Unit]:
    u = m.Unit
    rows = connection.execute(
        select(u.id, u.slug, u.names, u.grams).where(u.pack_id == pack_id).order_by(u.rank, u.id)
    )
    return {row.id: Unit(row.id, row.slug, json.loads(row.names), row.grams) for row in rows}


def _grams(connection: Connection, pack_id: int) -> dict[tuple[int, int], int]:
    rows = connection.execute(
        select(m.Conversion.product_id, m.Conversion.unit_id, m.Conversion.grams)
        .join(m.Product, m.Product.id == m.Conversion.product_id)
        .where(m.Product.pack_id == pack_id)
    )
    return {(row.product_id, row.unit_id): row.grams for row in rows}


def _product_words(connection: Connection, products: Mapping[int, Product]) -> tuple[Word, ...]:
    words = {
        (str(name), p.id, language)
        for p in products.values()
        for language, name in p.names.items()
        if name
    }
    words |= {(p.slug.replace("-", " "), p.id, "") for p in products.values()}
    # Unsure words are kept for the record, but nobody is answered by one.
    a = m.ProductAlias
    aliases = connection.execute(
        select(a.word, a.product_id, a.language).where(a.certainty != "unsure")
    )
    words |= {(x.word, x.product_id, x.language) for x in aliases if x.product_id in products}
    return tuple(sorted(words))


def _market_words(connection: Connection, markets: Mapping[int, Place]) -> tuple[Word, ...]:
    words = {(name, p.id, "") for p in markets.values() for name in (p.name, p.short_name)}
    aliases = connection.execute(select(m.MarketAlias.word, m.MarketAlias.market_id))
    words |= {(row.word, row.market_id, "") for row in aliases if row.market_id in markets}
    return tuple(sorted(words))


def _unit_words(connection: Connection, units: Mapping[int, Unit]) -> tuple[Word, ...]:
    words = {
        (str(name), u.id, language)
        for u in units.values()
        for language, names in u.names.items()
        for name in names
        if name
    }
    words |= {(u.slug.replace("-", " "), u.id, "") for u in units.values()}
    a = m.UnitAlias
    aliases = connection.execute(select(a.word, a.unit_id, a.language))
    words |= {(x.word, x.unit_id, x.language) for x in aliases if x.unit_id in units}
    return tuple(sorted(words))


class Catalogs:
    """All packs of this process, each re-read when older than 30 seconds."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._held: dict[int, tuple[float, Catalog]] = {}
        self._codes: tuple[float, dict[str, int], int] = (0.0, {}, 0)

    def get(self, pack_id: int) -> Catalog:
        """The catalog of a pack; raises NoResultFound where there is no such pack."""
        held = self._held.get(pack_id)
        if held is not None and time.monotonic() - held[0] < FRESH_SECONDS:
            return held[1]
        try:
            with self._db.reading() as connection:
                catalog = read(connection, pack_id)
        except Exception:
            if held is None:
                raise
            catalog = held[1]  # a locked or absent database must not take the words away too
        self._held[pack_id] = (time.monotonic(), catalog)
        return catalog

    def for_code(self, service_code: str) -> Catalog:
        """The pack a dialled code is bound to; any other code is answered by the first pack."""
        read_at, codes, first = self._codes
        if not read_at or time.monotonic() - read_at > FRESH_SECONDS:
            try:
                codes, first = self._read_codes()
            except Exception:
                if not read_at:
                    raise
            self._codes = (time.monotonic(), codes, first)
        return self.get(codes.get(service_code, first))

    def forget(self) -> None:
        """Read everything anew at the next call (after a pack was loaded in this process)."""
        self._held.clear()
        self._codes = (0.0, {}, 0)

    def _read_codes(self) -> tuple[dict[str, int], int]:
        with self._db.reading() as connection:
            rows = connection.execute(select(m.ServiceCode.code, m.ServiceCode.pack_id))
            codes = {row.code: row.pack_id for row in rows}
            first = connection.execute(select(m.Pack.id).order_by(m.Pack.id).limit(1)).scalar_one()
        return codes, first
