"""Who owes a day's duty (rent, a licence, a festival's place): looked up in chunks, without a lock.

What is found is raised by ``fees.service_raise``, which looks once more at what may have changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, and_, literal, or_, select

from trader_platform.fees.models_charges import HAS_LEFT, IS_LIVE, Advance, Charge, FeeAccount
from trader_platform.fees.queries import tariff_for
from trader_platform.fees.types import CANTEEN_RENT, DAILY_DUTY, WANTERR, Day, DutyView, Place
from trader_platform.market.models import Market, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.service_calendar import NEAR_BY
from trader_platform.payments.models import Payment
from trader_platform.traders.models import Trader

_accounts: Final[Table] = FeeAccount.__table__  # type: ignore[assignment]
_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
CHUNK: Final = 100  # raised in one transaction: on SQLite hops wait for its lock meanwhile
LONG_CHUNK: Final = 500  # where they do not


@dataclass(frozen=True, slots=True)
class Period:
    """A fee of a council over some days; who holds a stall on the first of them owes it.

    With ``until`` also who comes after it, up to that day. ``apart`` are, by market, the first
    days of other festivals: a charge that is nearer to one of those is not this one's.
    """

    council_id: int
    fee: str
    first: date
    last: date
    until: date | None = None
    apart: Mapping[int, Sequence[date]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The beginning of every entry's key."""
        return f"raise:{self.council_id}:{self.fee}:{self.first}"


@dataclass(frozen=True, slots=True)
class ToRaise:
    """One chunk: what it owes, and where to go on (None at the end).

    ``owing`` are places with their tariffs, by the natural key of their account; ``accounts`` are
    those that are open. ``by_days`` are those that owe only because they bought the day ahead.
    ``moves`` are accounts at places that were left, with the place to which their advances go.
    """

    period: Period
    last: int | None
    owing: Mapping[str, tuple[Any, DutyView]]
    accounts: Mapping[str, int]
    by_days: frozenset[str]
    moves: Sequence[tuple[int, Any]]

    @property
    def is_nothing(self) -> bool:
        """Whether the chunk is done as it is: no lock needs to be taken for it."""
        return not (self.owing or self.moves)


def find_due(
    connection: Connection,
    period: Period,
    *,
    open_markets: Mapping[int, Day],
    today: date,
    hawkers: bool = False,
    after: int = 0,
    limit: int = CHUNK,
) -> ToRaise:
    """What occupants at open markets owe by holding a stall and was not raised yet.

    ``open_markets`` says of what type the day is at each, ``today`` is the council's.
    ``after`` is the last occupancy looked at. A day's duty that accrues by trading is raised by its
    ticket, and here only for who bought days ahead; with ``hawkers`` for those of them who hold no
    stall (``after`` is then an account).
    """
    held = (_hawkers if hawkers else _places)(connection, period, after, limit)
    left = [] if hawkers else _left(connection, period, held, today)
    accounts = open_accounts(connection, [key_of(row) for row in held])
    days = prepaid(connection, period, [*accounts.values(), *(old for old, _ in left)])
    bought = {key for key, account in accounts.items() if account in days}
    bought |= {key_of(row) for old, row in left if old in days}
    known = _tariffs(connection, period, held, open_markets)
    owing = {  # once for who left and came back
        key_of(row): (row, tariff)
        for row in held
        if row.market_id in open_markets
        and (tariff := known[row.market_id, _place(period, row)]) is not None
        and tariff.amount_minor  # a day that is free raises nothing
        and (_accrues(period.fee, tariff) or key_of(row) in bought)
    }
    raised = already(connection, period, [accounts[key] for key in owing if key in accounts])
    owing = {key: owed for key, owed in owing.items() if accounts.get(key) not in raised}
    return ToRaise(
        period=period,
        last=held[-1].id if len(held) == limit else None,
        owing=owing,
        accounts=accounts,
        by_days=frozenset(x for x, (_, duty) in owing.items() if not _accrues(period.fee, duty)),
        moves=left,
    )


def key_of(row: Any) -> str:
    """The natural key of the account of a place, or of who sells in a market without one."""
    if row.stall_id is None:
        return f"trader:{row.trader_id}:market:{row.market_id}"
    return f"stall:{row.stall_id}:trader:{row.trader_id}"


