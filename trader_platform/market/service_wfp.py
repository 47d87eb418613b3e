"""Writes a World Food Programme price file into a pack's places, in sets. Never commits.

``Import.look`` reads only and says what a handful of rows would change; ``Import.write`` does it
with the weeks of those rows, in the caller's transaction: whatever was committed when the process
is killed is whole, and reading the file again adds the rest and nothing twice.

What the pack does not know is made with ids that begin with ``wfp-``; loading the pack leaves such
rows alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from trader_platform.market import models as m
from trader_platform.market import price_weeks, wfp, wfp_words
from trader_platform.market.catalog import Catalog
from trader_platform.market.fold import plain
from trader_platform.market.price_stats import per_kilo
from trader_platform.market.price_weeks import monday
from trader_platform.market.wfp import Refused, WfpGoods, WfpPlace, WfpPrice

PREFIX: Final = "wfp-"
SOURCE: Final = "wfp"
CREDIT: Final = "World Food Programme price database"
TOGETHER: Final = 500
# Class of goods by the file's category: the first of these ids that the pack has, else its last.
CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "cereals and tubers": ("cereals-and-tubers", "grain", "roots"),
    "pulses and nuts": ("pulses-and-nuts", "nuts", "grain"),
    "vegetables and fruits": ("vegetables-and-fruits", "greens"),
    "meat, fish and eggs": ("meat-fish-and-eggs", "meat", "fish"),
    "milk and dairy": ("milk-and-dairy", "meat", "drinks"),
    "oil and fats": ("oil-and-fats", "oil-spice"),
    "miscellaneous food": ("miscellaneous-food", "oil-spice"),
}


# source key, row, its price in minor units
Priced = tuple[str, WfpPrice, int]
_COLUMNS: Final = (
    *("market_id", "product_id", "unit_id", "wholesale", "seen_on", "price_minor"),
    *("per_kilo_minor", "recorded_at", "source_key", "source", "currency", "state"),
)
_NAMES: Final = ", ".join(_COLUMNS)
_INSERT: Final = f"INSERT INTO price_reports ({_NAMES}) VALUES ({{marks}}) ON CONFLICT DO NOTHING"  # noqa: S608
_CORRECT: Final = (
    "UPDATE price_reports SET price_minor = {mark}, per_kilo_minor = {mark}, recorded_at = {mark}"
    " WHERE source_key = {mark}"
)


@dataclass(slots=True)
class Found:
    """What ``look`` found about some rows; ``new`` and ``corrected`` are still to be written."""

    new: list[Priced] = field(default_factory=list)
    corrected: list[Priced] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def to_write(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.new or self.corrected)


@dataclass
class Import:
    """One run over one file for one pack; keeps what it learned of names between its turns.

    Memory grows with the file by a hash for each row, to find rows that stand in it twice.
    """

    catalog: Catalog
    now: datetime
    markets: dict[WfpPlace, int] = field(default_factory=dict)
    products: dict[WfpGoods, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    grams: dict[tuple[int, int], int | None] = field(default_factory=dict)

    def look(self, connection: Connection, rows: Sequence[WfpPrice | Refused]) -> Found:
        """What these rows would change. Reads only."""
        found = Found()
        usable: dict[str, Priced] = {}
        for row in rows:
            price, reason = self._judge(row)
            if isinstance(row, Refused) or reason is not None:
                found.refused.append(Refused(row.line, str(reason)))
                continue
            key = row.source_key(self.catalog.pack_id)
            if self.seen.setdefault(hash(key), price) != price:
                found.refused.append(Refused(row.line, wfp.REPEATED))
            elif key in usable:
                found.unchanged += 1
            else:
                usable[key] = (key, row, price)
        stored = _stored(connection, usable)
        for key, priced in usable.items():
            before = stored.get(key)
            if before is None:
                found.new.append(priced)
            elif before != priced[2]:
                found.corrected.append(priced)
            else:
                found.unchanged += 1
        return found

    def write(self, connection: Connection, found: Found) -> None:
        """Make what is not known, add the new rows, correct others, remake their weeks.

        By driver statements: they take a third of the time of Core's.
        """
        sqlite = connection.dialect.name == "sqlite"
        now = f"{self.now:%Y-%m-%d %H:%M:%S.%f}" if sqlite else self.now
        mark = "?" if sqlite else "%s"
        rows, keys = [], set()
        for key, row, price in (*found.new, *found.corrected):
            place = (*self._ids(connection, row), row.wholesale)
            keys.add((*place, monday(row.day)))
            kilo = per_kilo(price, self.grams[place[1], place[2]])
            day = str(row.day) if sqlite else row.day
            rows.append((*place, day, price, kilo, now, key, SOURCE, row.currency, "counted"))
        new, corrected = rows[: len(found.new)], rows[len(found.new) :]
        if new:
            marks = ", ".join([mark] * len(_COLUMNS))
            new.sort(key=itemgetter(_COLUMNS.index("source_key")))  # neighbours in the index
            connection.exec_driver_sql(_INSERT.format(marks=marks), new)
        if corrected:
            values = [row[5:9] for row in corrected]
            connection.exec_driver_sql(_CORRECT.format(mark=mark), values)
        price_weeks.rebuild(connection, keys)

    def _judge(self, row: WfpPrice | Refused) -> tuple[int, str | None]:
        """The row's price in minor units of the pack's currency, and why it cannot be used."""
        if isinstance(row, Refused):
            return 0, row.reason
        if row.currency != self.catalog.currency.code:
            return 0, wfp.CURRENCY
        if wfp_words.measure(row.unit) is None:
            return 0, wfp.UNIT
        price = wfp.minor(row.price, self.catalog.currency.digits)
        return price, None if 0 < price <= wfp.MOST_MINOR else wfp.PRICE

    def _ids(self, connection: Connection, row: WfpPrice) -> tuple[int, int, int]:
        market_id = self.markets.get(row.place)
        product_id = self.products.get(row.goods)
        unit_id = self.units.get(row.unit)
        if market_id is None:
            market_id = self.markets[row.place] = _market(connection, self.catalog, row.place)
        if product_id is None:
            product_id = self.products[row.goods] = _product(connection, self.catalog, row.goods)
        if unit_id is None:
            unit_id = self.units[row.unit] = _unit(connection, self.catalog, row.unit)
        if (product_id, unit_id) not in self.grams:
            self.grams[product_id, unit_id] = _offer(connection, product_id, unit_id)
        return market_id, product_id, unit_id


def _stored(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Key to price of those rows that are there already."""
    found: dict[str, int] = {}
    waiting = iter(keys)
    statement = "SELECT source_key, price_minor FROM price_reports WHERE source_key IN ({marks})"
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    while together := tuple(islice(waiting, TOGETHER)):
        marks = ", ".join([mark] * len(together))
        rows = connection.exec_driver_sql(statement.format(marks=marks), together)
        found.update((key, price) for key, price in rows)
    return found


