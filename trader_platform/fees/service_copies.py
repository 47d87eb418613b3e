"""Texts that a trader asks for about her own money: a ticket again, how her month stands.

Flushes, never commits. One of each a day: asking again costs the council nothing.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from trader_platform.core.clock import local_day
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By, Result, once
from trader_platform.fees.queries_duty import month_of, ticket_of
from trader_platform.fees.texts import Text, queue_text


def copy_ticket(session: Session, trader_id: int, receipt_id: int, *, zone: str, by: By) -> Result:
    """Text a trader one of her tickets. Safe to repeat. Raises NotFound for one not hers."""

    def do() -> Result:
        ticket = ticket_of(session.connection(), trader_id, receipt_id)
        if ticket is None:
            raise NotFound(receipt=receipt_id)
        params = {
            "code": ticket.code,
            "market": ticket.market_id,
            "stall": ticket.stall,
            "filled": [day.isoformat() for day in ticket.days],
            "badge": ticket.badge,
            "date": ticket.voided_on.isoformat() if ticket.voided_on else None,
            "amount": ticket.amount_minor,
        }
        kind = "ticket.good" if ticket.good else "ticket.void"
        text = Text(kind, f"ticket.copy:{receipt_id}:{local_day(by.now, zone)}", params)
        queue_text(session, trader_id, ticket.market_id, text, now=by.now, zone=zone)
        return {"code": ticket.code, "amount": ticket.amount_minor}

    content = {"trader": trader_id, "receipt": receipt_id}
    return once(session, by, kind="ticket.copy", content=content, do=do)


def send_month(
    session: Session, trader_id: int, first: date, last: date, *, zone: str, by: By
) -> Result:
    """Text a trader how her month stands, from ``first`` to ``last``. Safe to repeat."""

    def do() -> Result:
        month = month_of(session.connection(), trader_id, first, last)
        params = {
            "month": first.isoformat(),
            "n": month.paid_days,
            "open": month.open_days,
            "amount": month.paid_minor,
        }
        text = Text("statement.month", f"month.copy:{trader_id}:{last}", params)
        queue_text(session, trader_id, None, text, now=by.now, zone=zone)
        return {"month": first.isoformat(), "amount": month.paid_minor}

    content = {"trader": trader_id, "first": first, "last": last}
    return once(session, by, kind="month.copy", content=content, do=do)
