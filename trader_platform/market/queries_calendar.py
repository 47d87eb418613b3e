"""Reads the dated exceptions of the market calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, select

from trader_platform.market.calendar import Change
from trader_platform.market.models import Market, MarketChange

# A move is read until its new day, which may lie after the day that it moved.
LONGEST_MOVE: Final = timedelta(days=31)


def changes_of_market(connection: Connection, market_id: int, since: date) -> tuple[Change, ...]:
    """Changes of one market that still matter on ``since``, the earliest first."""
    return _read(connection, since, MarketChange.market_id == market_id)


def changes_of_pack(connection: Connection, pack_id: int, since: date) -> tuple[Change, ...]:
    """Changes of all markets of a country that still matter on ``since``, the earliest first."""
    return _read(connection, since, Market.pack_id == pack_id)


def _read(connection: Connection, since: date, which: ColumnElement[bool]) -> tuple[Change, ...]:
    c = MarketChange
    rows = connection.execute(
        select(c.market_id, c.kind, c.starts_on, c.ends_on, c.moved_to)
        .join(Market, Market.id == c.market_id)
        .where(c.ends_on >= since - LONGEST_MOVE, which)
        .order_by(c.starts_on, c.id)
    )
    found = (Change(*row) for row in rows)
    return tuple(x for x in found if max(x.ends_on, x.moved_to or x.ends_on) >= since)
