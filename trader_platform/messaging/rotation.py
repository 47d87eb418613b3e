"""Renewing keys: phones of contacts and words of senders are brought under today's."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from trader_platform.core.crypto import Vault
from trader_platform.messaging.outbox_sql import run, run_many
from trader_platform.messaging.service_inbound import words_key
from trader_platform.traders.rotation import Renewed, hash_of

_CONTACTS: Final = """
SELECT id, phone_hash, phone_sealed FROM contacts WHERE id > :after AND phone_sealed IS NOT NULL
ORDER BY id LIMIT :most
"""
_CONTACT: Final = "UPDATE contacts SET phone_hash = :hash, phone_sealed = :sealed WHERE id = :id"
_WORDS: Final = """
SELECT id, gateway, provider_id, words FROM inbound_texts WHERE id > :after AND words IS NOT NULL
ORDER BY id LIMIT :most
"""
_WORD: Final = "UPDATE inbound_texts SET words = :sealed WHERE id = :id"


def renew_contacts(
    session: Session, vault: Vault, *, after_id: int = 0, limit: int = 500
) -> Renewed:
    """Seal one chunk of contacts' phones with the newest key and hash it with LOOKUP_KEY.

    Safe to repeat and to stop anywhere, as ``traders.rotation.renew``.
    """
    rows = run(session, _CONTACTS, {"after": after_id, "most": limit})
    changes = []
    for row in rows:
        e164 = vault.open(row.phone_sealed, bound_to=row.phone_hash.encode()).decode()
        wanted = hash_of(vault, e164)
        if wanted != row.phone_hash or not vault.is_newest(row.phone_sealed):
            sealed = vault.seal(e164.encode(), bound_to=wanted.encode())
            changes.append({"id": row.id, "hash": wanted, "sealed": sealed})
    run_many(session, _CONTACT, changes)
    return Renewed(rows[-1].id if rows else None, len(rows), len(changes))


def renew_words(session: Session, vault: Vault, *, after_id: int = 0, limit: int = 500) -> Renewed:
    """Seal one chunk of what senders wrote with the newest key. Safe to repeat and to stop."""
    rows = run(session, _WORDS, {"after": after_id, "most": limit})
    changes = []
    for row in rows:
        if not vault.is_newest(row.words):
            key = words_key(row.gateway, row.provider_id)
            sealed = vault.seal(vault.open(row.words, bound_to=key), bound_to=key)
            changes.append({"id": row.id, "sealed": sealed})
    run_many(session, _WORD, changes)
    return Renewed(rows[-1].id if rows else None, len(rows), len(changes))
