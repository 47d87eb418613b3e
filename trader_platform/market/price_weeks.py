"""Price weeks: low, usual and high by place, goods, unit and ISO week, remade from counted reports.

Derived rows: nothing is lost by dropping them, and remaking them twice gives the same. One read and
one write for hundreds of weeks, by driver statements, because an import remakes thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, islice
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from trader_platform.market import price_stats
from trader_platform.market.models_trade import PriceReport, PriceWeek

# market, product, unit, wholesale, Monday of the week
Key = tuple[int, int, int, bool, date]
TOGETHER: Final = 400
_SEEN: Final = (
    "SELECT k.column1, r.price_minor, r.per_kilo_minor, r.seen_on FROM (VALUES {rows}) AS k"
    " CROSS JOIN price_reports r WHERE r.market_id = k.column2 AND r.product_id = k.column3"
    " AND r.unit_id = k.column4 AND r.seen_on >= k.column6 AND r.seen_on <= k.column7"
    " AND r.wholesale = k.column5 AND r.state = 'counted' ORDER BY k.column1"
)
_KEY: Final = ("market_id", "product_id", "unit_id", "wholesale", "week_of")
_FIGURES: Final = (
    "reports",
    "low_minor",
    "first_quartile_minor",
    "median_minor",
    "third_quartile_minor",
    "high_minor",
    "median_per_kilo_minor",
    "last_seen_on",
)
_UPSERT: Final = (
    f"INSERT INTO price_weeks ({', '.join((*_KEY, *_FIGURES))})"  # noqa: S608 - names of ours
    f" VALUES ({{marks}}) ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _FIGURES)
)
_DELETE: Final = "DELETE FROM price_weeks WHERE " + " AND ".join(f"{x} = {{mark}}" for x in _KEY)  # noqa: S608


def monday(day: date) -> date:
    """The Monday of a day's ISO week, which names the week."""
    return day - timedelta(days=day.weekday())


def rebuild(connection: Connection, keys: Iterable[Key]) -> int:
    """Remake the weeks ``keys`` from the counted reports; returns how many. Safe to repeat.

    A week without a counted report any more goes away.
    """
    waiting = iter(sorted(set(keys)))
    count = 0
    while together := list(islice(waiting, TOGETHER)):
        _rebuild(connection, together)
        count += len(together)
    return count


def rebuild_all(connection: Connection) -> int:
    """Drop every week and remake it; returns how many there are."""
    connection.execute(delete(PriceWeek))
    r = PriceReport
    rows = connection.execute(
        select(
            *(r.market_id, r.product_id, r.unit_id, r.wholesale, r.seen_on),
            *(r.price_minor, r.per_kilo_minor),
        )
        .where(r.state == "counted")
        .order_by(r.market_id, r.product_id, r.unit_id, r.wholesale, r.seen_on)
        .execution_options(yield_per=5000)
    )
    weeks = _weeks(connection, rows)
    count = 0
    while together := list(islice(weeks, TOGETHER)):
        _write(connection, together)
        count += len(together)
    return count


def _weeks(connection: Connection, rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    def week(row: Any) -> Key:
        return (*row[:4], monday(row[4]))

    for key, found in groupby(rows, week):
        seen = [(row[5], row[6], _day(connection, row[4])) for row in found]
        yield (*key[:4], _day(connection, key[4]), *_figures(seen))


def _rebuild(connection: Connection, keys: Sequence[Key]) -> None:
    mark = _mark(connection)
    row = f"({', '.join([mark] * 7)})"
    values: list[Any] = []
    for number, (*place, week_of) in enumerate(keys):
        last = week_of + timedelta(days=6)
        values += [number, *place, _day(connection, week_of), _day(connection, last)]
    statement = _SEEN.format(rows=", ".join([row] * len(keys)))
    rows = connection.exec_driver_sql(statement, tuple(values))
    weeks, empty = [], set(range(len(keys)))
    for number, found in groupby(rows, lambda row: int(row[0])):
        empty.discard(number)
        *place, week_of = keys[number]
        seen = [(row[1], row[2], row[3]) for row in found]
        weeks.append((*place, _day(connection, week_of), *_figures(seen)))
    _write(connection, weeks)
    if empty:
        gone = [(*keys[at][:4], _day(connection, keys[at][4])) for at in sorted(empty)]
        connection.exec_driver_sql(_DELETE.format(mark=mark), gone)


def _write(connection: Connection, weeks: list[tuple[Any, ...]]) -> None:
    if weeks:
        marks = ", ".join([_mark(connection)] * len(weeks[0]))
        connection.exec_driver_sql(_UPSERT.format(marks=marks), weeks)


def _figures(seen: Sequence[tuple[int, int | None, Any]]) -> tuple[Any, ...]:
    """The figures of one week from (price, price of a kilo, day)."""
    if len(seen) == 1:  # most weeks of an import
        price, kilo, day = seen[0]
        return (1, price, price, price, price, price, kilo, day)
    stats = price_stats.describe(price for price, _, _ in seen)
    kilos = [kilo for _, kilo, _ in seen if kilo is not None]
    return (
        stats.reports,
        stats.low,
        stats.first_quartile,
        stats.median,
        stats.third_quartile,
        stats.high,
        price_stats.median(kilos) if kilos else None,
        max(day for _, _, day in seen),
    )


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def _day(connection: Connection, day: date) -> Any:
    """SQLite keeps days as text."""
    return day.isoformat() if connection.dialect.name == "sqlite" else day
