"""Changing what a charge comes to: never by editing it, always by an adjustment with a reason.

Above a limit an adjustment only asks, and a second person makes it. What was paid for a charge that
comes to less is credited to the payer's advance. Flushes, never commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.once import By, Result, once
from trader_platform.fees.models_charges import IS_LIVE, Adjustment, Advance, Allocation, Charge
from trader_platform.fees.service_advance import DRAWN
from trader_platform.fees.types import CLOSED, ChargeGone, WrongAmount
from trader_platform.ledger.chart import (
    ADVANCES,
    INCOME_OF_FEE,
    REBATES,
    RECEIVABLES,
    WRITE_OFFS,
)
from trader_platform.ledger.models import Entry, LedgerAccount
from trader_platform.ledger.service import post
from trader_platform.ledger.types import Booking
from trader_platform.staff.service import authorise, refuse_same, today_of
from trader_platform.staff.types import Role

_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_allocations: Final[Table] = Allocation.__table__  # type: ignore[assignment]

# Our choice until a council sets its own: what officers may change of a charge with no second
# person, in minor units.
ALONE_MINOR: Final = 50_000
# Not what a job did (a closed day), nor a price that was bought ahead: its entry is the draw's.
MADE_ALONE: Final[ColumnElement[bool]] = and_(
    Adjustment.state == "made",
    or_(Adjustment.approved_by.is_(None), Adjustment.approved_by == Adjustment.made_by),
    exists().where(
        Entry.id == Adjustment.entry_id,
        Entry.idem_key.startswith("adjustment:"),
        Entry.actor_kind != "job",
    ),
)
MAKERS: Final = frozenset({Role.MASTER, Role.FINANCE, Role.ADMIN})
CHECKERS: Final = frozenset({Role.FINANCE, Role.ADMIN})
# The other side of the books: what a lower charge costs the council, and a higher one brings.
AGAINST: Final = {
    "rebate": REBATES,
    "waiver": REBATES,
    "closed_day": REBATES,
    "correction": REBATES,
    "write_off": WRITE_OFFS,
    "penalty": INCOME_OF_FEE["penalty"],
}


@dataclass(frozen=True, slots=True)
class Adjust:
    """A change of one charge: ``amount_minor`` is added to it, so a negative one lowers it."""

    staff_id: int
    council_id: int
    charge_id: int
    kind: str
    amount_minor: int
    reason: str
    day: date


@dataclass(frozen=True, slots=True)
class Why:
    """Why charges are adjusted without being asked for one by one, and by whose word."""

    reason: str
    made_by: str
    approved_by: str | None = None


def adjust(session: Session, command: Adjust, *, by: By) -> Result:
    """Adjust a charge, or ask for it where the amount wants a second person. Safe to repeat.

    Raises NotAllowed, ChargeGone (also another council's), WrongAmount, KeyError for no kind.
    """

    def do() -> Result:
        charge = _charge(session, command.council_id, command.charge_id)
        authorise(
            session,
            command.staff_id,
            command.council_id,
            MAKERS,
            day=today_of(session, command.council_id, by=by),
            market_id=charge.market_id,
        )
        _check(command, charge)
        alone = abs(command.amount_minor) + _alone(session, charge.id) <= ALONE_MINOR
        row = Adjustment(
            charge_id=charge.id,
            council_id=command.council_id,
            kind=command.kind,
            amount_minor=command.amount_minor,
            reason=command.reason[:60],
            state="asked",
            made_by=str(command.staff_id),
            day=command.day,
            made_at=epoch_ms(by.now),
        )
        session.add(row)
        session.flush()
        if alone:
            _make(session, row, charge, by=by)
        _audit(session, f"charge.{command.kind}", row, by=by)
        return {"adjustment": row.id, "state": row.state}

    content = {
        "charge": command.charge_id,
        "kind": command.kind,
        "amount": command.amount_minor,
        "reason": command.reason,
        "staff": command.staff_id,
        "council": command.council_id,
        "day": command.day,
    }
    return once(session, by, kind="charge.adjust", content=content, do=do)


def answer_adjustment(
    session: Session, staff_id: int, adjustment_id: int, *, yes: bool, by: By
) -> Result:
    """A second person's word on an adjustment. Safe to repeat.

    Raises NotAllowed, SamePerson, ChargeGone, WrongAmount where the charge changed meanwhile.
    """

    def do() -> Result:
        row = session.get(Adjustment, adjustment_id, with_for_update=True)
        if row is None or row.state != "asked":
            raise ChargeGone(adjustment=adjustment_id)
        today = today_of(session, row.council_id, by=by)
        at = select(_charges.c.market_id).where(_charges.c.id == row.charge_id)
        market = session.execute(at).scalar_one()
        authorise(session, staff_id, row.council_id, CHECKERS, day=today, market_id=market)
        refuse_same(row.made_by, staff_id)
        row.approved_by = str(staff_id)
        if yes:
            _make(session, row, _charge(session, row.council_id, row.charge_id), by=by)
        else:
            row.state = "refused"
        session.flush()
        _audit(session, "charge.adjust.answer", row, by=by)
        return {"adjustment": row.id, "state": row.state}

    content = {"adjustment": adjustment_id, "yes": yes, "staff": staff_id}
    return once(session, by, kind="charge.adjust.answer", content=content, do=do)


def let_off(
    session: Session, charge: Any, kind: str, minor: int, *, why: Why, by: By
) -> Adjustment:
    """Part of an act that was allowed: adjust a charge (its row) by ``minor``, with no limit."""
    row = Adjustment(
        charge_id=charge.id,
        council_id=charge.council_id,
        kind=kind,
        amount_minor=minor,
        reason=why.reason,
        state="asked",
        made_by=why.made_by,
        approved_by=why.approved_by,
        day=charge.period_from,
        made_at=epoch_ms(by.now),
    )
    session.add(row)
    session.flush()
    _make(session, row, charge, by=by)
    _audit(session, f"charge.{kind}", row, by=by)
    return row


def _charge(session: Session, council_id: int, charge_id: int) -> Any:
    row = session.execute(
        select(_charges)
        .where(
            _charges.c.id == charge_id,
            _charges.c.council_id == council_id,
            IS_LIVE,
        )
        .with_for_update()
    ).first()
    if row is None:
        raise ChargeGone(charge=charge_id)
    return row


def _alone(session: Session, charge_id: int) -> int:
    """What officers changed of a charge with no second person, in minor units."""
    made = select(func.coalesce(func.sum(func.abs(Adjustment.amount_minor)), 0))
    return int(
        session.execute(made.where(MADE_ALONE, Adjustment.charge_id == charge_id)).scalar_one()
    )


def _check(command: Adjust, charge: Any) -> None:
    if command.kind not in AGAINST or command.kind == CLOSED:  # that is the calendar's
        raise KeyError(command.kind)
    raises = command.kind == "penalty"
    if command.amount_minor == 0 or (command.amount_minor > 0) != raises:
        raise WrongAmount(amount=command.amount_minor)
    if charge.amount_minor + command.amount_minor < 0:
        raise WrongAmount(amount=command.amount_minor, most=charge.amount_minor)


def _make(session: Session, row: Adjustment, charge: Any, *, by: By) -> None:
    """Book an adjustment; a lower charge frees what was paid for it."""
    change = row.amount_minor
    if charge.amount_minor + change < 0:
        raise WrongAmount(amount=change, most=charge.amount_minor)
    unpaid = max(change, -charge.outstanding_minor)  # what meets the debt, the rest was paid
    paid = change - unpaid
    lines = [(AGAINST[row.kind], -change), (RECEIVABLES, unpaid), (ADVANCES, paid)]
    booking = Booking(
        council_id=row.council_id,
        kind=row.kind,
        key=f"adjustment:{row.id}",
        lines=tuple(line for line in lines if line[1]),
        currency=_currency(session, row.council_id),
        effective_date=row.day,
        content={"charge": row.charge_id, "amount": change},
    )
    row.entry_id = post(session, booking, by=by).entry_id
    row.state = "made"
    session.execute(
        update(_charges)
        .where(_charges.c.id == charge.id)
        .values(
            amount_minor=_charges.c.amount_minor + change,
            outstanding_minor=_charges.c.outstanding_minor + unpaid,
        )
    )
    if paid:
        _free(session, charge, -paid, entry_id=row.entry_id, by=by)
    session.flush()


def _free(session: Session, charge: Any, minor: int, *, entry_id: int, by: By) -> None:
    """Turn ``minor`` of what was allocated to a charge into advances of the payments it came from.

    The newest allocation first. One that is only partly freed is undone and made anew, smaller.
    """
    a = _allocations.c
    rows = session.execute(
        select(a.id, a.payment_id, a.amount_minor, (Entry.kind == DRAWN).label("drawn"))
        .join(Entry, Entry.id == a.entry_id)
        .where(a.charge_id == charge.id, a.undone_by.is_(None))
        .order_by(a.id.desc())
    ).all()
    for part in rows:
        freed = min(minor, part.amount_minor)
        if not freed:
            break
        minor -= freed
        session.execute(update(_allocations).where(a.id == part.id).values(undone_by=entry_id))
        if freed < part.amount_minor:
            session.add(
                Allocation(
                    payment_id=part.payment_id,
                    charge_id=charge.id,
                    council_id=charge.council_id,
                    amount_minor=part.amount_minor - freed,
                    entry_id=entry_id,
                    made_at=epoch_ms(by.now),
                )
            )
        advance = credit(
            session, charge.account_id, charge.council_id, part.payment_id, freed, by=by
        )
        # A whole day that was bought ahead is one again, at the price it was bought at.
        if part.drawn and freed == part.amount_minor == advance.price_minor:
            advance.days_left += 1
            session.flush()


def credit(
    session: Session, account_id: int, council_id: int, payment_id: int, minor: int, *, by: By
) -> Advance:
    """Add to what a payment left over; part of a larger act that books it."""
    advance = session.execute(
        select(Advance).where(Advance.payment_id == payment_id).with_for_update()
    ).scalar_one_or_none()
    if advance is None:
        advance = Advance(
            account_id=account_id,
            payment_id=payment_id,
            council_id=council_id,
            amount_minor=0,
            left_minor=0,
            made_at=epoch_ms(by.now),
        )
        session.add(advance)
    advance.amount_minor += minor
    advance.left_minor += minor
    session.flush()
    return advance


def _currency(session: Session, council_id: int) -> str:
    return str(
        session.execute(
            select(LedgerAccount.currency).where(
                LedgerAccount.council_id == council_id, LedgerAccount.code == RECEIVABLES
            )
        ).scalar_one()
    )


def _audit(session: Session, action: str, row: Adjustment, *, by: By) -> None:
    after = {
        "charge": row.charge_id,
        "kind": row.kind,
        "amount": row.amount_minor,
        "state": row.state,
        "approved_by": row.approved_by,
    }
    record(
        session,
        action,
        by=by,
        subject=("adjustment", row.id),
        after=after,
        council_id=row.council_id,
    )
