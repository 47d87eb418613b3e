"""Texts that came in: stored once before they are acknowledged. Knows no gateway and no command.

Statements are text and few: a gateway waits for them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from trader_platform.core.clock import epoch_ms
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.phone import Phone
from trader_platform.messaging.models import Contact, InboundText

MOST_LETTERS: Final = 1600
_LONGEST_ID: Final = 96
# A gateway waits more easily than a phone, and sends again only after a minute.
_PATIENCE_MS: Final = 1500
# Written as text: a bound value would keep SQLite from its partial index.
_IS_WAITING: Final[ColumnElement[str]] = literal_column("'waiting'")

_CONTACT: Final = (
    "INSERT INTO contacts (pack_id, phone_hash, phone_sealed, stopped, stopped_topics, opted_out,"
    " misses, capped_count, created_at) VALUES (?, ?, ?, '', '', false, 0, 0, ?)"
    " ON CONFLICT (phone_hash) DO NOTHING"
)
# One statement for a phone that texted before. Nothing is inserted where the text is known, or
# where the phone is not.
_WAITING: Final = (
    "INSERT INTO inbound_texts (gateway, provider_id, contact_id, pack_id, texted, network, words,"
    " words_hash, state, outcome, received_at)"
    " SELECT ?, ?, id, ?, ?, ?, ?, ?, 'waiting', NULL, ? FROM contacts WHERE phone_hash = ?"
    " ON CONFLICT (gateway, provider_id) DO NOTHING"
)
_SEALED: Final = "SELECT phone_sealed FROM contacts WHERE phone_hash = ?"
_RENUMBER: Final = "UPDATE contacts SET phone_sealed = ? WHERE phone_hash = ?"
_SILENT: Final = (
    "INSERT INTO inbound_texts (gateway, provider_id, contact_id, pack_id, texted, network, words,"
    " words_hash, state, outcome, received_at)"
    " VALUES (?, ?, NULL, ?, ?, ?, ?, ?, 'silent', 'no.phone', ?)"
    " ON CONFLICT (gateway, provider_id) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A text as a gateway handed it over.

    ``phone`` is None for a sender that cannot be answered (a name, a short code, a number of
    ours): such a text is kept, and never answered. Without ``provider_id`` a hash of the sender,
    the words and the minute stands in.
    """

    gateway: str
    provider_id: str | None
    sender: str
    phone: Phone | None
    texted: str
    words: str
    pack_id: int
    network: str | None = None


def store(db: Database, arrived: Arrived, *, vault: Vault, now: datetime) -> bool:
    """Store a text durably; whether it is new. Safe to repeat and to race.

    Raises Busy where the database is locked or away: then the gateway must send again.
    """
    values = _values(arrived, vault, now)
    if arrived.phone is None:
        return _change(db, _SILENT, values)
    phone_hash = vault.lookup(arrived.phone.key)
    if arrived.phone.e164 != arrived.phone.key:
        _renumber(db, arrived.phone, phone_hash, vault)
    if _change(db, _WAITING, (*values, phone_hash)):
        return True
    sealed = vault.seal(arrived.phone.e164.encode(), bound_to=phone_hash.encode())
    _change(db, _CONTACT, (arrived.pack_id, phone_hash, sealed, epoch_ms(now)))
    return _change(db, _WAITING, (*values, phone_hash))


def _renumber(db: Database, phone: Phone, phone_hash: str, vault: Vault) -> None:
    """A subscriber who got the new, longer form of her number is answered there from now on."""
    bound = phone_hash.encode()
    row = db.durable.run(_SEALED, (phone_hash,), patience_ms=_PATIENCE_MS).fetchone()
    if row is None or vault.open(bytes(row[0]), bound_to=bound) == phone.e164.encode():
        return
    _change(db, _RENUMBER, (vault.seal(phone.e164.encode(), bound_to=bound), phone_hash))


def _change(db: Database, statement: str, values: tuple[Any, ...]) -> bool:
    patience_ms = max(int(db.lock_wait_seconds * 1000), _PATIENCE_MS)
    return bool(db.durable.run(statement, values, patience_ms=patience_ms).rowcount)


def words_key(gateway: str, provider_id: str) -> bytes:
    """What the sealed words of a text are bound to."""
    return f"{gateway}:{provider_id}".encode()


