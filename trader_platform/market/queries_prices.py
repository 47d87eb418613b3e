"""Reads what goods cost: at her market, of one product, and at the places around.

All from price weeks by index, so that a million reports make no read longer, and kept for at most
30 seconds by each process. Figures are of the last eight weeks that a place has news from; the day
comes with every figure, because for some places that is long ago.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Row, func, select

from trader_platform.core.db import Database
from trader_platform.market.catalog import FRESH_SECONDS, Catalog, Place
from trader_platform.market.models_trade import PriceWeek
from trader_platform.market.price_stats import weighted_median

STILL_USUAL: Final = timedelta(weeks=7)  # before the newest week: eight weeks in all
ENOUGH: Final = 3
NEIGHBOURS: Final = 2
REMEMBERED: Final = 4096
HISTORY_WEEKS: Final = 60
HISTORY_OF_A_WEEK: Final = 30

T = TypeVar("T")
Week = Row[Any]
w: Final = PriceWeek


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of a product costs at a market, in minor units, by ``reports`` reports.

    The last of them is of ``seen_on``. ``usual`` is the median; ``low`` and ``high`` are the ends.
    """

    market: int
    product: int
    unit: int
    wholesale: bool
    low: int
    usual: int
    high: int
    reports: int
    seen_on: date


@dataclass(frozen=True, slots=True)
class KiloPrice:
    """What one kilogram usually costs at a market, in minor units."""

    market: int
    usual: int
    reports: int
    seen_on: date


def my_market(db: Database, market_id: int, today: date) -> tuple[Price, ...]:
    """Each product with a price at a market, those with the newest reports first."""

    def read(connection: Connection) -> tuple[Price, ...]:
        since = _since(connection, market_id, today)
        rows = [] if since is None else _weeks(connection, market_id, since)
        by_product: dict[int, list[Week]] = {}
        for row in rows:
            by_product.setdefault(row.product_id, []).append(row)
        prices = [_price(market_id, weeks) for weeks in by_product.values()]
        prices.sort(key=lambda x: (-x.seen_on.toordinal(), -x.reports, x.product))
        return tuple(prices)

    return _kept(db, ("mine", market_id, today), read)


def summary(db: Database, market_id: int, product_id: int, today: date) -> Price | None:
    """The price of a product at a market: by the unit with most reports, retail before wholesale.

    None where nobody ever reported one.
    """

    def read(connection: Connection) -> Price | None:
        since = _since(connection, market_id, today)
        if since is None:
            return None
        weeks = _weeks(connection, market_id, since, product_id)
        if not weeks:
            last = _newest(connection, w.market_id == market_id, w.product_id == product_id)
            if last is not None:
                weeks = _weeks(connection, market_id, last - STILL_USUAL, product_id)
        return _price(market_id, weeks) if weeks else None

    return _kept(db, ("one", market_id, product_id, today), read)


def near(db: Database, catalog: Catalog, product_id: int, market_id: int) -> tuple[KiloPrice, ...]:
    """The price of a kilogram at a market and at its two nearest neighbours that have one.

    Empty where no unit that people report can be compared by weight. Near is by distance where
    both places are on the map, else the same council, else the pack's order.
    """

    def read(connection: Connection) -> tuple[KiloPrice, ...]:
        units = [x for x in catalog.units if catalog.grams_of(product_id, x) is not None]
        last = _newest_of_units(connection, product_id, units)
        if last is None:
            return ()
        by_market: dict[int, list[Week]] = {}
        for row in _comparable(connection, product_id, units, last - STILL_USUAL):
            by_market.setdefault(row.market_id, []).append(row)
        known = [catalog.markets[x] for x in by_market if x in catalog.markets]
        order = sorted(known, key=_nearness(catalog, market_id))
        own = sum(place.id == market_id for place in order)
        places = order[: own + NEIGHBOURS]
        return tuple(_kilo_price(place.id, by_market[place.id]) for place in places)

    return _kept(db, ("near", catalog.pack_id, product_id, market_id), read)


def history(connection: Connection, product_id: int, unit_id: int) -> list[int]:
    """Earlier retail prices of a product by a unit anywhere, to hold a new one against.

    Each week speaks by its median and quartiles, as often as it has reports.
    """
    rows = connection.execute(
        select(w.reports, w.median_minor, w.first_quartile_minor, w.third_quartile_minor)
        .where(w.product_id == product_id, w.unit_id == unit_id, w.wholesale.is_(False))
        .order_by(w.week_of.desc())
        .limit(HISTORY_WEEKS)
    )
    return [
        price
        for reports, *figures in rows
        for price in islice(cycle(figures), min(reports, HISTORY_OF_A_WEEK))
    ]


_held: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()


def forget(connection: Connection, market_id: int, product_id: int) -> None:
    """Read a place's price of a product anew at the next call (this process reported one)."""
    database = str(connection.engine.url)
    touched = {("mine", market_id), ("one", market_id, product_id)}
    for key in list(_held):
        if key[0] == database and (key[1][:2] in touched or key[1][:3] in touched):  # type: ignore[index]
            _held.pop(key, None)


