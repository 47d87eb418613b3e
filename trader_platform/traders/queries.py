"""Reads about people; names and phones only for themselves."""

from __future__ import annotations

from sqlalchemy import Connection, select

from trader_platform.traders.models import Person
from trader_platform.traders.service import CONSENT_VERSION


def has_agreed(connection: Connection, person_id: int) -> bool:
    """Whether a person agreed to the consent text of today's version."""
    version = connection.execute(
        select(Person.consent_version).where(Person.id == person_id)
    ).scalar_one_or_none()
    return version is not None and version >= CONSENT_VERSION


def sealed_phone(connection: Connection, person_id: int) -> tuple[bytes, str] | None:
    """A person's sealed number and what it is bound to, for who may show it; None once erased."""
    row = connection.execute(
        select(Person.phone_sealed, Person.phone_hash).where(Person.id == person_id)
    ).first()
    if row is None or row.phone_sealed is None or row.phone_hash is None:
        return None
    return row.phone_sealed, row.phone_hash
