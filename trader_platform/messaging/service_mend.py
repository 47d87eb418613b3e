"""What a person may do about texts that failed or are unknown. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.errors import DomainError, NotFound
from trader_platform.core.once import By
from trader_platform.core.queues import ring_after_commit
from trader_platform.messaging.outbox_sql import run

_FIND = "SELECT id, state, segments, failure, act_at FROM messages WHERE id = :id {for_update}"
# Since the act: that bounds what is read, and before it there was no such text.
_REPORTED = """
SELECT 1 FROM delivery_reports WHERE message_id = :id AND received_at >= :since LIMIT 1
"""
_SETTLE = """
UPDATE messages SET state = :state, failure = :failure, settled_at = :now WHERE id = :id
"""
_AGAIN = """
UPDATE messages SET state = 'queued', due_at = :now, attempts = 0, refused_by = '', failure = NULL,
 settled_at = NULL WHERE id = :id
"""


class NotUnknown(DomainError):
    """The state of this text is known: there is nothing to settle."""

    code = "not_unknown"


class WasHandedOver(DomainError):
    """A gateway took this text or may have: to send it again could send it twice."""

    code = "was_handed_over"


def settle_unknown(session: Session, message_id: int, state: str, *, by: By) -> None:
    """A person says that an unknown text was ``delivered`` or has ``failed``. It is never resent.

    Raises NotFound, or NotUnknown where its state is known (also when this is repeated).
    """
    row = _find(session, message_id)
    if row.state != "unknown":
        raise NotUnknown(message=message_id, state=row.state)
    failure = "by_person" if state == "failed" else None
    values = {"id": message_id, "state": state, "failure": failure, "now": epoch_ms(by.now)}
    run(session, _SETTLE, values)
    _note(session, "message.settle", message_id, before=row.state, after=state, by=by)
    ring_after_commit(session, "sms.deliver")  # it may have held back an answer


def retry(session: Session, message_ids: Sequence[int], *, by: By) -> None:
    """Queue texts again that failed and certainly were not handed over; all of them or none.

    Raises NotFound, or WasHandedOver for any other text: also for one that a report or a person
    called failed, because a gateway had taken it, and for one that any report names.
    """
    for message_id in sorted(set(message_ids)):
        row = _find(session, message_id)
        reported = run(session, _REPORTED, {"id": message_id, "since": row.act_at})
        if row.state != "failed" or row.segments != 0 or reported:
            raise WasHandedOver(message=message_id, state=row.state)
        run(session, _AGAIN, {"id": message_id, "now": epoch_ms(by.now)})
        _note(session, "message.retry", message_id, before=row.failure, after="queued", by=by)
    ring_after_commit(session, "sms.deliver")


def _find(session: Session, message_id: int):  # type: ignore[no-untyped-def]
    rows = run(session, _FIND, {"id": message_id})
    if not rows:
        raise NotFound(message=message_id)
    return rows[0]


def _note(
    session: Session, action: str, message_id: int, *, before: str, after: str, by: By
) -> None:
    record(
        session,
        action,
        by=by,
        subject=("message", message_id),
        before={"state": before},
        after={"state": after},
    )
