"""Relief that was asked for or granted, and what closures took off charges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, ScalarSelect, and_, func, literal_column, or_, select

from trader_platform.fees.models_charges import Adjustment, Charge, Relief
from trader_platform.fees.types import CLOSED


@dataclass(frozen=True, slots=True)
class ReliefView:
    """One relief; ``zone`` empty is the whole market, ``made_by`` the staff number of who asked."""

    id: int
    market_id: int
    zone: str
    first_day: date
    last_day: date
    reason: str
    made_by: str


def reliefs(connection: Connection, council_id: int, *, state: str) -> tuple[ReliefView, ...]:
    """A council's reliefs in one state (``asked``, ``granted``, ...), the oldest first."""
    r = Relief
    rows = connection.execute(
        select(r.id, r.market_id, r.zone, r.first_day, r.last_day, r.reason, r.made_by)
        .where(r.council_id == council_id, r.state == state)
        .order_by(r.id)
    )
    return tuple(ReliefView(*row) for row in rows)


def reliefs_to_do(connection: Connection, since: date) -> tuple[int, ...]:
    """Of all councils: granted and not done, or of days that may still be raised (``since``)."""
    r = Relief
    late = and_(r.state == "done", r.last_day >= since)
    rows = connection.execute(select(r.id).where(or_(r.state == "granted", late)).order_by(r.id))
    return tuple(rows.scalars())


def off_as_closed() -> ScalarSelect[int]:
    """What closures took off a charge and no reopened day gave back; below zero, or nothing."""
    a = Adjustment
    return (
        select(func.sum(a.amount_minor))
        .where(a.charge_id == Charge.id, a.kind == CLOSED, a.state == literal_column("'made'"))
        .correlate(Charge)
        .scalar_subquery()
    )
