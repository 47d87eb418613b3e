"""Mending a ticket: the wrong one is taken back and the right one taken, in one commit.

The limits are those of taking back at once. Nothing is deleted, and no receipt is changed: the
wrong one keeps its number and says that it was taken back. Flushes, never commits.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Table, exists, select
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.once import By, Result, once
from trader_platform.core.signing import Signer
from trader_platform.fees.accounts import Payer, Who, find_payer
from trader_platform.fees.calendar import day_of, is_held
from trader_platform.fees.models_charges import Advance, Allocation, Charge, FeeAccount
from trader_platform.fees.service_owed import TakeTicket
from trader_platform.fees.service_ticket import issue_ticket
from trader_platform.fees.service_undo import in_hand, undo
from trader_platform.fees.service_void import TakeBack, own_last
from trader_platform.fees.types import DAILY_DUTY, NoOccupant, WrongAmount
from trader_platform.staff.models import Badge

_allocations: Final[Table] = Allocation.__table__  # type: ignore[assignment]
_advances: Final[Table] = Advance.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Mend:
    """What is right of the ticket to take back: its amount, or who paid; the rest stays as it is.

    Cash that was for today's duty stays for today's duty.
    """

    wrong: TakeBack
    amount_minor: int | None = None
    who: Who | None = None


def mend_ticket(session: Session, command: Mend, *, signer: Signer, by: By) -> Result:
    """Take a ticket back and the right one in its place. Safe to repeat: one key, one ticket.

    Raises what ``take_back`` and ``take_ticket`` raise, WrongAmount also where nothing would
    change, PaidToday where the right payer owes less than a ticket that paid nothing ahead; then
    the wrong ticket stands as it did. Each payer gets one text: the right one her new ticket, and
    another who got the wrong one that it was taken back.
    Returns the new ticket, ``was`` (the old code), ``held``, and whether there is a ``paper`` to
    cross out.
    """

    def do() -> Result:
        return _mend(session, command, signer, by)

    wrong = command.wrong
    content = {
        "badge": wrong.badge_id,
        "code": wrong.code,
        "reason": wrong.reason,
        "amount": command.amount_minor,
        "who": asdict(command.who) if command.who else None,
    }
    return once(session, by, kind="ticket.mend", content=content, do=do)


def _mend(session: Session, command: Mend, signer: Signer, by: By) -> Result:
    wrong = command.wrong
    payment = own_last(session, wrong, by=by)
    account = session.execute(
        select(FeeAccount.__table__).where(FeeAccount.id == payment.account_id)
    ).one()
    who, payer = _right_payer(session, command, payment, account)
    same = payer.key == account.key
    amount = payment.amount_minor if command.amount_minor is None else command.amount_minor
    if same and amount == payment.amount_minor:
        raise WrongAmount(amount=amount)
    taking = _taking(session, command, payment, who, payer, amount=amount)
    same_reader = payer.trader_id == account.trader_id
    undone = undo(session, payment, wrong.reason, zone=wrong.zone, by=by, tell=not same_reader)
    mends = wrong.code if same_reader else None
    result = issue_ticket(session, taking, signer=signer, by=by, mends=mends)
    result["was"] = wrong.code
    result["held"] = in_hand(session, payment)
    result["paper"] = not (result["text"] if same_reader else undone["text"])
    record(
        session,
        "ticket.mend",
        by=by,
        subject=("payment", result["payment"]),
        after={"mends": payment.id, "reason": wrong.reason},
        council_id=payment.council_id,
    )
    return result


def _right_payer(session: Session, command: Mend, payment: Any, account: Any) -> tuple[Who, Payer]:
    """Who is named, else who paid: by the stall, or by herself where several share it."""
    connection = session.connection()
    where = {"market_id": payment.market_id, "day": payment.paid_on}
    if command.who is not None:
        return command.who, find_payer(connection, command.who, **where)
    ways = (
        Who(stall_id=account.stall_id),
        Who(trader_id=account.trader_id),
        Who(goods_class_id=account.goods_class_id),
    )
    for who in ways:
        if any(asdict(who).values()):
            payer = find_payer(connection, who, **where)
            if payer.key == account.key:
                return who, payer
    raise NoOccupant(stall=account.stall_id)  # somebody else holds the stall since


def _taking(
    session: Session, command: Mend, payment: Any, who: Who, payer: Payer, *, amount: int
) -> TakeTicket:
    """The right ticket, of the day and with the purpose of the wrong one."""
    connection, market = session.connection(), payer.place.market_id
    a, c = _allocations.c, Charge
    live = (a.payment_id == payment.id, a.undone_by.is_(None))
    today = select(a.id).join(Charge, c.id == a.charge_id)
    today = today.where(*live, c.fee == DAILY_DUTY, c.period_from == payment.paid_on)
    ahead = exists().where(_advances.c.payment_id == payment.id)
    paid_today = connection.execute(today.limit(1)).first() is not None
    paid_ahead = bool(connection.execute(select(ahead)).scalar())
    badge = connection.execute(select(Badge.number).where(Badge.id == payment.badge_id))
    return TakeTicket(
        staff_id=command.wrong.staff_id,
        badge_id=command.wrong.badge_id,
        badge=str(badge.scalar_one()),
        market_id=payment.market_id,
        who=who,
        amount_minor=amount,
        day=day_of(connection, market, payment.paid_on),
        zone=command.wrong.zone,
        today=paid_today,
        ahead=paid_ahead or command.amount_minor is not None,
        open_today=is_held(connection, market, payment.paid_on),
        source=payment.source,
    )
