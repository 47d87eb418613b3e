"""What is not kept: words after 90 days, and the phone of who left. Flushes, never commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from trader_platform.core.clock import epoch_ms
from trader_platform.messaging.outbox_sql import ids, run
from trader_platform.messaging.service import contact_of_person, queue
from trader_platform.messaging.types import Outgoing

KEEP_WORDS: Final = timedelta(days=90)
# After so long the last text is given up, and the phone is forgotten without it.
_GOODBYE: Final = timedelta(days=3)

_WORDS: Final = """
UPDATE inbound_texts SET words = NULL, words_hash = '' WHERE id IN (
 SELECT id FROM inbound_texts WHERE words IS NOT NULL AND received_at < :before
 ORDER BY received_at LIMIT :most) RETURNING id
"""
_PARAMS: Final = """
UPDATE messages SET params = '{none}', offers = NULL WHERE id IN (
 SELECT id FROM messages WHERE priority = 0 AND params <> '{none}' AND act_at < :before
  AND state NOT IN ('queued', 'sending') ORDER BY act_at LIMIT :most) RETURNING id
""".replace("{none}", "{}")
_REMEMBER: Final = "UPDATE contacts SET goodbye_id = :message WHERE id = :contact"
_GONE: Final = """
SELECT c.id FROM contacts c JOIN messages m ON m.id = c.goodbye_id
WHERE c.goodbye_id IS NOT NULL AND m.state NOT IN ('queued', 'sending') ORDER BY c.id LIMIT :most
{for_update}
"""
_EMPTY: Final = """
UPDATE contacts SET phone_hash = NULL, phone_sealed = NULL, goodbye_id = NULL WHERE id IN {ids}
"""
_HER_WORDS: Final = (
    "UPDATE inbound_texts SET words = NULL, words_hash = '' WHERE contact_id IN {ids}"
)
_HER_PARAMS: Final = "UPDATE messages SET params = '{}', offers = NULL WHERE contact_id IN {ids}"


def erase_words(session: Session, now: datetime, *, most: int) -> int:
    """Empty what senders wrote more than 90 days ago, and what answers repeat of it; how many.

    The rows stay, with their kinds and times, for statistics. Safe to repeat.
    """
    values = {"before": epoch_ms(now - KEEP_WORDS), "most": most}
    return len(run(session, _WORDS, values)) + len(run(session, _PARAMS, values))


def say_goodbye(
    session: Session, person_id: int, language: str, *, zone: str, now: datetime
) -> None:
    """Queue the last text to who leaves, before her identity row is emptied. Safe to repeat.

    It carries her language, because nothing will lead to her row any more.
    """
    contact = contact_of_person(session, person_id, now=now)
    if contact is None:
        return
    text = Outgoing(
        "deletion.done",
        contact,
        pack_id=_pack(session, contact),
        reason=f"deletion.done:{person_id}",
        act_at=now,
        params={"language": language},
        expires_at=now + _GOODBYE,
    )
    message = queue(session, text, zone=zone)
    if message is not None:
        run(session, _REMEMBER, {"message": message, "contact": contact})


def forget_who_left(session: Session, *, most: int) -> int:
    """Empty the phones whose last text has left or was given up, and all words; how many.

    STOP and counts go with them: the phone is a new one if it ever texts again. Safe to repeat.
    """
    gone = ids(row.id for row in run(session, _GONE, {"most": most}))
    for sql in (_EMPTY, _HER_WORDS, _HER_PARAMS):
        run(session, sql, {"ids": gone})
    return gone.count(",") + 1 if gone != "[]" else 0


def _pack(session: Session, contact_id: int) -> int:
    rows = run(session, "SELECT pack_id FROM contacts WHERE id = :id", {"id": contact_id})
    return int(rows[0].pack_id)
