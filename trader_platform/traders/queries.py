"""Reads about people; names and phones only for themselves."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from trader_platform.traders.models import Person, Trader
from trader_platform.traders.service import CONSENT_VERSION


def has_agreed(connection: Connection, person_id: int) -> bool:
    """Whether a person agreed to the consent text of today's version."""
    version = connection.execute(
        select(Person.consent_version).where(Person.id == person_id)
    ).scalar_one_or_none()
    return version is not None and version >= CONSENT_VERSION


def trader_of_phone(connection: Connection, phone_hash: str, pack_id: int) -> int | None:
    """Who sells under a phone in this country; None where nobody does."""
    return connection.execute(
        select(Trader.id)
        .join(Person, Person.id == Trader.person_id)
        .where(
            Person.phone_hash == phone_hash,
            Person.pack_id == pack_id,
            Trader.status == "active",
        )
    ).scalar()


def sealed_phone(connection: Connection, person_id: int) -> tuple[bytes, str] | None:
    """A person's sealed number and what it is bound to, for who may show it; None once erased."""
    row = connection.execute(
        select(Person.phone_sealed, Person.phone_hash).where(Person.id == person_id)
    ).first()
    if row is None or row.phone_sealed is None or row.phone_hash is None:
        return None
    return row.phone_sealed, row.phone_hash


def names_of(connection: Connection, person_ids: Collection[int]) -> dict[int, str]:
    """Names of those who gave one, by person; who is erased has none."""
    rows = connection.execute(
        select(Person.id, Person.name).where(Person.id.in_(person_ids), Person.name.is_not(None))
    )
    return {row.id: str(row.name) for row in rows}


def sealed_phones(
    connection: Connection, person_ids: Collection[int]
) -> dict[int, tuple[bytes, str]]:
    """``sealed_phone`` of several people at once; who is erased is not among them."""
    rows = connection.execute(
        select(Person.id, Person.phone_sealed, Person.phone_hash).where(Person.id.in_(person_ids))
    )
    return {
        row.id: (row.phone_sealed, row.phone_hash)
        for row in rows
        if row.phone_sealed is not None and row.phone_hash is not None
    }
