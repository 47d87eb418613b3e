"""How a trader's duty stands at this moment: what the duty screen and DUTY say. Reads only.

The screen that is opened most: few statements, made once, by account and partial index, so that a
million charges of others cost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, Table, bindparam, literal_column, select, union_all

from trader_platform.fees.calendar import typed_day
from trader_platform.fees.models_charges import (
    HAS_LEFT,
    IS_LIVE,
    IS_OPEN,
    Advance,
    Charge,
    FeeAccount,
)
from trader_platform.fees.queries import tariff_for
from trader_platform.fees.queries_duty import account_of_trader, held_by_trader
from trader_platform.fees.types import DAILY_DUTY, DutyView
from trader_platform.fees.types import Place as FeePlace
from trader_platform.market.calendar import Change, is_open
from trader_platform.market.catalog import Catalog, Place
from trader_platform.market.queries_calendar import changes_of_market

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_accounts: Final[Table] = FeeAccount.__table__  # type: ignore[assignment]
_advances: Final[Table] = Advance.__table__  # type: ignore[assignment]

_LINE: Final = (
    *(_charges.c.id, _charges.c.account_id, _charges.c.fee, _charges.c.period_from),
    *(_charges.c.period_to, _charges.c.rank, _charges.c.outstanding_minor),
)
_HERS: Final = (
    select(*_LINE)
    .join(_accounts, _accounts.c.id == _charges.c.account_id)
    .where(_accounts.c.trader_id == bindparam("trader"))
)
_LINES: Final = union_all(
    _HERS.where(IS_OPEN),
    _HERS.where(
        IS_LIVE,
        _charges.c.outstanding_minor == literal_column("0"),
        _charges.c.fee == bindparam("fee"),
        _charges.c.period_from == bindparam("today"),
        _charges.c.period_to == bindparam("today"),
    ),
)
_AHEAD: Final = (
    select(_advances.c.days_left, _advances.c.left_minor)
    .join(_accounts, _accounts.c.id == _advances.c.account_id)
    .where(
        _accounts.c.trader_id == bindparam("trader"),
        HAS_LEFT,
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """One charge that is open, or today's duty that is paid."""

    id: int
    account_id: int
    fee: str
    period_from: date
    period_to: date
    rank: int
    outstanding_minor: int


@dataclass(frozen=True, slots=True)
class Seller:
    """Whose duty it is: ``market_id`` is where she says that she sells."""

    trader_id: int
    market_id: int
    goods_class_id: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What one trader owes now, at all her places together.

    ``due_minor`` is the duty of this day where it is still to come by trading (``if_trading``) or
    is owed. ``open_today`` is None where nobody knows.
    """

    place: FeePlace
    stall: str | None
    open_today: bool | None
    due_minor: int
    if_trading: bool
    lines: tuple[Line, ...]
    today: date

    @property
    def today_minor(self) -> int:
        """What of today's duty is owed; raised by a job, a ticket, or to be raised."""
        return 0 if self.if_trading else self.due_minor

    @property
    def old_minor(self) -> int:
        """What is owed beside today's duty."""
        return self.total_minor - self.today_minor

    @property
    def total_minor(self) -> int:
        """All that is owed now; today's duty counts before anybody has raised it."""
        raised = sum(line.outstanding_minor for line in self.lines)
        return raised + (0 if self.raised_today else self.today_minor)

    @property
    def raised_today(self) -> bool:
        """Whether today's duty stands in the books, paid or not."""
        return any(_is_todays(line, self.today) for line in self.lines)

    @property
    def overdue(self) -> tuple[int, int] | None:
        """The account that owes most of periods that are over, and how much: a plan is for it."""
        old: dict[int, int] = defaultdict(int)
        for line in self.lines:
            if line.period_to < self.today:
                old[line.account_id] += line.outstanding_minor
        return max(old.items(), key=lambda x: x[1], default=None)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is bought ahead and not used: whole days, and all of it in money."""

    days: int
    minor: int


def standing(
    connection: Connection, catalog: Catalog, seller: Seller, today: date
) -> Standing | None:
    """How a trader stands; None for who holds no stall and never had a fee account.

    Nothing is asked for a day on which the market is closed, or in a council that takes no duty
    through us.
    """
    held = held_by_trader(connection, seller.trader_id, today)
    lines = _lines(connection, seller.trader_id, today)
    if held is None and not lines and account_of_trader(connection, seller.trader_id) is None:
        return None
    market = catalog.markets.get(held.market_id if held else seller.market_id)
    if market is None or market.council_id is None:
        return None
    place = FeePlace(
        market.council_id,
        market.id,
        (held and held.goods_class_id) or seller.goods_class_id,
        held.space_class if held else "",
    )
    changes = changes_of_market(connection, market.id, today)
    open_today = is_open(market, changes, today)
    todays = [line for line in lines if _is_todays(line, today)]
    due, if_trading = sum(line.outstanding_minor for line in todays), False
    if not todays and open_today is not False and catalog.councils[market.council_id].charging:
        duty = tariff_for(connection, DAILY_DUTY, place, typed_day(market, changes, today))
        due, if_trading = _to_come(duty, holds=held is not None and open_today is True)
    return Standing(
        place=place,
        stall=held.number if held else None,
        open_today=open_today,
        due_minor=due,
        if_trading=if_trading,
        lines=lines,
        today=today,
    )


def ahead_of(connection: Connection, trader_id: int) -> Ahead:
    """What a trader paid ahead that no charge has drawn yet."""
    rows = connection.execute(_AHEAD, {"trader": trader_id}).all()
    return Ahead(sum(row.days_left for row in rows), sum(row.left_minor for row in rows))


def market_days(
    market: Place, changes: Sequence[Change], first: date, last: date
) -> tuple[date, ...]:
    """The days from ``first`` to ``last`` on which a market is held, as far as anybody knows."""
    days = (date.fromordinal(x) for x in range(first.toordinal(), last.toordinal() + 1))
    return tuple(day for day in days if is_open(market, changes, day))


def _lines(connection: Connection, trader_id: int, today: date) -> tuple[Line, ...]:
    asked = {"trader": trader_id, "fee": DAILY_DUTY, "today": today}
    lines = [Line(*row) for row in connection.execute(_LINES, asked)]
    return tuple(sorted(lines, key=lambda x: (x.period_from, x.rank, x.id)))


def _is_todays(line: Line, today: date) -> bool:
    return line.fee == DAILY_DUTY and line.period_from == today == line.period_to


def _to_come(duty: DutyView | None, *, holds: bool) -> tuple[int, bool]:
    """Today's duty that no charge has yet: how much, and whether only by trading."""
    if duty is None:
        return 0, False
    return duty.amount_minor, not (holds and duty.accrues == "held")
