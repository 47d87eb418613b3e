"""Fee accounts: who owes for what place. One for each trader at a stall, hawker and walk-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, exists, func, insert, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from trader_platform.fees.models_charges import HAS_LEFT, Advance, FeeAccount
from trader_platform.fees.types import NoOccupant, OtherCouncil
from trader_platform.fees.types import Place as FeePlace
from trader_platform.market.models import Market, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.traders.models import Trader

_accounts: Final[Table] = FeeAccount.__table__  # type: ignore[assignment]
_advances: Final[Table] = Advance.__table__  # type: ignore[assignment]
_HAS_ADVANCE: Final = exists().where(_advances.c.account_id == _accounts.c.id, HAS_LEFT)
_ROW: Final = select(_accounts.c.id, _accounts.c.key, _HAS_ADVANCE.label("has_advance"))
# Places of hers in this council that she left; as a hawker she is nowhere but at this market.
_LEFT: Final = _ROW.where(
    _accounts.c.trader_id == bindparam("trader"),
    _accounts.c.council_id == bindparam("council"),
    _accounts.c.key != bindparam("named"),
    or_(_accounts.c.stall_id.is_not(None), _accounts.c.market_id == bindparam("at")),
    ~exists().where(
        Occupancy.stall_id == _accounts.c.stall_id,
        Occupancy.trader_id == _accounts.c.trader_id,
        Occupancy.starts_on <= bindparam("day"),
        or_(Occupancy.ends_on.is_(None), Occupancy.ends_on >= bindparam("day")),
    ),
)
_HERS: Final = union_all(_ROW.where(_accounts.c.key == bindparam("named")), _LEFT)
_NEW_ACCOUNT: Final = insert(_accounts).returning(_accounts.c.id)
_here: Final = aliased(Market)
_COUNCIL: Final = select(_here.council_id).where(_here.id == bindparam("market"))
_HELD: Final = (
    select(
        Stall.id.label("stall_id"),
        Stall.number,
        Occupancy.trader_id,
        Market.council_id,
        Stall.market_id,
        func.coalesce(Stall.goods_class_id, Trader.goods_class_id).label("goods_class_id"),
        Stall.space_class,
        _COUNCIL.correlate(None).scalar_subquery().label("here"),
    )
    .join(Stall, Stall.id == Occupancy.stall_id)
    .join(Market, Market.id == Stall.market_id)
    .join(Trader, Trader.id == Occupancy.trader_id)
    .where(
        Occupancy.starts_on <= bindparam("day"),
        or_(Occupancy.ends_on.is_(None), Occupancy.ends_on >= bindparam("day")),
    )
    .order_by(Occupancy.share, Occupancy.id.desc())
    .limit(1)
)
_HELD_STALL: Final = _HELD.where(Occupancy.stall_id == bindparam("asked"))
# By her phone she is asked where the collector stands: her stall there, else as a hawker.
_HELD_BY: Final = _HELD.where(
    Occupancy.trader_id == bindparam("asked"), Stall.market_id == bindparam("market")
)


@dataclass(frozen=True, slots=True)
class Who:
    """Who is asked to pay: a stall, a trader, or (both empty) a walk-up of a goods class."""

    stall_id: int | None = None
    trader_id: int | None = None
    goods_class_id: int | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays, found: the natural key of her account and what it is charged by."""

    key: str
    place: FeePlace
    stall_id: int | None
    trader_id: int | None
    stall_number: str | None = None

    @property
    def walk_up(self) -> bool:
        """Whether nobody knows who this is."""
        return self.trader_id is None


def find_payer(connection: Connection, who: Who, *, market_id: int, day: date) -> Payer:
    """The payer behind a stall card, a trader's phone or a walk-up at a collector's market.

    Raises NoOccupant for a stall that nobody holds and a trader whom nobody knows, OtherCouncil
    for the stall of another council.
    """
    if who.stall_id is None and who.trader_id is None:
        if who.goods_class_id is None:
            raise NoOccupant()
        place = FeePlace(_council(connection, market_id), market_id, who.goods_class_id)
        return Payer(f"walkup:{market_id}:goods:{who.goods_class_id}", place, None, None)
    held = _held(connection, who, market_id, day)
    if held is None:
        council_id = _council(connection, market_id)
        return _hawker(connection, who, market_id=market_id, council_id=council_id)
    if held.council_id != held.here:
        raise OtherCouncil(council=held.council_id, stall=held.stall_id)
    place = FeePlace(held.council_id, held.market_id, held.goods_class_id, held.space_class)
    key = f"stall:{held.stall_id}:trader:{held.trader_id}"
    return Payer(key, place, held.stall_id, held.trader_id, held.number)


@dataclass(frozen=True, slots=True)
class Accounts:
    """What a payer owes by: her account here (None: not opened), and those of places she left.

    ``with_advance`` are those of them that have something paid ahead.
    """

    here: int | None
    left: tuple[int, ...]
    with_advance: frozenset[int]


def accounts_of(connection: Connection, payer: Payer, day: date) -> Accounts:
    """A payer's account here, and those in this council of stalls that she holds no more."""
    place = payer.place
    asked = {"named": payer.key, "trader": payer.trader_id, "council": place.council_id}
    rows = connection.execute(_HERS, asked | {"at": place.market_id, "day": day}).all()
    here = next((int(row.id) for row in rows if row.key == payer.key), None)
    left = tuple(sorted(int(row.id) for row in rows if row.key != payer.key))
    return Accounts(here, left, frozenset(int(row.id) for row in rows if row.has_advance))


def open_account(session: Session, payer: Payer) -> int:
    """Open the account of a payer who has none here. Races meet at the key."""
    connection = session.connection()
    values = {
        "key": payer.key,
        "council_id": payer.place.council_id,
        "market_id": payer.place.market_id,
        "stall_id": payer.stall_id,
        "trader_id": payer.trader_id,
        "goods_class_id": payer.place.goods_class_id,
        "space_class": payer.place.space_class,
    }
    return int(connection.execute(_NEW_ACCOUNT, values).scalar_one())


def _council(connection: Connection, market_id: int) -> int:
    found = connection.execute(_COUNCIL, {"market": market_id}).scalar()
    if found is None:
        raise NoOccupant(market=market_id)
    return int(found)


def _held(connection: Connection, who: Who, market_id: int, day: date) -> Any:
    """The stall asked about with its occupant, or the stall here of the trader asked about.

    Of several who share a stall the first share is meant by the card; the others by their phone.
    """
    by_stall = who.stall_id is not None
    asked = {"asked": who.stall_id if by_stall else who.trader_id, "day": day, "market": market_id}
    row = connection.execute(_HELD_STALL if by_stall else _HELD_BY, asked).first()
    if row is None and by_stall:
        raise NoOccupant(stall=who.stall_id)
    return row


def _hawker(connection: Connection, who: Who, *, market_id: int, council_id: int) -> Payer:
    """A trader without a stall pays where the collector stands."""
    row = connection.execute(
        select(Trader.goods_class_id).where(Trader.id == who.trader_id, Trader.status == "active")
    ).first()
    if row is None:
        raise NoOccupant(trader=who.trader_id)
    place = FeePlace(council_id, market_id, row.goods_class_id)
    return Payer(f"trader:{who.trader_id}:market:{market_id}", place, None, who.trader_id)
