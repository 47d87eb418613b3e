"""The texts that fees cause, queued in the act's own transaction: ids, codes and numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, Row, bindparam, func, select
from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.once import By
from trader_platform.fees.models_charges import FeeAccount
from trader_platform.fees.models_reports import Report
from trader_platform.market.models import Council, Market, Stall
from trader_platform.messaging.models import Contact
from trader_platform.messaging.service import contact_of_person, contact_of_staff, queue
from trader_platform.messaging.service_rights import ALL as STOPPED_ALL
from trader_platform.messaging.types import Outgoing
from trader_platform.payments.models import Receipt
from trader_platform.staff.models import Badge
from trader_platform.staff.queries import masters_of
from trader_platform.traders.models import Person, Trader

_READER: Final = (
    select(
        *(Trader.person_id, Council.pack_id, Market.council_id),
        *(Contact.id.label("contact_id"), Contact.opted_out, Contact.stopped),
    )
    .select_from(Trader)
    .join(Person, Person.id == Trader.person_id)
    .outerjoin(Contact, Contact.phone_hash == Person.phone_hash)
    .join(Market, Market.id == func.coalesce(bindparam("market", type_=Integer), Trader.market_id))
    .join(Council, Council.id == Market.council_id)
    .where(Trader.id == bindparam("trader"))
)


@dataclass(frozen=True, slots=True)
class Text:
    """A kind, the reason that makes it the only one, and its parameters."""

    kind: str
    reason: str
    params: Mapping[str, Any]


def queue_proof(session: Session, ticket: Mapping[str, Any], *, now: datetime, zone: str) -> bool:
    """Queue the payer's own proof of a ticket; False where nobody may be texted.

    Then the collector writes the code on paper. One that ``mends`` a ticket of hers names that too.
    """
    kind = "receipt.part" if ticket["left"] else "receipt.issued"
    if ticket["ahead_days"]:
        kind = "receipt.ahead"
    params = {
        "code": ticket["code"],
        "market": ticket["market"],
        "stall": ticket["number"],
        "filled": ticket["days"],
        "badge": ticket["badge"],
        "old": ticket["left"],
        "ahead": ticket["ahead_days"],
        "amount": ticket["amount"],
    }
    if ticket["mends"]:
        kind = "receipt.mended"
        said = {"old": ticket["left"] or None, "ahead": ticket["ahead_days"] or None}
        params = {**params, **said, "code2": ticket["mends"]}
    text = Text(kind, f"ticket:{ticket['payment']}", params)
    return queue_text(session, ticket["trader"], ticket["market"], text, now=now, zone=zone)


def queue_taken_back(
    session: Session, ticket: Mapping[str, Any], *, now: datetime, zone: str
) -> bool:
    """Tell the payer that her ticket was taken back; False where nobody may be texted."""
    params = {
        "code": ticket["code"],
        "date": ticket["paid_on"],
        "why": ticket["reason"],
        "amount": ticket["amount"],
    }
    text = Text("receipt.taken", f"ticket.void:{ticket['payment']}", params)
    return queue_text(session, ticket["trader"], ticket["market"], text, now=now, zone=zone)


def queue_void_asked(session: Session, payment: Row[Any], why: str, *, zone: str, by: By) -> None:
    """Ask every master of the market by text; not who asks, whose own yes would count for nothing.

    The reason names the asking: after a no, the same ticket may be asked about again.
    """
    connection, day = session.connection(), local_day(by.now, zone)
    said = connection.execute(
        select(
            *(Receipt.code, Stall.number.label("stall"), FeeAccount.goods_class_id),
            *(Council.pack_id, Badge.number.label("badge"), Badge.staff_id),
        )
        .select_from(Receipt)
        .join(Badge, Badge.id == payment.badge_id)
        .join(FeeAccount, FeeAccount.id == payment.account_id)
        .join(Council, Council.id == payment.council_id)
        .outerjoin(Stall, Stall.id == FeeAccount.stall_id)
        .where(Receipt.payment_id == payment.id)
    ).one()
    params = {
        "badge": said.badge,
        "code": said.code,
        "stall": said.stall,
        "goods": said.goods_class_id,
        "why": why,
        "amount": payment.amount_minor,
    }
    for master in masters_of(connection, payment.council_id, payment.market_id, day):
        if master.staff_id == said.staff_id:
            continue
        contact_id = contact_of_staff(session, master, pack_id=said.pack_id, now=by.now)
        asking = Outgoing(
            kind="void.ask",
            contact_id=contact_id,
            pack_id=said.pack_id,
            council_id=payment.council_id,
            reason=f"void.ask:{payment.id}:{epoch_ms(by.now)}:{contact_id}",
            act_at=by.now,
            params=params,
        )
        queue(session, asking, zone=zone)


def queue_answer(session: Session, report: Report, *, now: datetime, zone: str) -> bool:
    """Tell who gave her name what the council says; False where nobody is to be told."""
    right = "yes" if report.state == "right" else "no"
    kind = {"overcharge": "overcharge", "no_ticket": "noticket"}.get(report.kind)
    if kind is None:
        return False
    paid, due = report.paid_minor or 0, report.due_minor or 0
    params = {
        "ref": report.ref,
        "due": due,
        "paid": paid,
        "amount": max(paid - due, 0),
        "goods": report.goods_class_id,
        "market": report.market_id,
        "date": report.day.isoformat(),
    }
    reason = f"report:{report.id}:{report.answered_by}:{epoch_ms(now)}"
    text = Text(f"{kind}.{right}", reason, params)
    return queue_text(session, report.trader_id, report.market_id, text, now=now, zone=zone)


def queue_text(
    session: Session,
    trader_id: int | None,
    market_id: int | None,
    text: Text,
    *,
    now: datetime,
    zone: str,
) -> bool:
    """Queue a text to a trader; False where there is nobody to text. Safe to repeat."""
    if trader_id is None:
        return False
    asked = {"trader": trader_id, "market": market_id}
    row = session.connection().execute(_READER, asked).first()
    if row is None or row.opted_out or row.stopped == STOPPED_ALL:
        return False
    contact_id = row.contact_id or contact_of_person(session, row.person_id, now=now)
    if contact_id is None:
        return False
    outgoing = Outgoing(
        kind=text.kind,
        contact_id=contact_id,
        pack_id=row.pack_id,
        council_id=row.council_id,
        reason=text.reason,
        act_at=now,
        params=text.params,
    )
    queue(session, outgoing, zone=zone)
    return True
