"""Acts of people who gave no name: nobody's id is kept, not in the trail either. Never commits.

What such an act says is not kept with it either, not even as a hash that one could try out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from trader_platform.core.once import Act, By

TELL: Final = "report.tell.unnamed"
ASK: Final = "spending.ask.unnamed"


def nobody(by: By, day: date) -> By:
    """The one who acts, without what would tell who it was: neither id nor moment."""
    return replace(by, actor_kind="nobody", actor_id="", now=datetime.combine(day, time(), UTC))


def forget_who_told(session: Session, before: datetime, *, most: int) -> int:
    """Delete the acts of people without a name: their keys lead to a phone. Returns how many.

    A dialogue asks for the result of an act for ten minutes at most. Safe to repeat.
    """
    old = select(Act.key).where(Act.done_at < before, Act.kind.in_([TELL, ASK])).limit(most)
    keys = session.execute(old).scalars().all()
    session.execute(delete(Act).where(Act.key.in_(keys)))
    return len(keys)
