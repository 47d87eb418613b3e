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
