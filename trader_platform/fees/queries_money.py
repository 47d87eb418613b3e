"""Where a market's money went: duty that came in, by the books; what the council says it spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from trader_platform.fees.models_reports import Spending, SpendingAsked
from trader_platform.ledger.models import Posting
from trader_platform.payments.models import Payment


@dataclass(frozen=True, slots=True)
class Spent:
    """One thing that was paid for, or (``due_on``) is to come; ``what`` in the council's words."""

    what: str
    amount_minor: int
    due_on: date | None


def collected(
    connection: Connection, council_id: int, market_id: int, first: date, last: date
) -> int:
    """Money that came in at a market from a day to a day, as the books say, less what went back.

    What was debited by the entries of its payments; one that is reversed counts nowhere.
    """
    p = Payment
    total = connection.execute(
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .join(p, p.entry_id == Posting.entry_id)
        .where(
            p.council_id == council_id,
            p.paid_on.between(first, last),
            p.market_id == market_id,
            p.state != "reversed",
            Posting.amount_minor > 0,
        )
    ).scalar_one()
    return int(total)


def spent_in(connection: Connection, market_id: int, month: date) -> tuple[Spent, ...]:
    """What a council says it spent at a market in a month (its first day), the most first."""
    s = Spending
    rows = connection.execute(
        select(s.what, s.amount_minor, s.due_on)
        .where(s.market_id == market_id, s.month == month, s.due_on.is_(None))
        .order_by(s.amount_minor.desc(), s.id)
    )
    return tuple(Spent(*row) for row in rows)


def coming_next(connection: Connection, market_id: int, today: date) -> Spent | None:
    """What a council says it will pay for next at a market."""
    s = Spending
    row = connection.execute(
        select(s.what, s.amount_minor, s.due_on)
        .where(s.market_id == market_id, s.due_on >= today)
        .order_by(s.due_on, s.id)
        .limit(1)
    ).first()
    return Spent(*row) if row else None


@dataclass(frozen=True, slots=True)
class Asked:
    """How many people want to know what was spent at a market in a month (its first day)."""

    market_id: int
    month: date
    people: int


def asked_to_tell(connection: Connection, council_id: int) -> tuple[Asked, ...]:
    """What a council was asked and has not told yet, the newest month first."""
    a, s = SpendingAsked, Spending
    told = select(s.id).where(s.market_id == a.market_id, s.month == a.month, s.due_on.is_(None))
    rows = connection.execute(
        select(a.market_id, a.month, func.count())
        .where(a.council_id == council_id, ~told.exists())
        .group_by(a.month, a.market_id)
        .order_by(a.month.desc(), func.count().desc(), a.market_id)
    )
    return tuple(Asked(*row) for row in rows)