def open_accounts(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """Accounts by their natural keys, of those that are open."""
    query = select(_accounts.c.key, _accounts.c.id).where(_accounts.c.key.in_(keys))
    return dict(connection.execute(query).all())


def prepaid(connection: Connection, period: Period, accounts: Sequence[int]) -> set[int]:
    """Accounts that have days of this fee left that were bought ahead of it."""
    rows = connection.execute(
        select(_accounts.c.id).where(_accounts.c.id.in_(accounts), _bought(period).exists())
    )
    return set(rows.scalars())


def already(connection: Connection, period: Period, accounts: Sequence[int]) -> set[int]:
    """Accounts that have a live charge of this fee and period."""
    c = _charges.c
    same = and_(c.period_from == period.first, c.period_to == period.last)
    if period.fee == WANTERR:
        same = c.period_from.between(period.first - NEAR_BY, period.first + NEAR_BY)
    rows = connection.execute(
        select(c.account_id, c.market_id, c.period_from).where(
            c.account_id.in_(accounts), c.fee == period.fee, same, c.unit_no == 0, IS_LIVE
        )
    )
    return {row.account_id for row in rows if _is_of(period, row)}


def _accrues(fee: str, tariff: DutyView) -> bool:
    """Whether a fee is owed by who only holds a stall.

    A festival's place is a space of its own: a tariff that names none asks nobody for it, as else
    every holder of a stall would owe what temporary tables cost.
    """
    if fee == WANTERR:
        return bool(tariff.space_class)
    return fee != DAILY_DUTY or tariff.accrues == "held"


def _hawkers(connection: Connection, period: Period, after: int, limit: int) -> Sequence[Any]:
    """Accounts without a stall that have days left, as rows like those of ``_places``."""
    a = _accounts.c
    return connection.execute(
        select(
            a.id,
            a.stall_id,
            a.trader_id,
            a.market_id,
            a.space_class,
            a.goods_class_id,
            a.goods_class_id.label("sells"),
        )
        .where(
            a.id > after,
            a.council_id == period.council_id,
            a.stall_id.is_(None),
            a.trader_id.is_not(None),
            _bought(period).exists(),
        )
        .order_by(a.id)
        .limit(limit)
    ).all()


def _bought(period: Period) -> Select[int]:
    """Days of this fee that an account bought ahead, not later than the period, and has left."""
    return (
        select(Advance.id)
        .join(Payment, Payment.id == Advance.payment_id)
        .where(
            Advance.account_id == _accounts.c.id,
            HAS_LEFT,
            Advance.fee == period.fee,
            Advance.days_left > 0,
            Payment.paid_on <= period.first,
        )
    )


def _left(
    connection: Connection, period: Period, held: Sequence[Any], today: date
) -> list[tuple[int, Any]]:
    """Accounts at places that traders of this chunk left and paid ahead for, and where they are.

    With today's duty alone: what she bought is for the days at the place she left, first, and a
    stopped worker raises those late.
    """
    if period.fee != DAILY_DUTY or period.first < today:
        return []
    here = [row for row in held if row.ends_on is None or row.ends_on >= today]
    by_trader = {row.trader_id: row for row in reversed(here)}
    a, o = _accounts.c, Occupancy
    rows = connection.execute(
        select(a.id, a.trader_id)
        .where(
            a.trader_id.in_(by_trader),
            a.council_id == period.council_id,
            or_(a.stall_id.is_not(None), a.market_id.in_({row.market_id for row in held})),
            select(Advance.id).where(Advance.account_id == a.id, HAS_LEFT).exists(),
            ~select(o.id)
            .where(
                o.stall_id == a.stall_id,
                o.trader_id == a.trader_id,
                o.starts_on <= today,
                or_(o.ends_on.is_(None), o.ends_on >= today),
            )
            .exists(),
        )
        .order_by(a.id)
    ).all()
    return [(row.id, by_trader[row.trader_id]) for row in rows]


def _places(connection: Connection, period: Period, after: int, limit: int) -> Sequence[Any]:
    return connection.execute(
        select(
            Occupancy.id,
            Occupancy.stall_id,
            Occupancy.trader_id,
            Occupancy.ends_on,
            Stall.market_id,
            Stall.space_class,
            Stall.goods_class_id,
            Trader.goods_class_id.label("sells"),
        )
        .join(Stall, Stall.id == Occupancy.stall_id)
        .join(Market, Market.id == Stall.market_id)
        .join(Trader, Trader.id == Occupancy.trader_id)
        .where(
            Occupancy.id > after,
            or_(literal(period.fee != CANTEEN_RENT), Stall.kind == "canteen"),
            Market.council_id == period.council_id,
            Stall.retired.is_(False),
            Occupancy.starts_on <= (period.until or period.first),
            or_(Occupancy.ends_on.is_(None), Occupancy.ends_on >= period.first),
        )
        .order_by(Occupancy.id)
        .limit(limit)
    ).all()


def _place(period: Period, row: Any) -> Place:
    goods = row.goods_class_id or row.sells
    return Place(period.council_id, row.market_id, goods, row.space_class)


def _tariffs(
    connection: Connection, period: Period, held: Sequence[Any], days: Mapping[int, Day]
) -> Mapping[tuple[int, Place], DutyView | None]:
    """One look-up for each kind of place in the chunk, not for each stall."""
    places = {(row.market_id, _place(period, row)) for row in held if row.market_id in days}
    return {
        (market_id, place): tariff_for(connection, period.fee, place, days[market_id])
        for market_id, place in places
    }


def _is_of(period: Period, charge: Any) -> bool:
    """Whether a charge is of this period: a festival may be moved after it was charged."""
    off = abs(charge.period_from - period.first)
    others = period.apart.get(charge.market_id, ())
    return all(off <= abs(charge.period_from - other) for other in others)
