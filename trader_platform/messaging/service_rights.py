"""What people say about being texted: STOP and START, a topic, ALL, the gateway's own opt-out.

Flushes, never commits. Each change has an audit row; saying a thing again changes nothing.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By
from trader_platform.messaging.kinds import KINDS
from trader_platform.messaging.models import Contact

TOPICS: Final = tuple(sorted({kind.topic for kind in KINDS.values() if kind.topic}))
# Those of texts that come later too: who stopped one is not sent its first text either.
STOPPABLE: Final = frozenset({*TOPICS, "alert", "buyers", "duty", "want"})
MOST: Final = "most"
ALL: Final = "all"
_TELL_AGAIN_MS: Final = 24 * 3600 * 1000


def stop(session: Session, contact_id: int, what: str, *, by: By) -> str:
    """Stop ``most`` (notices and campaigns), ``all`` (all but safety) or one topic. Safe to repeat.

    A weaker STOP never undoes a stronger one: returns which stands, empty where topics at most are
    stopped. Raises NotFound for no contact, ValueError for no such topic.
    """
    contact = _contact(session, contact_id)
    before = _said(contact)
    if what in STOPPABLE:
        contact.stopped_topics = ",".join(sorted({*_topics(contact), what}))
    elif what not in {MOST, ALL}:
        raise ValueError(f"no such topic: {what}")
    elif contact.stopped != ALL:
        contact.stopped = what
    _note(session, "contact.stop", contact, before, by=by)
    return contact.stopped


def start(session: Session, contact_id: int, what: str = ALL, *, by: By) -> None:
    """Let all texts come again, also after the gateway's own opt-out. Safe to repeat.

    With a topic only its texts: of what STOP ended, the other topics stay stopped. Raises NotFound.
    """
    contact = _contact(session, contact_id)
    before = _said(contact)
    stopped: Set[str] = frozenset()
    if what in STOPPABLE:
        stopped = (STOPPABLE if contact.stopped else _topics(contact)) - {what}
    contact.stopped, contact.stopped_topics = "", ",".join(sorted(stopped))
    contact.opted_out, contact.told_stopped_at = False, None
    _note(session, "contact.start", contact, before, by=by)


def opt_out(session: Session, contact_id: int, *, by: By) -> None:
    """The gateway took this phone off: it is sent nothing until it texts START. Safe to repeat."""
    contact = _contact(session, contact_id)
    before = _said(contact)
    contact.opted_out = True
    _note(session, "contact.opt_out", contact, before, by=by)


def may_tell_stopped(session: Session, contact_id: int, *, now: datetime) -> bool:
    """Whether a phone on STOP ALL is told so now: once in 24 hours. Remembers that it was."""
    contact = _contact(session, contact_id)
    at = epoch_ms(now)
    if contact.told_stopped_at is not None and at - contact.told_stopped_at < _TELL_AGAIN_MS:
        return False
    contact.told_stopped_at = at
    session.flush()
    return True


def _contact(session: Session, contact_id: int) -> Contact:
    contact = session.get(Contact, contact_id, with_for_update=True)
    if contact is None:
        raise NotFound(contact=contact_id)
    return contact


def _topics(contact: Contact) -> set[str]:
    return set(filter(None, contact.stopped_topics.split(",")))


def _said(contact: Contact) -> dict[str, object]:
    return {
        "stopped": contact.stopped,
        "topics": contact.stopped_topics,
        "opted_out": contact.opted_out,
    }


def _note(
    session: Session, action: str, contact: Contact, before: dict[str, object], *, by: By
) -> None:
    after = _said(contact)
    session.flush()
    if after != before:
        subject = ("contact", contact.id)
        record(session, action, by=by, subject=subject, before=before, after=after)
