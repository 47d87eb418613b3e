"""Renewing keys: phones sealed or hashed under an older key are brought under today's."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from trader_platform.core import phone as phones
from trader_platform.core.crypto import Vault
from trader_platform.traders.models import Person


@dataclass(frozen=True)
class Renewed:
    """One chunk: where to go on from (None at the end), rows seen and rows written."""

    last_id: int | None
    seen: int
    written: int


def renew(session: Session, vault: Vault, *, after_id: int = 0, limit: int = 500) -> Renewed:
    """Seal one chunk of phones with the newest of DATA_KEYS and hash it with LOOKUP_KEY.

    Safe to repeat and to stop anywhere: each row is whole under one hash and one key at any time,
    and a seal is bound to the hash that stands beside it, so the old LOOKUP_KEY is not needed.
    """
    rows = session.execute(
        select(Person.id, Person.phone_hash, Person.phone_sealed)
        .where(Person.id > after_id, Person.phone_sealed.is_not(None))
        .order_by(Person.id)
        .limit(limit)
    ).all()
    changes = []
    for row in rows:
        e164 = vault.open(row.phone_sealed, bound_to=row.phone_hash.encode()).decode()
        wanted = hash_of(vault, e164)
        if wanted != row.phone_hash or not vault.is_newest(row.phone_sealed):
            sealed = vault.seal(e164.encode(), bound_to=wanted.encode())
            changes.append({"row": row.id, "new_hash": wanted, "sealed": sealed})
    if changes:
        statement = update(Person).where(Person.id == bindparam("row"))
        session.connection().execute(
            statement.values(phone_hash=bindparam("new_hash"), phone_sealed=bindparam("sealed")),
            changes,
        )
    return Renewed(rows[-1].id if rows else None, len(rows), len(changes))


def hash_of(vault: Vault, e164: str) -> str:
    """The keyed hash of a stored phone under today's LOOKUP_KEY; raises ValueError."""
    found = phones.parse(e164)
    if found is None:
        raise ValueError("a stored phone is no phone any more: look at the metadata's version")
    return vault.lookup(found.key)
