"""Texts that came in: stored once before they are acknowledged. Knows no gateway and no command.

Statements are text and few: a gateway waits for them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from trader_platform.core.clock import epoch_ms
from trader_platform.core.crypto import Vault
from trader_platform.core.db import Database
from trader_platform.core.phone import Phone

MOST_LETTERS: Final = 1600
_LONGEST_ID: Final = 96

_CONTACT = text(
    "INSERT INTO contacts (pack_id, phone_hash, phone_sealed, stopped, stopped_topics, opted_out,"
    " misses, capped_count, created_at)"
    " VALUES (:pack_id, :phone_hash, :phone_sealed, '', '', false, 0, 0, :received_at)"
    " ON CONFLICT (phone_hash) DO NOTHING"
)
# One statement for a phone that texted before. Nothing is inserted where the text is known, or
# where the phone is not.
_WAITING = text(
    "INSERT INTO inbound_texts (gateway, provider_id, contact_id, pack_id, texted, network, words,"
    " words_hash, state, outcome, received_at)"
    " SELECT :gateway, :provider_id, id, :pack_id, :texted, :network, :words,"
    " :words_hash, 'waiting', NULL, :received_at FROM contacts WHERE phone_hash = :phone_hash"
    " ON CONFLICT (gateway, provider_id) DO NOTHING"
)
_SILENT = text(
    "INSERT INTO inbound_texts (gateway, provider_id, contact_id, pack_id, texted, network, words,"
    " words_hash, state, outcome, received_at)"
    " VALUES (:gateway, :provider_id, NULL, :pack_id, :texted, :network, :words,"
    " :words_hash, 'silent', 'no.phone', :received_at)"
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

    Raises DBAPIError where the database is away: then the gateway must send again.
    """
    values = _values(arrived, vault, now)
    with _durable(db) as connection:
        if arrived.phone is None:
            return bool(connection.execute(_SILENT, values).rowcount)
        if connection.execute(_WAITING, values).rowcount:
            return True
        e164 = arrived.phone.e164.encode()
        values["phone_sealed"] = vault.seal(e164, bound_to=values["phone_hash"].encode())
        connection.execute(_CONTACT, values)
        return bool(connection.execute(_WAITING, values).rowcount)


def words_key(gateway: str, provider_id: str) -> bytes:
    """What the sealed words of a text are bound to."""
    return f"{gateway}:{provider_id}".encode()


def _durable(db: Database) -> AbstractContextManager[Connection]:
    """On SQLite the engine that syncs each commit; on PostgreSQL every statement is durable."""
    return db.write.begin() if db.is_sqlite else db.read.connect()


def _values(arrived: Arrived, vault: Vault, now: datetime) -> dict[str, Any]:
    gateway, words = arrived.gateway, _storable(arrived.words)[:MOST_LETTERS]
    sender, texted, at = _storable(arrived.sender), _storable(arrived.texted), epoch_ms(now)
    provider_id = _storable(arrived.provider_id or "")
    if not 0 < len(provider_id) <= _LONGEST_ID:
        same = provider_id or f"{texted} {at // 60_000} {words}"
        provider_id = "h." + vault.lookup(f"text {gateway} {sender} {same}")
    phone = arrived.phone.key if arrived.phone else sender
    folded = " ".join(words.casefold().split())
    return {
        "gateway": gateway,
        "provider_id": provider_id,
        "phone_hash": vault.lookup(phone),
        "pack_id": arrived.pack_id,
        "texted": texted[:24],
        "network": _storable(arrived.network or "")[:24] or None,
        "words": vault.seal(words.encode(), bound_to=words_key(gateway, provider_id)),
        "words_hash": vault.lookup(f"words {phone} {folded}"),
        "received_at": at,
    }


def _storable(given: str) -> str:
    """Without what no database takes: half letters, and the letter that ends strings in C."""
    return given.encode("utf-8", "replace").decode().replace("\0", "")
