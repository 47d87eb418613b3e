"""Raising a day's duty (rent, a licence, a festival's place) for all who hold a stall, in chunks.

Each chunk is one transaction: its charges, one ledger entry with their sums, and what advances pay
of them. Killed and started again it goes on where it stopped: what is raised is not raised again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, Table, and_, insert, literal, or_, select
from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms
from trader_platform.core.once import By
from trader_platform.fees.models_charges import HAS_LEFT, IS_LIVE, Advance, Charge, FeeAccount
from trader_platform.fees.queries import tariff_for
from trader_platform.fees.service_advance import move_advances, use_advances
from trader_platform.fees.types import CANTEEN_RENT, DAILY_DUTY, WANTERR, Day, DutyView, Place
from trader_platform.ledger.chart import INCOME_OF_FEE, RECEIVABLES
from trader_platform.ledger.service import post
from trader_platform.ledger.types import Booking
from trader_platform.market.models import Market, Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.service_calendar import NEAR_BY
from trader_platform.payments.models import Payment
from trader_platform.staff.service import today_of
from trader_platform.traders.models import Trader

_accounts: Final[Table] = FeeAccount.__table__  # type: ignore[assignment]
_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
CHUNK: Final = 200
SHORT_CHUNK: Final = 50  # a turn of a few milliseconds: on SQLite hops wait for the lock meanwhile


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
class Raised:
    """One chunk: where to go on (None at the end), and how many charges it made."""

    last: int | None
    charges: int


def raise_chunk(
    session: Session,
    period: Period,
    *,
    open_markets: Mapping[int, Day],
    hawkers: bool = False,
    after: int = 0,
    limit: int = CHUNK,
    by: By,
) -> Raised:
    """Raise what occupants at open markets owe by holding a stall. Safe to repeat.

    ``open_markets`` says of what type the day is at each.
    ``after`` is the last occupancy looked at. A day's duty that accrues by trading is raised by its
    ticket, and here only for who bought days ahead; with ``hawkers`` for those of them who hold no
    stall (``after`` is then an account).
    """
    find = _hawkers if hawkers else _places
    held = find(session, period, after, limit)
    if not held:
        return Raised(None, 0)
    if not hawkers:
        _bring_along(session, period, held, by=by)
    known = _tariffs(session, period, held, open_markets)
    prepaid = _prepaid(session, period, [_key(row) for row in held])
    due = {  # once for who left and came back
        _key(row): (row, tariff)
        for row in held
        if row.market_id in open_markets
        and (tariff := known[row.market_id, _place(period, row)]) is not None
        and tariff.amount_minor  # a day that is free raises nothing
        and (_accrues(period.fee, tariff) or _key(row) in prepaid)
    }
    accounts = _accounts_of(session, period, [row for row, _ in due.values()])
    raised = _already(session, period, list(accounts.values()))
    new = [
        (accounts[key], row, tariff)
        for key, (row, tariff) in due.items()
        if accounts[key] not in raised
    ]
    if new:
        _insert(session, period, new, by=by)
        use_advances(session, period.council_id, [account for account, _, _ in new], by=by)
    return Raised(held[-1].id if len(held) == limit else None, len(new))


def _accrues(fee: str, tariff: DutyView) -> bool:
    """Whether a fee is owed by who only holds a stall.

    A festival's place is a space of its own: a tariff that names none asks nobody for it, as else
    every holder of a stall would owe what temporary tables cost.
    """
    if fee == WANTERR:
        return bool(tariff.space_class)
    return fee != DAILY_DUTY or tariff.accrues == "held"


def _hawkers(session: Session, period: Period, after: int, limit: int) -> Sequence[Any]:
    """Accounts without a stall that have days left, as rows like those of ``_places``."""
    a = _accounts.c
    return session.execute(
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


def _bring_along(session: Session, period: Period, held: Sequence[Any], *, by: By) -> None:
    """What traders of this chunk paid ahead at places they left goes to the one they hold today.

    With today's duty alone: what she bought is for the days at the place she left, first, and a
    stopped worker raises those late.
    """
    today = today_of(session, period.council_id, by=by)
    if period.fee != DAILY_DUTY or period.first < today:
        return
    here = [row for row in held if row.ends_on is None or row.ends_on >= today]
    by_trader = {row.trader_id: row for row in reversed(here)}
    a, o = _accounts.c, Occupancy
    rows = session.execute(
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
    for old in rows:
        row = by_trader[old.trader_id]
        new = _accounts_of(session, period, [row])[_key(row)]
        move_advances(session, [old.id], new, period.council_id, by=by)


def _places(session: Session, period: Period, after: int, limit: int) -> Sequence[Any]:
    return session.execute(
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
    session: Session, period: Period, held: Sequence[Any], days: Mapping[int, Day]
) -> Mapping[tuple[int, Place], DutyView | None]:
    """One look-up for each kind of place in the chunk, not for each stall."""
    connection = session.connection()
    places = {(row.market_id, _place(period, row)) for row in held if row.market_id in days}
    return {
        (market_id, place): tariff_for(connection, period.fee, place, days[market_id])
        for market_id, place in places
    }


def _key(row: Any) -> str:
    if row.stall_id is None:
        return f"trader:{row.trader_id}:market:{row.market_id}"
    return f"stall:{row.stall_id}:trader:{row.trader_id}"


def _accounts_of(session: Session, period: Period, rows: Sequence[Any]) -> dict[str, int]:
    """Accounts by natural key; missing ones are opened in one statement."""
    keys = [_key(row) for row in rows]
    query = select(_accounts.c.key, _accounts.c.id).where(_accounts.c.key.in_(keys))
    found = dict(session.execute(query).all())
    missing = [row for row in rows if _key(row) not in found]
    if missing:
        values = [
            {
                "key": _key(row),
                "council_id": period.council_id,
                "market_id": row.market_id,
                "stall_id": row.stall_id,
                "trader_id": row.trader_id,
                "goods_class_id": row.goods_class_id or row.sells,
                "space_class": row.space_class,
            }
            for row in missing
        ]
        session.execute(insert(_accounts), values)
        found = dict(session.execute(query).all())
    return found


def _prepaid(session: Session, period: Period, keys: Sequence[str]) -> set[str]:
    """Accounts that have days of this fee left that were bought ahead of it."""
    rows = session.execute(
        select(_accounts.c.key).where(_accounts.c.key.in_(keys), _bought(period).exists())
    )
    return set(rows.scalars())


def _already(session: Session, period: Period, accounts: Sequence[int]) -> set[int]:
    c = _charges.c
    same = and_(c.period_from == period.first, c.period_to == period.last)
    if period.fee == WANTERR:
        same = c.period_from.between(period.first - NEAR_BY, period.first + NEAR_BY)
    rows = session.execute(
        select(c.account_id, c.market_id, c.period_from).where(
            c.account_id.in_(accounts), c.fee == period.fee, same, c.unit_no == 0, IS_LIVE
        )
    )
    return {row.account_id for row in rows if _is_of(period, row)}


def _is_of(period: Period, charge: Any) -> bool:
    """Whether a charge is of this period: a festival may be moved after it was charged."""
    off = abs(charge.period_from - period.first)
    others = period.apart.get(charge.market_id, ())
    return all(off <= abs(charge.period_from - other) for other in others)


def _insert(
    session: Session, period: Period, new: Sequence[tuple[int, Any, DutyView]], *, by: By
) -> None:
    total: dict[str, int] = defaultdict(int)
    for _, _, tariff in new:
        total[tariff.currency] += tariff.amount_minor
    (currency,) = total  # a council has one currency: its pack's
    booking = Booking(
        council_id=period.council_id,
        kind="charge",
        key=f"{period.key}:{new[0][0]}:{len(new)}",
        lines=((RECEIVABLES, total[currency]), (INCOME_OF_FEE[period.fee], -total[currency])),
        currency=currency,
        effective_date=period.first,
        content={"accounts": [account for account, _, _ in new]},
    )
    entry_id = post(session, booking, by=by).entry_id
    now = epoch_ms(by.now)
    session.execute(
        insert(_charges),
        [
            {
                "account_id": account,
                "council_id": period.council_id,
                "market_id": row.market_id,
                "fee": period.fee,
                "period_from": period.first,
                "period_to": period.last,
                "unit_no": 0,
                "tariff_id": tariff.tariff_id,
                "rank": tariff.rank,
                "price_minor": tariff.amount_minor,
                "amount_minor": tariff.amount_minor,
                "outstanding_minor": tariff.amount_minor,
                "status": "live",
                "entry_id": entry_id,
                "raised_at": now,
            }
            for account, row, tariff in new
        ],
    )
