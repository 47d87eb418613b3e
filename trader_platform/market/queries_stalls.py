"""Reads stalls: by card, by id, and the one that a trader says is hers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Select, and_, exists, select
from stdnum import damm

from trader_platform.market.models import Market, Stall, StallClaim
from trader_platform.traders.models import Trader

CARD_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class StallView:
    """A stall; ``taken_by`` is the trader whose word on it came first, if anyone's."""

    id: int
    market_id: int
    number: str
    taken_by: int | None


def card_number(typed: str) -> str | None:
    """The six digits of a typed stall card, or None where they cannot be one.

    The last digit is a Damm check digit: it is always a plain digit (ISO 7064 MOD 11-2 needs an X,
    which a keypad lacks) and it finds every single wrong digit and every swap of two neighbours,
    the slips of a thumb; ISO 7064 MOD 11,10 misses some of the swaps.
    """
    digits = "".join(typed.replace("-", " ").split())
    if len(digits) != CARD_DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    return digits if damm.is_valid(digits) else None


def make_card(five_digits: str) -> str:
    """The card of five digits, with its check digit."""
    return five_digits + str(damm.calc_check_digit(five_digits))


def stall_of_card(connection: Connection, pack_id: int, card: str) -> StallView | None:
    """The stall that a card belongs to, in this country."""
    return _one(connection, _stalls().where(Stall.card == card, Market.pack_id == pack_id))


def stall_by_id(connection: Connection, stall_id: int) -> StallView | None:
    """A stall, or None."""
    return _one(connection, _stalls().where(Stall.id == stall_id))


def stall_of_trader(connection: Connection, trader_id: int) -> StallView | None:
    """The stall that a trader says is hers, the last one first; None for who has none."""
    hers = (
        select(StallClaim.stall_id)
        .where(StallClaim.trader_id == trader_id, StallClaim.ended_at.is_(None))
        .order_by(StallClaim.id.desc())
        .limit(1)
    )
    return _one(connection, _stalls().where(Stall.id == hers.scalar_subquery()))


def has_demo_stalls(connection: Connection, pack_id: int) -> bool:
    """Whether made-up stalls stand among this country's: then the service is a demonstration."""
    of_pack = and_(Market.id == Stall.market_id, Market.pack_id == pack_id)
    made_up = select(exists().where(of_pack, Stall.demo.is_(True)))
    return bool(connection.execute(made_up).scalar_one())


def _stalls() -> Select[int, int, str, int | None]:
    """A trader who has left holds nothing any more."""
    first = (
        select(StallClaim.trader_id)
        .join(Trader, Trader.id == StallClaim.trader_id)
        .where(
            StallClaim.stall_id == Stall.id,
            StallClaim.ended_at.is_(None),
            Trader.status == "active",
        )
        .order_by(StallClaim.id)
        .limit(1)
        .correlate(Stall)
        .scalar_subquery()
    )
    return select(Stall.id, Stall.market_id, Stall.number, first.label("taken_by")).join(
        Market, Market.id == Stall.market_id
    )


def _one(connection: Connection, query: Select[int, int, str, int | None]) -> StallView | None:
    row = connection.execute(query).first()
    return None if row is None else StallView(row[0], row[1], row[2], row[3])
