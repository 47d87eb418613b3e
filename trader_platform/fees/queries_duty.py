"""What one trader sees of her duty: owed, paid, her tickets, her reports. Reads only.

By index and by account, so that a million charges make no screen slower.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, func, or_, select

from trader_platform.fees.models_charges import (
    HAS_LEFT,
    IS_LIVE,
    IS_OPEN,
    Advance,
    Charge,
    FeeAccount,
    Plan,
)
from trader_platform.fees.models_reports import Report
from trader_platform.fees.types import DAILY_DUTY, OpenCharge
from trader_platform.market.models import Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.payments.models import Payment, Receipt
from trader_platform.staff.models import Badge

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
LATEST: Final = 10
# The first part of a plan is due so long after it was agreed.
FIRST_PART: Final = timedelta(days=7)
_HELD: Final = (
    select(Stall.id, Stall.number, Stall.market_id, Stall.goods_class_id, Stall.space_class)
    .join(Occupancy, Occupancy.stall_id == Stall.id)
    .where(
        Occupancy.trader_id == bindparam("trader"),
        Occupancy.starts_on <= bindparam("day"),
        or_(Occupancy.ends_on.is_(None), Occupancy.ends_on >= bindparam("day")),
    )
    .order_by(Occupancy.starts_on.desc(), Occupancy.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Held:
    """The stall that a trader holds today."""

    stall_id: int
    number: str
    market_id: int
    goods_class_id: int | None
    space_class: str


@dataclass(frozen=True, slots=True)
class Owed:
    """What one account owes: today's own, the rest, and every line."""

    account_id: int
    today_minor: int
    old_minor: int
    ahead_minor: int
    ahead_days: int
    lines: tuple[OpenCharge, ...]

    @property
    def total_minor(self) -> int:
        """All that is owed now."""
        return self.today_minor + self.old_minor


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket as its payer sees it; ``days`` are those that it filled, the earliest first."""

    receipt_id: int
    code: str
    day: date
    amount_minor: int
    market_id: int
    stall: str | None
    badge: str | None
    good: bool
    voided_on: date | None
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A trader's month: days with a duty that are paid, those that are not, and what she paid."""

    paid_days: int
    open_days: int
    paid_minor: int


def held_by_trader(connection: Connection, trader_id: int, day: date) -> Held | None:
    """The stall that the register says is hers on a day; None for who has none."""
    row = connection.execute(_HELD, {"trader": trader_id, "day": day}).first()
    return Held(*row) if row else None


def account_of_trader(connection: Connection, trader_id: int) -> int | None:
    """The account that she owes by: of her stall today, else the last one she had."""
    return connection.execute(
        select(FeeAccount.id)
        .where(FeeAccount.trader_id == trader_id)
        .order_by(FeeAccount.stall_id.is_(None), FeeAccount.id.desc())
        .limit(1)
    ).scalar()


def owed(connection: Connection, account_id: int, today: date) -> Owed:
    """What an account owes today, and what is paid ahead."""
    c = _charges.c
    rows = connection.execute(
        select(c.id, c.fee, c.period_from, c.period_to, c.rank, c.outstanding_minor)
        .where(c.account_id == account_id, IS_OPEN)
        .order_by(c.period_from, c.rank, c.id)
    )
    lines = tuple(OpenCharge(*row) for row in rows)
    now = sum(x.outstanding_minor for x in lines if x.period_from == today)
    ahead = connection.execute(
        select(
            func.coalesce(func.sum(Advance.left_minor), 0),
            func.coalesce(func.sum(Advance.days_left), 0),
        ).where(Advance.account_id == account_id, HAS_LEFT)
    ).one()
    return Owed(
        account_id=account_id,
        today_minor=now,
        old_minor=sum(x.outstanding_minor for x in lines) - now,
        ahead_minor=int(ahead[0]),
        ahead_days=int(ahead[1]),
        lines=lines,
    )


def tickets_of(
    connection: Connection, trader_id: int, *, before: int | None = None, limit: int = LATEST
) -> tuple[Ticket, ...]:
    """Her tickets of all her accounts, the newest first, paged by receipt id."""
    query = _tickets().where(FeeAccount.trader_id == trader_id)
    if before is not None:
        query = query.where(Receipt.id < before)
    rows = connection.execute(query.order_by(Receipt.id.desc()).limit(limit))
    return tuple(_ticket(row) for row in rows)