def _values(arrived: Arrived, vault: Vault, now: datetime) -> tuple[Any, ...]:
    """In the order of the statements' columns."""
    gateway, words = arrived.gateway, _storable(arrived.words)[:MOST_LETTERS]
    sender, texted, at = _storable(arrived.sender), _storable(arrived.texted), epoch_ms(now)
    provider_id = _storable(arrived.provider_id or "")
    if not 0 < len(provider_id) <= _LONGEST_ID:
        same = provider_id or f"{texted} {at // 60_000} {words}"
        provider_id = "h." + vault.lookup(f"text {gateway} {sender} {same}")
    phone = arrived.phone.key if arrived.phone else sender
    folded = " ".join(words.casefold().split())
    return (
        gateway,
        provider_id,
        arrived.pack_id,
        texted[:24],
        _storable(arrived.network or "")[:24] or None,
        vault.seal(words.encode(), bound_to=words_key(gateway, provider_id)),
        vault.lookup(f"words {phone} {folded}"),
        at,
    )


def _storable(given: str) -> str:
    """Without what no database takes: half letters, and the letter that ends strings in C."""
    return given.encode("utf-8", "replace").decode().replace("\0", "")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that waits for its answer."""

    id: int
    gateway: str
    provider_id: str
    contact_id: int
    pack_id: int
    texted: str
    words: bytes | None
    words_hash: str
    received_at: int


i: Final = InboundText
_WAITS: Final[tuple[Any, ...]] = (
    *(i.id, i.gateway, i.provider_id, i.contact_id, i.pack_id, i.texted, i.words, i.words_hash),
    i.received_at,
)
_before: Final = aliased(InboundText)
_PASSING: Final[BindParameter[int]] = bindparam("passing", expanding=True)
# Built once: building a statement takes longer than running it.
_CLAIM: Final = (
    select(*_WAITS)
    .where(
        i.state == _IS_WAITING,
        ~select(_before.id)
        .where(_before.contact_id == i.contact_id, _before.state == _IS_WAITING, _before.id < i.id)
        .exists(),
        i.contact_id.not_in(_PASSING),
    )
    .order_by(i.id)
    .limit(1)
    .with_for_update(of=i, skip_locked=True)
)
_WAITING_PACK: Final = (
    select(i.pack_id)
    .where(i.state == _IS_WAITING, i.contact_id.not_in(_PASSING))
    .order_by(i.id)
    .limit(1)
)
_inbound: Table = i.__table__  # type: ignore[assignment]
_SETTLE: Final = (
    update(_inbound)
    .where(_inbound.c.id == bindparam("row"))
    .values(
        state=bindparam("state"), outcome=bindparam("outcome"), answered_at=bindparam("answered_at")
    )
)


def claim(session: Session, *, passing: Collection[int] = ()) -> Waiting | None:
    """Lock the oldest waiting text of a phone that nobody else answers now; None where none is.

    The lock lasts until the transaction ends. A phone's texts are taken in their order, however
    many workers there are: one is only taken while no earlier one waits. ``passing`` are contacts
    to leave out.
    """
    row = session.connection().execute(_CLAIM, {"passing": list(passing)}).first()
    return None if row is None else Waiting(*row)


def waiting_pack(connection: Connection, *, passing: Collection[int] = ()) -> int | None:
    """The pack of the oldest waiting text; None where none waits. Locks nothing."""
    pack_id: int | None = connection.execute(_WAITING_PACK, {"passing": list(passing)}).scalar()
    return pack_id


def settle(
    session: Session, waiting: Waiting, outcome: str, *, silent: bool, now: datetime
) -> None:
    """Mark a text as answered by the kind ``outcome``, or as left silent for that reason."""
    state = "silent" if silent else "answered"
    values = {"row": waiting.id, "state": state, "outcome": outcome, "answered_at": epoch_ms(now)}
    session.connection().execute(_SETTLE, values)


def count_misses(session: Session, contact_id: int, misses: int) -> None:
    """Remember how many texts in a row nobody understood."""
    session.execute(update(Contact).where(Contact.id == contact_id).values(misses=misses))


def waiting_contacts(session: Session) -> list[tuple[int, int]]:
    """(contact, pack) of each phone with a waiting text."""
    found = select(i.contact_id, i.pack_id).where(i.state == _IS_WAITING).distinct()
    return [(contact, pack) for contact, pack in session.execute(found) if contact is not None]
