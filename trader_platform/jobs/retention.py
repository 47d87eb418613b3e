"""What is not kept: drafts of old dialogues, what people wrote, and people who left."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from trader_platform.core.clock import local_day
from trader_platform.core.once import By
from trader_platform.core.pace import rest, turn
from trader_platform.fees.service_asked import forget_who_asked
from trader_platform.fees.service_unnamed import forget_who_told
from trader_platform.jobs.context import JobContext
from trader_platform.market.catalog import Catalogs
from trader_platform.market.service_stalls import release
from trader_platform.market.service_words import KEEP_DAYS, forget_unmatched
from trader_platform.messaging.service_erase import erase_words, forget_who_left, say_goodbye
from trader_platform.traders.service import erase_due, leaving_due

KEEP_STATE_MS: Final = 24 * 3600 * 1000
KEEP_ACTS: Final = timedelta(days=1)
# A question about a month can be asked until the next one is over.
KEEP_ASKERS: Final = timedelta(days=31)
CHUNK: Final = 200
# People with all that hangs on them: so many fit a short turn.
FEW: Final = 5

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
        began = time.monotonic()
        with context.db.reading() as connection:
            count = connection.execute(_EMPTY, {"before": before, "chunk": CHUNK}).rowcount
        emptied += count
        if count < CHUNK:
            return emptied
        rest(context.db, began)


def erase_people(context: JobContext) -> int:
    """Empty the identity rows whose seven days are over; returns how many. Safe to repeat.

    Each gets a last text first; its phone goes when that text has left. A stall she held is vacant
    from the next day on.
    """
    catalogs = Catalogs(context.db)
    erased = 0
    while True:
        with turn(context.db) as session:
            now = datetime.now(UTC)
            for person in leaving_due(session, now, limit=FEW):
                zone = catalogs.get(person.pack_id).zone
                say_goodbye(session, person.id, person.language, zone=zone, now=now)
                by = By(f"leave:{person.id}", "en", now, "system", "retention", "job")
                release(session, person.id, last_day=local_day(now, zone), by=by)
            gone = erase_due(session, now, limit=FEW)
        erased += len(gone)
        if len(gone) < FEW:
            return erased


def forget_phones(context: JobContext) -> int:
    """Empty the phones of who left, after their last text; returns how many. Safe to repeat."""
    return _chunks(context, lambda session: forget_who_left(session, most=FEW), FEW)


def erase_texts(context: JobContext) -> int:
    """Empty what senders wrote more than 90 days ago; returns how many. Safe to repeat."""
    return _chunks(context, lambda session: erase_words(session, datetime.now(UTC), most=CHUNK), 1)


def forget_words(context: JobContext) -> int:
    """Forget the unmatched words of 90 days ago; returns how many rows. Safe to repeat."""
    before = datetime.now(UTC).date() - timedelta(days=KEEP_DAYS)
    return _chunks(context, lambda session: forget_unmatched(session, before, limit=CHUNK), CHUNK)


def forget_reports(context: JobContext) -> int:
    """Part what was said without a name from the phones that said it; returns how many.

    Reports a day later, questions to a council a month later. Safe to repeat.
    """
    now = datetime.now(UTC)

    def work(session: Session) -> int:
        told = forget_who_told(session, now - KEEP_ACTS, most=CHUNK)
        return told + forget_who_asked(session, (now - KEEP_ASKERS).date(), most=CHUNK)

    return _chunks(context, work, 1)


def _chunks(context: JobContext, work: Callable[[Session], int], least: int) -> int:
    """Transactions with pauses between them, until one does fewer than ``least``."""
    done = 0
    while not context.stopping.is_set():
        with turn(context.db) as session:
            count = work(session)
        done += count
        if count < least:
            break
    return done