def _only(words: Iterable[tuple[str, int]], wanted: Iterable[str]) -> int | None:
    """The one thing that is called by the first of ``wanted`` that anything is called by."""
    called: dict[str, set[int]] = {}
    for word, id_ in words:
        called.setdefault(plain(word), set()).add(id_)
    for word in wanted:
        ids = called.get(plain(word), set())
        if len(ids) == 1:
            return next(iter(ids))
    return None


def _market(connection: Connection, catalog: Catalog, place: WfpPlace) -> int:
    """The pack's market of that name, else one made before, else a new price-only place."""
    market, slug = m.Market, PREFIX + wfp_words.slugged(place.ref)
    mine = market.pack_id == catalog.pack_id
    rows = connection.execute(
        select(market.id, market.slug, market.name, market.short_name).where(mine)
    ).all()
    made = next((row.id for row in rows if row.slug == slug), None)
    aliases = connection.execute(
        select(m.MarketAlias.word, m.MarketAlias.market_id).join(market).where(mine)
    )
    known = [(word, row.id) for row in rows for word in (row.name, row.short_name)]
    found = (
        made
        or _only(known, [place.name])
        or _only(((row[0], row[1]) for row in aliases), [place.name])
    )
    if found is not None:
        return int(found)
    short = wfp_words.short_place(place.name, [row.short_name.lower() for row in rows])
    values = {
        "pack_id": catalog.pack_id,
        "slug": slug,
        "kind": "price_only",
        "name": place.name[:80],
        "short_name": short,
        "region": place.region[:80] or None,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "rank": len(rows),
        "retired": False,
    }
    return _made(connection, market, values)


