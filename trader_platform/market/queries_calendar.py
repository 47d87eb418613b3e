"""Reads the dated exceptions of the market calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, Executable, bindparam, select

from trader_platform.market.calendar import Change
from trader_platform.market.models import Market, MarketChange

# A move is read until its new day, which may lie after the day that it moved.
LONGEST_MOVE: Final = timedelta(days=31)


_C: Final = MarketChange
# Made once: each duty screen asks.
_CHANGES: Final = (
    select(_C.market_id, _C.kind, _C.starts_on, _C.ends_on, _C.moved_to, _C.festival)
    .join(Market, Market.id == _C.market_id)
    .where(_C.ends_on >= bindparam("first"))
    .order_by(_C.starts_on, _C.id)
)
_OF_MARKET: Final = _CHANGES.where(_C.market_id == bindparam("of"))
_OF_PACK: Final = _CHANGES.where(Market.pack_id == bindparam("of"))


def changes_of_market(connection: Connection, market_id: int, since: date) -> tuple[Change, ...]:
    """Changes of one market that still matter on ``since``, the earliest first."""
    return _read(connection, _OF_MARKET, market_id, since)


def changes_of_pack(connection: Connection, pack_id: int, since: date) -> tuple[Change, ...]:
    """Changes of all markets of a country that still matter on ``since``, the earliest first."""
    return _read(connection, _OF_PACK, pack_id, since)


def _read(connection: Connection, query: Executable, of: int, since: date) -> tuple[Change, ...]:
    rows = connection.execute(query, {"of": of, "first": since - LONGEST_MOVE})
    found = (Change(*row) for row in rows)
    return tuple(x for x in found if max(x.ends_on, x.moved_to or x.ends_on) >= since)
