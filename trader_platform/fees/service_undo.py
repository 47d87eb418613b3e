"""Undoing a payment: what it filled is owed again, its ticket is good no more. Part of an act.

The payment's entry is answered by its reversal; nothing is deleted. Flushes, never commits.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import local_day
from trader_platform.core.once import By, Result
from trader_platform.fees.models_charges import (
    IS_LIVE,
    Adjustment,
    Advance,
    Allocation,
    Charge,
    FeeAccount,
)
from trader_platform.fees.service_adjust import AGAINST, credit
from trader_platform.fees.service_advance import take_rebates_back
from trader_platform.fees.texts import queue_taken_back
from trader_platform.ledger.chart import (
    ADVANCES,
    COLLECTOR,
    INCOME_OF_FEE,
    RECEIVABLES,
    REFUNDS,
    held_by,
)
from trader_platform.ledger.queries import guarded_minor
from trader_platform.ledger.service import reverse
from trader_platform.payments.models import Payment
from trader_platform.payments.service import void_receipt
from trader_platform.staff.models import Badge

_payments: Final[Table] = Payment.__table__  # type: ignore[assignment]
_charges: Final[Table] = Charge.__table__  # type: ignore[assignment]
_allocations: Final[Table] = Allocation.__table__  # type: ignore[assignment]
_advances: Final[Table] = Advance.__table__  # type: ignore[assignment]
_adjustments: Final[Table] = Adjustment.__table__  # type: ignore[assignment]


def undo(
    session: Session, payment: Any, reason: str, *, zone: str, by: By, tell: bool = True
) -> Result:
    """Undo a payment that its caller holds, and (where it is to ``tell``) text who paid it."""
    day = local_day(by.now, zone)
    account = session.execute(
        select(FeeAccount.id, FeeAccount.trader_id).where(FeeAccount.id == payment.account_id)
    ).one()
    undone = _allocations_of(session, payment.id)
    advance = session.execute(
        select(_advances).where(_advances.c.payment_id == payment.id).with_for_update()
    ).first()
    cash_is_here = in_hand(session, payment) >= payment.amount_minor
    owed_again = sum(part.amount_minor for part in undone)
    giver = held_by(COLLECTOR, _badge(session, payment)) if cash_is_here else None
    walk_up = account.trader_id is None
    lines = way_back(payment.amount_minor, owed_again, giver, walk_up=walk_up)
    back = reverse(session, payment.entry_id, key=f"void:{payment.id}", day=day, lines=lines, by=by)
    _undo(session, undone, back.entry_id)
    if walk_up:
        _cancel(session, payment, undone, day=day, by=by)
    if advance is not None and (cash_is_here or walk_up):
        if advance.days:
            take_rebates_back(session, payment, day=day, by=by)
        _drop_advance(session, advance)
    elif owed_again and not cash_is_here and not walk_up:
        credit(session, payment.account_id, payment.council_id, payment.id, owed_again, by=by)
    session.execute(
        update(_payments)
        .where(_payments.c.id == payment.id)
        .values(state="reversed", reversal_id=back.entry_id)
    )
    code = void_receipt(session, payment.id, day=day, reason=reason)
    result: Result = {
        "payment": payment.id,
        "code": code,
        "amount": payment.amount_minor,
        "reason": reason,
        "trader": account.trader_id,
        "market": payment.market_id,
        "paid_on": payment.paid_on.isoformat(),
    }
    result["text"] = tell and queue_taken_back(session, result, now=by.now, zone=zone)
    result["held"] = in_hand(session, payment)
    after = {"code": code, "reason": reason, "reversal": back.entry_id, "cash": cash_is_here}
    subject = ("payment", payment.id)
    record(
        session, "ticket.void", by=by, subject=subject, after=after, council_id=payment.council_id
    )
    return result


def _allocations_of(session: Session, payment_id: int) -> list[Any]:
    a = _allocations.c
    return list(
        session.execute(
            select(a.id, a.charge_id, a.amount_minor)
            .where(a.payment_id == payment_id, a.undone_by.is_(None))
            .order_by(a.id)
        )
    )


def way_back(
    amount_minor: int, owed_again_minor: int, giver: str | None, *, walk_up: bool
) -> tuple[tuple[str, int], ...]:
    """The lines that answer a payment. Pure.

    ``giver`` is who still holds the cash and gives it back. Without one the cash went on and stays
    where it is: what is owed again is credited to the payer's advance, and all of it is to be
    refunded where nobody knows her. What advances drew meanwhile is part of what is owed again.
    """
    if giver is None and not walk_up:
        # All of it her advance already: the entry only says that the ticket was answered.
        owed = owed_again_minor or amount_minor
        return ((RECEIVABLES if owed_again_minor else ADVANCES, owed), (ADVANCES, -owed))
    lines = (
        (giver or REFUNDS, -amount_minor),
        (RECEIVABLES, owed_again_minor),
        (ADVANCES, amount_minor - owed_again_minor),
    )
    return tuple(line for line in lines if line[1])


_OWE_AGAIN: Final = (
    update(_charges)
    .where(_charges.c.id == bindparam("charge"), IS_LIVE)
    .values(outstanding_minor=_charges.c.outstanding_minor + bindparam("part"))
)


def _undo(session: Session, undone: list[Any], reversal_id: int) -> None:
    for part in undone:
        session.execute(
            update(_allocations).where(_allocations.c.id == part.id).values(undone_by=reversal_id)
        )
        values = {"charge": part.charge_id, "part": part.amount_minor}
        session.connection().execute(_OWE_AGAIN, values)


def _cancel(session: Session, payment: Any, undone: list[Any], *, day: date, by: By) -> None:
    """Answer a walk-up's charge too: its ticket was its only reason, and nobody else will pay it.

    Each part of what it came to is taken out of the account that it was booked on: the duty, and
    what adjustments added or let go.
    """
    c = _charges.c
    rows = session.execute(
        select(c.id, c.entry_id, c.fee, c.amount_minor).where(
            c.id.in_([part.charge_id for part in undone]), IS_LIVE
        )
    ).all()
    for charge in rows:
        adjusted = _adjusted(session, charge.id)
        duty = charge.amount_minor - sum(adjusted.values())
        booked = [(INCOME_OF_FEE[charge.fee], duty)]
        booked += [(AGAINST[kind], minor) for kind, minor in adjusted.items()]
        lines = tuple(line for line in (*booked, (RECEIVABLES, -charge.amount_minor)) if line[1])
        key = f"void:{payment.id}:charge:{charge.id}"
        reverse(session, charge.entry_id, key=key, day=day, lines=lines, by=by)
        cancelled = {"status": "cancelled", "outstanding_minor": 0}
        session.execute(update(_charges).where(c.id == charge.id).values(cancelled))


def _adjusted(session: Session, charge_id: int) -> dict[str, int]:
    """What was added to a charge, by kind of adjustment."""
    a = _adjustments.c
    rows = session.execute(
        select(a.kind, func.sum(a.amount_minor))
        .where(a.charge_id == charge_id, a.state == "made")
        .group_by(a.kind)
        .order_by(a.kind)
    )
    return {kind: int(minor) for kind, minor in rows}


def _drop_advance(session: Session, advance: Any) -> None:
    """The reversal takes the rest back too; what days already drew was undone with the others."""
    session.execute(
        update(_advances)
        .where(_advances.c.id == advance.id)
        .values(left_minor=0, amount_minor=0, days_left=0)
    )


def in_hand(session: Session, payment: Any) -> int:
    """What the badge that took the cash still holds of all its cash, in minor units."""
    code = held_by(COLLECTOR, _badge(session, payment))
    return guarded_minor(session.connection(), payment.council_id, code)


def _badge(session: Session, payment: Any) -> str:
    found = session.execute(select(Badge.number).where(Badge.id == payment.badge_id)).scalar_one()
    return str(found)