def _product(connection: Connection, catalog: Catalog, goods: WfpGoods) -> int:
    """The pack's product by its names, then by its words, else a new one of the pack."""
    product, slug = m.Product, PREFIX + wfp_words.slugged(goods.ref)
    mine = product.pack_id == catalog.pack_id
    rows = connection.execute(select(product.id, product.slug, product.names).where(mine)).all()
    made = next((row.id for row in rows if row.slug == slug), None)
    if made is not None:
        return int(made)
    names = [(word, row.id) for row in rows for word in json.loads(row.names).values()]
    slugs = [(row.slug.replace("-", " "), row.id) for row in rows]
    aliases = connection.execute(
        select(m.ProductAlias.word, m.ProductAlias.product_id).join(product).where(mine)
    )
    wanted = wfp_words.names(goods.name)
    found = _only([*names, *slugs], wanted) or _only(((row[0], row[1]) for row in aliases), wanted)
    if found is not None:
        return found
    short = wfp_words.short_name(goods.name, [word for word, _ in names])
    language = str(catalog.settings.get("default_language", "en"))
    made = _made(
        connection,
        product,
        {
            "pack_id": catalog.pack_id,
            "goods_class_id": _goods_class(connection, catalog, goods.category),
            "slug": slug,
            "names": json.dumps({language: short, "en": short}, ensure_ascii=False),
            "perishable": False,
            "rank": len(rows),
            "retired": False,
        },
    )
    words = [
        {
            "product_id": made,
            "language": "en",
            "word": word[:60],
            "certainty": "sourced",
            "source": CREDIT,
        }
        for word in wfp_words.words(goods.name)
    ]
    connection.execute(insert(m.ProductAlias), words)
    return made


def _goods_class(connection: Connection, catalog: Catalog, category: str) -> int:
    rows = connection.execute(
        select(m.GoodsClass.slug, m.GoodsClass.id)
        .where(m.GoodsClass.pack_id == catalog.pack_id, m.GoodsClass.retired.is_(False))
        .order_by(m.GoodsClass.rank)
    ).all()
    known = {row.slug: int(row.id) for row in rows}
    asked = (wfp_words.slugged(category), *CLASSES.get(category, ()))
    return next((known[slug] for slug in asked if slug in known), int(rows[-1].id))


def _unit(connection: Connection, catalog: Catalog, text: str) -> int:
    """The pack's unit of that weight, volume or word, else a new one of the pack."""
    unit, wanted = m.Unit, wfp_words.measure(text)
    assert wanted is not None  # refused rows do not come here
    mine = unit.pack_id == catalog.pack_id
    rows = connection.execute(
        select(unit.id, unit.slug, unit.names, unit.grams, unit.millilitres)
        .where(mine)
        .order_by(unit.rank)
    ).all()
    same: Callable[[Any], bool] = lambda row: (  # noqa: E731 - a name for a long condition
        (wanted.grams is not None and row.grams == wanted.grams)
        or (wanted.millilitres is not None and row.millilitres == wanted.millilitres)
        or row.slug in (wanted.slug, PREFIX + wanted.slug)
    )
    found = next((row.id for row in rows if same(row)), None)
    if found is None and wanted.words:
        words = [
            (word, row.id) for row in rows for names in json.loads(row.names).values()
            for word in names
        ]  # fmt: skip
        aliases = connection.execute(
            select(m.UnitAlias.word, m.UnitAlias.unit_id).join(unit).where(mine)
        )
        found = _only(words, wanted.words) or _only(
            ((row[0], row[1]) for row in aliases), wanted.words
        )
    if found is not None:
        return int(found)
    language = str(catalog.settings.get("default_language", "en"))
    names = [wanted.one, wanted.many]
    values = {
        "pack_id": catalog.pack_id,
        "slug": PREFIX + wanted.slug,
        "names": json.dumps({language: names, "en": names}),
        "grams": wanted.grams,
        "millilitres": wanted.millilitres,
        "rank": len(rows),
        "retired": False,
    }
    return _made(connection, unit, values)


def _offer(connection: Connection, product_id: int, unit_id: int) -> int | None:
    """Let goods that an import made be told by this unit too; returns grams in one, if known."""
    slug = connection.execute(select(m.Product.slug).filter_by(id=product_id)).scalar_one()
    offered = m.ProductUnit
    units = connection.execute(select(offered.unit_id).filter_by(product_id=product_id)).scalars()
    known = list(units)
    if slug.startswith(PREFIX) and unit_id not in known:
        values = {"product_id": product_id, "unit_id": unit_id, "rank": len(known)}
        connection.execute(insert(offered), values)
    weighed = connection.execute(
        select(m.Conversion.grams).filter_by(product_id=product_id, unit_id=unit_id)
    ).scalar()
    if weighed is not None:
        return int(weighed)
    return connection.execute(select(m.Unit.grams).filter_by(id=unit_id)).scalar_one()


def _made(connection: Connection, model: Any, values: dict[str, Any]) -> int:
    return int(connection.execute(insert(model).returning(model.id), values).scalar_one())
