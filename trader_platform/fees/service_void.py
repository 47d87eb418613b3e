"""Taking a ticket back: at once by its collector, later by a second person. Nothing is deleted.

The payment's entry is answered by its reversal, what it filled is owed again, the receipt keeps its
number and says that it was taken back, and the payer is told. Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.errors import DomainError
from trader_platform.core.once import By, Result, once
from trader_platform.fees.service_undo import in_hand, undo
from trader_platform.fees.texts import queue_void_asked
from trader_platform.fees.types import TicketGone
from trader_platform.payments.models import Payment, Receipt
from trader_platform.staff.models import Badge
from trader_platform.staff.service import authorise, refuse_same
from trader_platform.staff.types import Role

_payments: Final[Table] = Payment.__table__  # type: ignore[assignment]

AT_ONCE: Final = timedelta(minutes=10)
REASONS: Final = ("pressed_wrong", "not_paid", "paid_twice", "other")


class TooLate(DomainError):
    """Not her last ticket, older than ten minutes, or its cash went on: the master must say yes."""

    code = "too_late"


class VoidAsked(DomainError):
    """Taking it back was asked already and waits for an answer."""

    code = "void_asked"


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A ticket to take back, by the badge that issued it, and why (one of ``REASONS``).

    ``mends``: a right one is to follow, which the answer to who asks says.
    """

    staff_id: int
    badge_id: int
    code: str
    reason: str
    zone: str
    mends: bool = False


def take_back(session: Session, command: TakeBack, *, by: By) -> Result:
    """Take back one's own last ticket within ten minutes, its cash still in hand. Safe to repeat.

    Raises TicketGone, NotAllowed, and TooLate where only ``ask_void`` is left.
    """

    def do() -> Result:
        payment = own_last(session, command, by=by)
        return undo(session, payment, command.reason, zone=command.zone, by=by)

    return once(session, by, kind="ticket.back", content=_content(command), do=do)


def own_last(session: Session, command: TakeBack, *, by: By) -> Any:
    """The payment of a ticket that its collector may take back at once, held until the commit.

    Raises TicketGone, NotAllowed, TooLate.
    """
    payment = _own(session, command, by)
    if not _is_last(session, payment) or not _is_fresh(payment, by):
        raise TooLate(code=command.code)
    if in_hand(session, payment) < payment.amount_minor:
        raise TooLate(code=command.code)
    return payment


def ask_void(session: Session, command: TakeBack, *, by: By) -> Result:
    """Ask that a ticket be taken back; it counts until a market master says yes. Safe to repeat.

    Every master of the market is asked by text. Raises TicketGone, NotAllowed, VoidAsked.
    """

    def do() -> Result:
        payment = _own(session, command, by)
        if payment.state == "void_asked":
            raise VoidAsked(code=command.code)
        _move(session, payment.id, "void_asked")
        after = {"code": command.code, "reason": command.reason}
        _audit(session, "ticket.void.ask", payment, by=by, after=after)
        queue_void_asked(session, payment, command.reason, zone=command.zone, by=by)
        return {
            "payment": payment.id,
            "code": command.code,
            "amount": payment.amount_minor,
            "mends": command.mends,
        }

    return once(session, by, kind="ticket.void.ask", content=_content(command), do=do)


def answer_void(
    session: Session, staff_id: int, payment_id: int, *, yes: bool, reason: str, zone: str, by: By
) -> Result:
    """A second person's word on a ticket that somebody asked to take back. Safe to repeat.

    Raises TicketGone, NotAllowed (not a master there today), SamePerson (her own ticket).
    """

    def do() -> Result:
        payment = session.execute(
            select(_payments).where(_payments.c.id == payment_id).with_for_update()
        ).first()
        if payment is None or payment.state != "void_asked":
            raise TicketGone(payment=payment_id)
        authorise(
            session,
            staff_id,
            payment.council_id,
            frozenset({Role.MASTER, Role.FINANCE}),
            day=local_day(by.now, zone),
            market_id=payment.market_id,
        )
        maker = session.execute(select(Badge.staff_id).where(Badge.id == payment.badge_id)).scalar()
        refuse_same(str(maker), staff_id)
        if yes:
            return undo(session, payment, reason, zone=zone, by=by)
        _move(session, payment.id, "booked")
        _audit(session, "ticket.void.no", payment, by=by)
        return {"payment": payment.id, "amount": payment.amount_minor}

    content = {"staff": staff_id, "payment": payment_id, "yes": yes, "reason": reason}
    return once(session, by, kind="ticket.void.answer", content=content, do=do)


def _own(session: Session, command: TakeBack, by: By) -> Any:
    """The payment of a good ticket that this badge issued, held until the transaction ends."""
    payment = session.execute(
        select(_payments)
        .join(Receipt, Receipt.payment_id == _payments.c.id)
        .where(
            Receipt.code == command.code,
            Receipt.state == "good",
            _payments.c.badge_id == command.badge_id,
        )
        .with_for_update()
    ).first()
    if payment is None or payment.state == "reversed":
        raise TicketGone(code=command.code)
    authorise(
        session,
        command.staff_id,
        payment.council_id,
        frozenset({Role.COLLECTOR}),
        day=local_day(by.now, command.zone),
        market_id=payment.market_id,
        badge_id=command.badge_id,
    )
    return payment


def _is_last(session: Session, payment: Any) -> bool:
    # One that was taken back counts too: else all of ten minutes could go, one after another.
    later = select(_payments.c.id).where(
        _payments.c.badge_id == payment.badge_id, _payments.c.id > payment.id
    )
    return session.execute(later.limit(1)).first() is None


def _is_fresh(payment: Any, by: By) -> bool:
    # A clock that stepped back makes a ticket look younger, never older than it is to her.
    return epoch_ms(by.now) - int(payment.recorded_at) <= AT_ONCE.total_seconds() * 1000


def _move(session: Session, payment_id: int, state: str) -> None:
    session.execute(update(_payments).where(_payments.c.id == payment_id).values(state=state))


def _content(command: TakeBack) -> dict[str, object]:
    return {"badge": command.badge_id, "code": command.code, "reason": command.reason}


def _audit(
    session: Session,
    action: str,
    payment: Any,
    *,
    by: By,
    after: Mapping[str, object] | None = None,
) -> None:
    record(
        session,
        action,
        by=by,
        subject=("payment", payment.id),
        after=after,
        council_id=payment.council_id,
    )
