"""Reads of the outbox: to whom a text goes and in which language. No writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from trader_platform.messaging.outbox_sql import ids, look

_READERS: Final = """
SELECT c.id, c.phone_hash, c.phone_sealed, c.stopped, c.stopped_topics, c.opted_out,
 CASE WHEN c.capped_on = :today THEN c.capped_count ELSE 0 END AS counted_today, p.language
FROM contacts c LEFT JOIN people p ON p.phone_hash = c.phone_hash WHERE c.id IN {ids}
"""
_SPENT: Final = """
SELECT council_id, sum(counted_minor) AS minor FROM text_spend WHERE day = :today
GROUP BY council_id
"""


class ReaderRow(NamedTuple):
    """A phone that a text goes to; ``language`` is None where nobody of it chose one."""

    id: int
    phone_hash: str | None
    phone_sealed: bytes | None
    stopped: str
    stopped_topics: str
    opted_out: bool
    counted_today: int
    language: str | None


def readers(
    connection: Connection, contact_ids: Iterable[int], today: date
) -> Mapping[int, ReaderRow]:
    """Everything that policy and wording need of these phones, in one query."""
    values: Mapping[str, Any] = {"ids": ids(set(contact_ids)), "today": today.isoformat()}
    return {row[0]: ReaderRow._make(row) for row in look(connection, _READERS, values)}


def spent_today(connection: Connection, today: date) -> Mapping[int, int]:
    """What the counted texts of each council cost on a day, in minor units; 0 is the service."""
    rows = look(connection, _SPENT, {"today": today.isoformat()})
    return {row.council_id: int(row.minor) for row in rows}
