"""A ticket by USSD and the same by service: equal rows, equal trail, equal text."""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from tests.fixtures.collectors import collectors, works
from tests.fixtures.fees import Council, assert_whole, by, stall_card
from tests.fixtures.world import SIGNER, World
from trader_platform.audit.models import AuditRow
from trader_platform.core.once import Act
from trader_platform.fees.models_charges import Allocation, Charge
from trader_platform.fees.service_ticket import take_ticket
from trader_platform.ledger.models import Entry, Posting
from trader_platform.messaging.models import Message
from trader_platform.payments.models import Payment, Receipt

TABLES: Final = (Charge, Payment, Allocation, Receipt, Entry, Posting, AuditRow, Message)
# What names one row, one request, one moment or one payer, and what is drawn.
OWN: Final = {
    *("id", "idem_key", "request_hash", "our_ref", "account_id", "entry_id", "payment_id"),
    *("charge_id", "code", "content", "content_hash", "signature", "serial", "key"),
    *("paid_at", "recorded_at", "raised_at", "made_at", "at", "act_at", "due_at", "created_at"),
    *("subject_id", "contact_id", "reason", "after", "params", "ip"),
}
SAME_OF_JSON: Final = {
    "after": ("amount", "days", "ahead", "badge"),
    "params": ("market", "filled", "badge", "old", "ahead", "amount"),
    "content": ("amount", "badge", "currency", "market", "channel", "paid_on", "ahead", "series"),
}


def rows(connection: Connection, table: Any, after: int) -> list[dict[str, Any]]:
    columns: Table = table.__table__
    found = connection.execute(select(columns).where(columns.c.id > after).order_by(columns.c.id))
    return [_alike(dict(row)) for row in found.mappings()]


def _alike(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in OWN}
    for name, parts in SAME_OF_JSON.items():
        if row.get(name):
            said = json.loads(row[name]) if isinstance(row[name], str) else row[name]
            kept |= {f"{name}.{part}": said[part] for part in parts if part in said}
    return kept


def snapshot(world: World, since: dict[Any, int]) -> dict[str, list[dict[str, Any]]]:
    with world.db.reading() as connection:
        return {table.__name__: rows(connection, table, since[table]) for table in TABLES}


def newest(world: World) -> dict[Any, int]:
    with world.db.reading() as connection:
        found = {}
        for table in TABLES:
            id_ = table.__table__.c.id
            found[table] = connection.execute(select(id_).order_by(id_.desc())).scalar() or 0
    return found


def by_service(world: World, council: Council, amount: int, stall: int) -> None:
    now = world.clock.now()
    with world.db.transaction() as session:
        command = council.ticket(amount, stall=stall, ahead=False)
        actor = str(council.collector.staff_id)
        take_ticket(session, command, signer=SIGNER, by=by("same", now=now, actor=actor))


def test_a_ticket_by_ussd_and_by_service_are_alike(world: World) -> None:
    council = collectors(world)
    phone = works(world, "1", stall_card(0), "1")
    before = newest(world)
    phone.press("1").sees("CON Ticket")
    ussd = snapshot(world, before)
    before = newest(world)
    by_service(world, council, 1000, 1)
    service = snapshot(world, before)
    # The one difference is whose stall it is.
    told = json.dumps(service, default=str).replace("T1", "T0")
    assert json.dumps(ussd, default=str) == told
    assert [len(ussd[table.__name__]) for table in TABLES] == [1, 1, 1, 1, 2, 4, 1, 1]
    with world.db.reading() as connection:
        kinds = connection.execute(
            select(Act.kind, Act.screen).where(Act.kind == "ticket.take").order_by(Act.done_at)
        ).all()
    assert [tuple(kind) for kind in kinds] == [("ticket.take", "ticket.done"), ("ticket.take", "")]
    assert_whole(world)
