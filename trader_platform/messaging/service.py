"""Queueing texts and knowing whom to text. Flushes, never commits; sends nothing.

Statements are Core: a drain or a campaign queues by the thousand.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.phone import Phone
from trader_platform.core.queues import ring_after_commit
from trader_platform.messaging.kinds import KINDS
from trader_platform.messaging.models import Contact, Message
from trader_platform.messaging.types import Outgoing
from trader_platform.staff.types import StaffPhone
from trader_platform.traders.models import Person

_contacts: Table = Contact.__table__  # type: ignore[assignment]
_messages: Table = Message.__table__  # type: ignore[assignment]
_FIND: Final = select(_contacts.c.id).where(_contacts.c.phone_hash == bindparam("asked"))
_PERSON: Final = (
    select(Person.phone_hash, Person.phone_sealed, Person.pack_id, _contacts.c.id)
    .outerjoin(_contacts, _contacts.c.phone_hash == Person.phone_hash)
    .where(Person.id == bindparam("asked"))
)
# The dialect's INSERT alone knows ON CONFLICT.
_NEW_MESSAGE: Final = {
    "sqlite": sqlite.insert(_messages).on_conflict_do_nothing().returning(_messages.c.id),
    "postgresql": postgresql.insert(_messages).on_conflict_do_nothing().returning(_messages.c.id),
}
_NEW_CONTACT: Final = {
    "sqlite": sqlite.insert(_contacts).on_conflict_do_nothing().returning(_contacts.c.id),
    "postgresql": postgresql.insert(_contacts).on_conflict_do_nothing().returning(_contacts.c.id),
}


def contact_of_phone(
    session: Session, phone: Phone, *, pack_id: int, vault: Vault, now: datetime
) -> int:
    """The contact of a phone, made where it is new. Safe to repeat and to race."""
    phone_hash = vault.lookup(phone.key)
    found = find_contact(session, phone_hash)
    if found is None:
        sealed = vault.seal(phone.e164.encode(), bound_to=phone_hash.encode())
        found = _make(session, phone_hash, sealed, pack_id=pack_id, now=now)
    return found


def contact_of_person(session: Session, person_id: int, *, now: datetime) -> int | None:
    """The contact of a person's phone, made where it is new; None once she is erased."""
    session.flush()  # who is erased in this transaction has no phone any more
    row = session.connection().execute(_PERSON, {"asked": person_id}).first()
    if row is None or row.phone_hash is None or row.phone_sealed is None:
        return None
    if row.id is not None:
        return int(row.id)
    return _make(session, row.phone_hash, row.phone_sealed, pack_id=row.pack_id, now=now)


def contact_of_staff(session: Session, phone: StaffPhone, *, pack_id: int, now: datetime) -> int:
    """The contact of the phone of somebody who works for a council. Safe to repeat and to race."""
    found = find_contact(session, phone.phone_hash)
    if found is None:
        found = _make(session, phone.phone_hash, phone.sealed, pack_id=pack_id, now=now)
    return found


def find_contact(session: Session, phone_hash: str) -> int | None:
    """The contact of a hashed number; None where that phone never texted and never was texted."""
    found: int | None = session.connection().execute(_FIND, {"asked": phone_hash}).scalar()
    return found


def queue(session: Session, text: Outgoing, *, zone: str) -> int | None:
    """Queue a text in the transaction of the act that causes it; None where its reason is known.

    A worker is rung for once the act is durable. Raises KeyError for a kind that does not exist.
    Safe to repeat: a reason is used once.
    """
    kind = KINDS[text.kind]
    values = {
        "reason": text.reason,
        "kind": text.kind,
        "priority": int(kind.message_class),
        "contact_id": text.contact_id,
        "pack_id": text.pack_id,
        "council_id": text.council_id,
        "day": local_day(text.act_at, zone),
        "params": json.dumps(text.params, separators=(",", ":"), sort_keys=True),
        "offers": None if text.offers is None else json.dumps(text.offers, separators=(",", ":")),
        "act_at": epoch_ms(text.act_at),
        "due_at": epoch_ms(text.due_at or text.act_at),
        "expires_at": None if text.expires_at is None else epoch_ms(text.expires_at),
        "state": "queued",
        "attempts": 0,
        "refused_by": "",
        "segments": 0,
    }
    connection = session.connection()
    statement = _NEW_MESSAGE[connection.dialect.name]
    id_: int | None = connection.execute(statement, values).scalar()
    if id_ is not None and (text.due_at is None or text.due_at <= text.act_at):
        ring_after_commit(session, "sms.deliver")
    return id_


def _make(session: Session, phone_hash: str, sealed: bytes, *, pack_id: int, now: datetime) -> int:
    """The contact's id, made here or by who raced us."""
    values = {
        "pack_id": pack_id,
        "phone_hash": phone_hash,
        "phone_sealed": sealed,
        "stopped": "",
        "stopped_topics": "",
        "opted_out": False,
        "misses": 0,
        "capped_count": 0,
        "created_at": epoch_ms(now),
    }
    connection = session.connection()
    made = connection.execute(_NEW_CONTACT[connection.dialect.name], values).scalar()
    found = made if made is not None else find_contact(session, phone_hash)
    assert found is not None  # inserted above, by us or by who raced us
    return int(found)
