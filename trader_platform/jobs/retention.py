"""What is not kept: drafts of old dialogues, and people whose grace is over."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text

from trader_platform.jobs.context import JobContext
from trader_platform.traders.service import erase_due

KEEP_STATE_MS: Final = 24 * 3600 * 1000
CHUNK: Final = 200
# While hops are served, a writer takes short turns: see docs/operating.md.
PAUSE_SECONDS: Final = 0.02

# The trail stays for statistics; what was typed and shown does not.
_EMPTY = text(
    "UPDATE ussd_sessions SET state = NULL, status ="
    " CASE WHEN status = 'open' THEN 'dropped' ELSE status END"
    " WHERE (gateway, session_id) IN (SELECT gateway, session_id FROM ussd_sessions"
    " WHERE started_at < :before AND state IS NOT NULL ORDER BY started_at LIMIT :chunk)"
)


def prune_sessions(context: JobContext) -> int:
    """Empty the drafts of dialogues untouched for a day; returns how many. Safe to repeat."""
    before = int(datetime.now(UTC).timestamp() * 1000) - KEEP_STATE_MS
    emptied = 0
    while True:
        with context.db.reading() as connection:
            count = connection.execute(_EMPTY, {"before": before, "chunk": CHUNK}).rowcount
        emptied += count
        if count < CHUNK:
            return emptied
        time.sleep(PAUSE_SECONDS)


def erase_people(context: JobContext) -> int:
    """Empty the identity rows whose seven days are over; returns how many. Safe to repeat."""
    erased = 0
    while True:
        with context.db.transaction() as session:
            gone = erase_due(session, datetime.now(UTC), limit=CHUNK)
        erased += len(gone)
        if len(gone) < CHUNK:
            return erased
        time.sleep(PAUSE_SECONDS)
