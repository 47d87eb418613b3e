"""What people report about prices. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import local_day
from trader_platform.core.db import after_commit
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.market import price_weeks, queries_prices
from trader_platform.market.catalog import Catalog
from trader_platform.market.models_trade import PriceReport
from trader_platform.market.price_stats import judge, per_kilo
from trader_platform.market.price_weeks import Key, monday
from trader_platform.market.types import OverLimit, UnknownGoods, UnknownMarket
from trader_platform.traders import service as traders

MOVED: Final = "moved"
MOST_MINOR: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class ReportPrice:
    """What one unit of a product costs today at a place, as a person saw it."""

    person: int
    market: int
    product: int
    unit: int
    price_minor: int


def report_price(session: Session, command: ReportPrice, *, catalog: Catalog, by: By) -> Result:
    """Note a price that a person saw; the filters say whether it counts. Safe to repeat.

    A person counts once for a product, unit, place and day: a later report takes the place of hers.
    Raises UnknownMarket, UnknownGoods or OverLimit. Returns ids, the price and ``state``.
    """

    def do() -> Result:
        _check(command, catalog)
        day = local_day(by.now, catalog.zone)
        row = _of_key(session, _source_key(command, day)) or PriceReport(
            source_key=_source_key(command, day),
            market_id=command.market,
            product_id=command.product,
            unit_id=command.unit,
            wholesale=False,
            seen_on=day,
            person_id=command.person,
        )
        before = _noted(row) if row.id else None
        row.source, row.currency = by.channel, catalog.currency.code
        _judge(session, row, command.price_minor, catalog=catalog, by=by)
        session.add(row)
        return _settled(session, "price.report", row, before=before, catalog=catalog, by=by)

    content = {
        "person": command.person,
        "market": command.market,
        "product": command.product,
        "unit": command.unit,
        "price": command.price_minor,
    }
    return once(session, by, kind="price.report", content=content, do=do)


@dataclass(frozen=True, slots=True)
class MoveReport:
    """It was another place: one report, named by the person who says it is hers."""

    person: int
    report: int
    market: int


def move_report(session: Session, command: MoveReport, *, catalog: Catalog, by: By) -> Result:
    """Take a report to the place where the price was seen. Safe to repeat.

    Where she reported the same goods there on that day, the moved price takes that one's place.
    Raises NotFound where the report is not hers, or UnknownMarket.
    """

    def do() -> Result:
        row = session.get(PriceReport, command.report)
        if row is None or row.person_id != command.person:
            raise NotFound(report=command.report)
        there = ReportPrice(
            command.person, command.market, row.product_id, row.unit_id, row.price_minor
        )
        _check(there, catalog)
        before, left = _noted(row), _key(row)
        kept = _of_key(session, _source_key(there, row.seen_on)) or row
        if kept is not row:
            row.state, row.held_for = "held", MOVED
        kept.market_id, kept.source_key = command.market, _source_key(there, row.seen_on)
        _judge(session, kept, row.price_minor, catalog=catalog, by=by)
        _rebuild_week(session, left)
        return _settled(session, "price.move", kept, before=before, catalog=catalog, by=by)

    content = {"person": command.person, "report": command.report, "market": command.market}
    return once(session, by, kind="price.move", content=content, do=do)


def keep_market(
    session: Session, person_id: int, market_id: int, *, catalog: Catalog, by: By
) -> Result:
    """Remember where a caller wants to see prices; somebody from another country is only shown
    them, her own market stays. Safe to repeat. Raises UnknownMarket.
    """
    if market_id not in catalog.markets:
        raise UnknownMarket(market=market_id)
    if traders.get_person(session, person_id).pack_id != catalog.pack_id:
        content = {"person": person_id, "market": market_id}
        return once(session, by, kind="price.look", content=content, do=dict)
    return traders.change(session, person_id, "market_id", market_id, by=by)


def rebuild_weeks(session: Session, keys: Iterable[Key] | None = None) -> int:
    """Remake price weeks from the counted reports, all of them without ``keys``. Safe to repeat.

    Returns how many weeks were looked at.
    """
    session.flush()
    connection = session.connection()
    if keys is None:
        return price_weeks.rebuild_all(connection)
    return price_weeks.rebuild(connection, keys)


def _check(command: ReportPrice, catalog: Catalog) -> None:
    if command.market not in catalog.markets:
        raise UnknownMarket(market=command.market)
    if command.product not in catalog.products or command.unit not in catalog.units:
        raise UnknownGoods(product=command.product, unit=command.unit)
    if not 1 <= command.price_minor <= MOST_MINOR:
        raise OverLimit(price=command.price_minor)


def _source_key(command: ReportPrice, day: date) -> str:
    where = f"{command.market}:{command.product}:{command.unit}"
    return f"person:{command.person}:{where}:{day.isoformat()}"


def _of_key(session: Session, source_key: str) -> PriceReport | None:
    return session.scalars(
        select(PriceReport).where(PriceReport.source_key == source_key)
    ).one_or_none()


def _judge(
    session: Session, row: PriceReport, price_minor: int, *, catalog: Catalog, by: By
) -> None:
    units = catalog.products[row.product_id].units
    past = queries_prices.history(session.connection(), row.product_id, row.unit_id)
    judged = judge(price_minor, row.unit_id, units, past)
    row.price_minor = price_minor
    row.per_kilo_minor = per_kilo(price_minor, catalog.grams_of(row.product_id, row.unit_id))
    row.state, row.held_for, row.recorded_at = judged.state, judged.held_for, by.now


def _settled(
    session: Session,
    action: str,
    row: PriceReport,
    *,
    before: dict[str, Any] | None,
    catalog: Catalog,
    by: By,
) -> Result:
    """Weeks, trail and the result of an act on a report."""
    session.flush()
    _rebuild_week(session, _key(row))
    record(
        session,
        action,
        by=by,
        subject=("price_report", row.id),
        before=before,
        after=_noted(row),
        council_id=catalog.markets[row.market_id].council_id,
    )
    return {"report": row.id, **_noted(row)}


def _rebuild_week(session: Session, key: Key) -> None:
    session.flush()
    connection = session.connection()
    price_weeks.rebuild(connection, [key])
    after_commit(session, lambda: queries_prices.forget(connection, key[0], key[1]))


def _key(row: PriceReport) -> Key:
    return row.market_id, row.product_id, row.unit_id, row.wholesale, monday(row.seen_on)


def _noted(row: PriceReport) -> dict[str, Any]:
    return {
        "market": row.market_id,
        "product": row.product_id,
        "unit": row.unit_id,
        "price": row.price_minor,
        "state": row.state,
    }
