"""How the outbox stands: for operators, and for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Connection

from trader_platform.messaging.outbox_sql import look
from trader_platform.messaging.types import State

_STATES: Final = "SELECT state, count(*) AS many FROM messages GROUP BY state"
_FAILURES: Final = """
SELECT failure, count(*) AS many FROM messages WHERE state = 'failed' GROUP BY failure
ORDER BY many DESC
"""
_REPORTS: Final = "SELECT outcome, sum(seen) AS many FROM delivery_reports GROUP BY outcome"
# The literals are those of the partial indexes: without them these would read every text.
_DUE: Final = """
SELECT count(*) AS many, min(due_at) AS oldest FROM messages
WHERE state = 'queued' AND priority = :priority AND due_at <= :now
"""
_SENDING: Final = "SELECT count(*) FROM messages WHERE state = 'sending'"
_UNKNOWN: Final = "SELECT count(*) FROM messages WHERE state = 'unknown'"
_ROWS: Final = """
SELECT m.id, m.kind, m.state, m.failure, m.gateway, m.attempts, m.due_at, m.sent_at, m.segments,
 c.phone_sealed, c.phone_hash FROM messages m JOIN contacts c ON c.id = m.contact_id
WHERE m.state = :state ORDER BY m.id DESC LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Texts that should have left by now; cheap to ask."""

    due: int
    oldest_due_seconds: float
    sending: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Standing:
    """All texts by state, why some failed, and delivery reports by what became of them."""

    due: Due
    states: Mapping[str, int]
    failures: Mapping[str, int]
    reports: Mapping[str, int]


class OutboxRow(NamedTuple):
    """One text, without its words; the number is sealed."""

    id: int
    kind: str
    state: str
    failure: str | None
    gateway: str | None
    attempts: int
    due_at: int
    sent_at: int | None
    segments: int
    phone_sealed: bytes | None
    phone_hash: str | None


def due_now(connection: Connection, now_ms: int) -> Due:
    """What waits to leave, what is in a call, and what is unknown."""
    many, oldest = 0, now_ms
    for priority in range(4):
        row = look(connection, _DUE, {"priority": priority, "now": now_ms})[0]
        many += row.many
        oldest = min(oldest, row.oldest or now_ms)
    sending, unknown = (look(connection, sql, {})[0][0] for sql in (_SENDING, _UNKNOWN))
    return Due(many, (now_ms - oldest) / 1000, sending, unknown)


def standing(connection: Connection, now_ms: int) -> Standing:
    """Everything; reads every row."""
    found = {row.state: row.many for row in look(connection, _STATES, {})}
    return Standing(
        due_now(connection, now_ms),
        {state.value: found.get(state.value, 0) for state in State},
        {row.failure or "": row.many for row in look(connection, _FAILURES, {})},
        {row.outcome: int(row.many) for row in look(connection, _REPORTS, {})},
    )


def texts_in_state(connection: Connection, state: str, *, most: int) -> list[OutboxRow]:
    """The newest texts of one state."""
    rows = look(connection, _ROWS, {"state": state, "most": most})
    return [OutboxRow._make(row) for row in rows]
