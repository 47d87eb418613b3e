"""Letting off a market's day: it turned out closed, or its council grants relief. Never commits.

A closure needs nobody's word: there was no market. Relief (a flood, a day without a sale) is asked
by one officer and granted by another, whatever it comes to. Both are done charge by charge, a few
in a transaction: a phone that waits for the books waits for few of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.errors import DomainError, NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.fees.models_charges import IS_LIVE, Charge, FeeAccount, Relief
from trader_platform.fees.queries_relief import off_as_closed
from trader_platform.fees.service_adjust import CHECKERS, MAKERS, Why, let_off
from trader_platform.fees.service_advance import use_advances
from trader_platform.fees.types import CLOSED, DAILY_DUTY
from trader_platform.market.models import Market, Stall
from trader_platform.staff.service import authorise, refuse_same, today_of

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
CHUNK: Final = 20
LONGEST: Final = timedelta(days=31)
_NOTED: Final = ("market_id", "zone", "first_day", "last_day", "reason", "state", "approved_by")


class BadRelief(DomainError):
    """Days that are to come, too many or in a wrong order, or a zone that the market has not."""

    code = "bad_relief"


class ReliefGone(NotFound):
    """There is no such relief, or it waits for no answer."""

    code = "relief_gone"


@dataclass(frozen=True, slots=True)
class AskRelief:
    """Days whose duty is to be let off; ``zone`` empty is the whole market."""

    staff_id: int
    council_id: int
    market_id: int
    first_day: date
    last_day: date
    reason: str
    zone: str = ""


def ask_relief(session: Session, command: AskRelief, *, by: By) -> Result:
    """Ask for relief; always a second person's to grant. Safe to repeat.

    Raises NotAllowed, NotFound for another council's market, BadRelief.
    """

    def do() -> Result:
        market = session.get(Market, command.market_id)
        if market is None or market.council_id != command.council_id:
            raise NotFound(market=command.market_id)
        today = today_of(session, command.council_id, by=by)
        at = command.market_id
        authorise(session, command.staff_id, command.council_id, MAKERS, day=today, market_id=at)
        _check(session, command, today)
        row = Relief(
            council_id=command.council_id,
            market_id=command.market_id,
            zone=command.zone,
            first_day=command.first_day,
            last_day=command.last_day,
            reason=command.reason,
            state="asked",
            made_by=str(command.staff_id),
            asked_at=epoch_ms(by.now),
        )
        session.add(row)
        session.flush()
        _audit(session, "relief.ask", row, by=by)
        return {"relief": row.id, "state": row.state}

    content = {
        "staff": command.staff_id,
        "council": command.council_id,
        "market": command.market_id,
        "zone": command.zone,
        "first": command.first_day,
        "last": command.last_day,
        "reason": command.reason,
    }
    return once(session, by, kind="relief.ask", content=content, do=do)


def answer_relief(session: Session, staff_id: int, relief_id: int, *, yes: bool, by: By) -> Result:
    """A second person's word on relief; the job lets the charges off. Safe to repeat.

    Raises NotAllowed, SamePerson, ReliefGone.
    """

    def do() -> Result:
        row = session.get(Relief, relief_id, with_for_update=True)
        if row is None or row.state != "asked":
            raise ReliefGone(relief=relief_id)
        today = today_of(session, row.council_id, by=by)
        at = row.market_id
        authorise(session, staff_id, row.council_id, CHECKERS, day=today, market_id=at)
        refuse_same(row.made_by, staff_id)
        row.state, row.approved_by = "granted" if yes else "refused", str(staff_id)
        session.flush()
        _audit(session, "relief.answer", row, by=by)
        return {"relief": row.id, "state": row.state}

    content = {"staff": staff_id, "relief": relief_id, "yes": yes}
    return once(session, by, kind="relief.answer", content=content, do=do)


def relieve(session: Session, relief_id: int, *, limit: int = CHUNK, by: By) -> int:
    """Let off the next charges of a relief that was granted; returns how many. Safe to repeat.

    Nothing left to let off marks it done; what is raised later for its days is let off all the
    same. What was paid comes back as credit for the next days. A walk-up ticket stays: she traded,
    and nobody knows whom to credit.
    """
    relief = session.get(Relief, relief_id, with_for_update=True)
    if relief is None or relief.state not in {"granted", "done"}:
        return 0
    c = _charges.c
    due = _days(relief.council_id, relief.market_id, relief.first_day, relief.last_day)
    query = due.where(c.amount_minor > 0).limit(limit)
    if relief.zone:
        in_zone = (
            select(FeeAccount.id)
            .join(Stall, Stall.id == FeeAccount.stall_id)
            .where(FeeAccount.id == c.account_id, Stall.zone == relief.zone)
        )
        query = query.where(in_zone.exists())
    why = Why(relief.reason, relief.made_by, relief.approved_by)
    rows = session.execute(query).all()
    for charge in rows:
        let_off(session, charge, "waiver", -charge.amount_minor, why=why, by=by)
    if len(rows) < limit and relief.state != "done":
        relief.state = "done"
        session.flush()
        _audit(session, "relief.done", relief, by=by)
    return len(rows)


def credit_closed_day(
    session: Session, council_id: int, market_id: int, day: date, *, limit: int = CHUNK, by: By
) -> int:
    """Answer charges of a day on which a market turned out closed; returns how many.

    Safe to repeat, until nothing is left. What was paid for such a day comes back as
    credit for the next ones; a walk-up's ticket stays, as with relief.
    """
    query = _days(council_id, market_id, day, day).where(_charges.c.amount_minor > 0)
    rows = session.execute(query.limit(limit)).all()
    for charge in rows:
        why = Why("market closed", by.actor_id)
        let_off(session, charge, CLOSED, -charge.amount_minor, why=why, by=by)
    return len(rows)


def reopen_day(
    session: Session, council_id: int, market_id: int, day: date, *, limit: int = CHUNK, by: By
) -> int:
    """Ask again what was let off as closed on a day that was held after all; returns how many.

    Safe to repeat, until nothing is left. What had come back as credit pays it again.
    """
    query = _days(council_id, market_id, day, day).where(off_as_closed() < 0).limit(limit)
    held = [charge.id for charge in session.execute(query)]
    # Read again behind the lock: another worker may have been at the same ones.
    minor = off_as_closed().label("minor")
    again = select(_charges).add_columns(minor).where(_charges.c.id.in_(held), minor < 0)
    rows: Sequence[Any] = session.execute(again.order_by(_charges.c.id)).all()
    for charge in rows:
        let_off(session, charge, CLOSED, -charge.minor, why=Why("market held", by.actor_id), by=by)
    if rows:
        use_advances(session, council_id, [charge.account_id for charge in rows], by=by)
    return len(rows)


def _days(council_id: int, market_id: int, first: date, last: date) -> Select[Any]:
    """Day charges of a market that somebody known owes, locked, in the order of their ids."""
    c = _charges.c
    return (
        select(_charges)
        .where(
            c.council_id == council_id,
            c.market_id == market_id,
            IS_LIVE,
            c.fee == DAILY_DUTY,
            c.unit_no == 0,
            c.period_from.between(first, last),
        )
        .order_by(c.id)
        .with_for_update(of=_charges)
    )


def _check(session: Session, command: AskRelief, today: date) -> None:
    long = command.last_day - command.first_day
    if not timedelta(0) <= long < LONGEST or command.last_day > today:
        raise BadRelief(first=command.first_day, last=command.last_day)
    zone = select(Stall.id).where(Stall.market_id == command.market_id, Stall.zone == command.zone)
    if command.zone and session.execute(zone.limit(1)).first() is None:
        raise BadRelief(zone=command.zone)


def _audit(session: Session, action: str, row: Relief, *, by: By) -> None:
    record(
        session,
        action,
        by=by,
        subject=("relief", row.id),
        after={name: getattr(row, name) for name in _NOTED},
        council_id=row.council_id,
    )