def _kept(db: Database, what: tuple[Any, ...], read: Callable[[Connection], T]) -> T:
    """What was read in the last 30 seconds, without a connection; else what is read now."""
    key = (db.name, what)
    held = _held.get(key)
    now = time.monotonic()
    if held is not None and now - held[0] < FRESH_SECONDS:
        found: T = held[1]
        return found
    with db.reading() as connection:
        found = read(connection)
    _held[key] = (now, found)
    while len(_held) > REMEMBERED:
        _held.popitem(last=False)
    return found


def _newest(connection: Connection, *which: Any) -> date | None:
    found: date | None = connection.execute(select(func.max(w.week_of)).where(*which)).scalar()
    return found


def _since(connection: Connection, market_id: int, today: date) -> date | None:
    """The first week that still counts at a place; None where it never had a price."""
    newest = _newest(connection, w.market_id == market_id, w.week_of <= today)
    return None if newest is None else newest - STILL_USUAL


def _newest_of_units(connection: Connection, product_id: int, units: Sequence[int]) -> date | None:
    """One seek in the index for each unit; a maximum over all of them would be a scan."""
    if not units:
        return None
    last = (
        select(
            select(func.max(w.week_of))
            .where(w.product_id == product_id, w.unit_id == unit)
            .scalar_subquery()
        )
        for unit in units
    )
    first, *others = last
    found = connection.execute(first.union_all(*others)).scalars().all()
    return max(filter(None, found), default=None)


_COLUMNS: Final = (
    w.product_id,
    w.unit_id,
    w.wholesale,
    w.week_of,
    w.reports,
    w.low_minor,
    w.median_minor,
    w.high_minor,
    w.last_seen_on,
)


def _weeks(
    connection: Connection, market_id: int, since: date, product_id: int | None = None
) -> list[Week]:
    query = select(*_COLUMNS).where(w.market_id == market_id, w.week_of >= since)
    if product_id is not None:
        query = query.where(w.product_id == product_id)
    return list(connection.execute(query.order_by(w.week_of.desc())))


def _comparable(
    connection: Connection, product_id: int, units: Sequence[int], since: date
) -> list[Week]:
    query = select(
        *(w.market_id, w.wholesale, w.reports, w.median_per_kilo_minor, w.last_seen_on)
    ).where(
        w.product_id == product_id,
        w.unit_id.in_(units),
        w.week_of >= since,
        w.median_per_kilo_minor.is_not(None),
    )
    return list(connection.execute(query.order_by(w.week_of.desc())))


def _price(market_id: int, weeks: Sequence[Week]) -> Price:
    """One product's figures: of its best known unit, from weeks that are sorted newest first."""
    reports: dict[tuple[bool, int], int] = {}
    for row in weeks:
        kind = (row.wholesale, row.unit_id)
        reports[kind] = reports.get(kind, 0) + row.reports
    best = min(reports, key=lambda kind: (kind[0], -reports[kind], kind[1]))
    used = _enough(row for row in weeks if (row.wholesale, row.unit_id) == best)
    return Price(
        market=market_id,
        product=used[0].product_id,
        unit=best[1],
        wholesale=best[0],
        low=min(row.low_minor for row in used),
        usual=weighted_median((row.median_minor, row.reports) for row in used),
        high=max(row.high_minor for row in used),
        reports=sum(row.reports for row in used),
        seen_on=max(row.last_seen_on for row in used),
    )


def _kilo_price(market_id: int, weeks: Sequence[Week]) -> KiloPrice:
    wholesale = all(row.wholesale for row in weeks)
    used = _enough(row for row in weeks if row.wholesale == wholesale)
    return KiloPrice(
        market_id,
        weighted_median((row.median_per_kilo_minor, row.reports) for row in used),
        sum(row.reports for row in used),
        max(row.last_seen_on for row in used),
    )


def _enough(weeks: Iterable[Week]) -> list[Week]:
    """The newest week; thin weeks are pooled with those before until three reports speak."""
    used: list[Week] = []
    for row in weeks:
        if sum(each.reports for each in used) >= ENOUGH:
            break
        used.append(row)
    return used


def _nearness(catalog: Catalog, market_id: int) -> Callable[[Place], tuple[float, ...]]:
    here = catalog.markets.get(market_id)

    def of(place: Place) -> tuple[float, ...]:
        if place.id == market_id:
            return (0, 0, 0)
        apart = kilometres(here, place) if here else None
        if apart is not None:
            return (1, apart, place.rank)
        same = here is not None and place.council_id and place.council_id == here.council_id
        return (2 if same else 3, 0, place.rank)

    return of


def kilometres(one: Place, other: Place) -> float | None:
    """How far two places are apart as the crow flies; None where one is not on the map."""
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return None
    y1, x1, y2, x2 = (
        math.radians(x or 0.0)
        for x in (one.latitude, one.longitude, other.latitude, other.longitude)
    )
    chord = (
        math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    )
    return 12_742 * math.asin(math.sqrt(chord))