def ticket_of_code(connection: Connection, code: str) -> Ticket | None:
    """Any ticket by its code, for anyone who holds it: nothing personal is in it."""
    row = connection.execute(_tickets().where(Receipt.code == code)).first()
    return _ticket(row) if row else None


def ticket_of(connection: Connection, trader_id: int, receipt_id: int) -> Ticket | None:
    """A ticket of this trader; None for another's."""
    query = _tickets().where(FeeAccount.trader_id == trader_id, Receipt.id == receipt_id)
    row = connection.execute(query).first()
    return _ticket(row) if row else None


def _ticket(row: Any) -> Ticket:
    filled = {date.fromisoformat(day) for _, day, _ in json.loads(row.content)["filled"]}
    return Ticket(
        receipt_id=row.id,
        code=row.code,
        day=row.day,
        amount_minor=row.amount_minor,
        market_id=row.market_id,
        stall=row.stall,
        badge=row.badge,
        good=row.state == "good",
        voided_on=row.voided_on,
        days=tuple(sorted(filled)),
    )


def _tickets() -> Any:
    return (
        select(
            Receipt.id,
            Receipt.code,
            Receipt.day,
            Payment.amount_minor,
            Payment.market_id,
            Stall.number.label("stall"),
            Badge.number.label("badge"),
            Receipt.state,
            Receipt.voided_on,
            Receipt.content,
        )
        .join(Payment, Payment.id == Receipt.payment_id)
        .join(FeeAccount, FeeAccount.id == Payment.account_id)
        .outerjoin(Stall, Stall.id == FeeAccount.stall_id)
        .outerjoin(Badge, Badge.id == Payment.badge_id)
    )


def month_of(connection: Connection, trader_id: int, first: date, last: date) -> Month:
    """How a trader's month stands at all her places, from her daily duty and her payments."""
    c = _charges.c
    paid, unpaid = connection.execute(
        select(
            func.count().filter(c.outstanding_minor == 0),
            func.count().filter(c.outstanding_minor > 0),
        )
        .join(FeeAccount, FeeAccount.id == c.account_id)
        .where(
            FeeAccount.trader_id == trader_id,
            IS_LIVE,
            c.fee == DAILY_DUTY,
            c.amount_minor > 0,
            c.period_from.between(first, last),
        )
    ).one()
    amount = connection.execute(
        select(func.coalesce(func.sum(Payment.amount_minor), 0))
        .join(FeeAccount, FeeAccount.id == Payment.account_id)
        .where(
            FeeAccount.trader_id == trader_id,
            Payment.state != "reversed",
            Payment.paid_on.between(first, last),
        )
    ).scalar_one()
    return Month(paid, unpaid, int(amount))


@dataclass(frozen=True, slots=True)
class Told:
    """One report as who made it sees it."""

    id: int
    ref: str
    kind: str
    day: date
    state: str
    answer_by: date
    due_minor: int | None
    paid_minor: int | None


def told_by(connection: Connection, trader_id: int) -> tuple[Told, ...]:
    """What a trader reported under her name, the newest first."""
    r = Report
    rows = connection.execute(
        select(r.id, r.ref, r.kind, r.day, r.state, r.answer_by, r.due_minor, r.paid_minor)
        .where(r.trader_id == trader_id)
        .order_by(r.id.desc())
        .limit(LATEST * 2)
    )
    return tuple(Told(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class PlanView:
    """A running plan: how many parts are paid, and when the next one is due."""

    id: int
    total_minor: int
    part_minor: int
    weeks: int
    starts_on: date
    paid_minor: int

    @property
    def parts_paid(self) -> int:
        """Whole parts."""
        return min(self.paid_minor // self.part_minor, self.weeks)


def plan_of(connection: Connection, account_id: int) -> PlanView | None:
    """The running plan of an account; what it covers is duty of days before it was agreed."""
    row = connection.execute(
        select(Plan).where(Plan.account_id == account_id, Plan.state == "live")
    ).first()
    if row is None:
        return None
    plan = row
    c = _charges.c
    left = connection.execute(
        select(func.coalesce(func.sum(c.outstanding_minor), 0)).where(
            c.account_id == account_id,
            IS_LIVE,
            c.period_to < plan.starts_on - FIRST_PART,
        )
    ).scalar_one()
    paid = max(plan.total_minor - int(left), 0)
    return PlanView(plan.id, plan.total_minor, plan.part_minor, plan.weeks, plan.starts_on, paid)
