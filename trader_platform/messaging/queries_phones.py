"""Reads of phones that texts name: of the one contact whom a text lets somebody call."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from trader_platform.messaging.models import Contact


def sealed_phones_of_contacts(
    connection: Connection, contact_ids: Collection[int]
) -> dict[int, tuple[bytes, str]]:
    """Sealed numbers and what they are bound to, by contact; an erased one is not among them."""
    rows = connection.execute(
        select(Contact.id, Contact.phone_sealed, Contact.phone_hash).where(
            Contact.id.in_(contact_ids)
        )
    )
    return {
        row.id: (row.phone_sealed, row.phone_hash)
        for row in rows
        if row.phone_sealed is not None and row.phone_hash is not None
    }
