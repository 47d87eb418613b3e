"""Queueing texts and knowing whom to text. Flushes, never commits; sends nothing.

Statements are Core: a drain or a campaign queues by the thousand.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms, local_day
from trader_platform.core.crypto import Vault
from trader_platform.core.phone import Phone
from trader_platform.core.queues import ring_after_commit
from trader_platform.messaging.kinds import KINDS
from trader_platform.messaging.models import Contact, Message
from trader_platform.messaging.types import Outgoing
from trader_platform.traders.models import Person

_contacts: Table = Contact.__table__  # type: ignore[assignment]
_messages: Table = Message.__table__  # type: ignore[assignment]


def contact_of_phone(
    session: Session, phone: Phone, *, pack_id: int, vault: Vault, now: datetime
) -> int:
    """The contact of a phone, made where it is new. Safe to repeat and to race."""
    phone_hash = vault.lookup(phone.key)
    found = find_contact(session, phone_hash)
    if found is None:
        sealed = vault.seal(phone.e164.encode(), bound_to=phone_hash.encode())
        _make(session, phone_hash, sealed, pack_id=pack_id, now=now)
        found = find_contact(session, phone_hash)
    assert found is not None  # inserted above, by us or by who raced us
    return found


def contact_of_person(session: Session, person_id: int, *, now: datetime) -> int | None:
    """The contact of a person's phone, made where it is new; None once she is erased."""
    row = session.execute(
        select(Person.phone_hash, Person.phone_sealed, Person.pack_id).where(Person.id == person_id)
    ).first()
    if row is None or row.phone_hash is None or row.phone_sealed is None:
        return None
    found = find_contact(session, row.phone_hash)
    if found is None:
        _make(session, row.phone_hash, row.phone_sealed, pack_id=row.pack_id, now=now)
        found = find_contact(session, row.phone_hash)
    return found


def find_contact(session: Session, phone_hash: str) -> int | None:
    """The contact of a hashed number; None where that phone never texted and never was texted."""
    found: int | None = session.execute(
        select(_contacts.c.id).where(_contacts.c.phone_hash == phone_hash)
    ).scalar()
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
    statement = _insert(session)(_messages).values(values)
    statement = statement.on_conflict_do_nothing().returning(_messages.c.id)
    id_: int | None = session.execute(statement).scalar()
    if id_ is not None and (text.due_at is None or text.due_at <= text.act_at):
        ring_after_commit(session, "sms.deliver")
    return id_


def _make(session: Session, phone_hash: str, sealed: bytes, *, pack_id: int, now: datetime) -> None:
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
    session.execute(_insert(session)(_contacts).values(values).on_conflict_do_nothing())


def _insert(session: Session):  # type: ignore[no-untyped-def]
    """The dialect's INSERT, which alone knows ON CONFLICT."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
