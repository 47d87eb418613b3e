"""Done once: the result of an act is kept under its key, in the act's own transaction.

A key is the natural name of the request that caused the act (``ussd:<gateway>:<session>:<hop>``).
The stored result holds ids and numbers, never a name or a phone, and is enough to render the same
reply again after a crash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, Table, Text, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from trader_platform.core.db import Base, UtcDateTime
from trader_platform.core.errors import IdempotencyConflict

Result = dict[str, Any]


class Act(Base):
    """One effect that a person caused, kept for ever under its key."""

    __tablename__ = "acts"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    content_hash: Mapped[str] = mapped_column(String(32))
    screen: Mapped[str] = mapped_column(String(60), default="")
    result: Mapped[str] = mapped_column(Text)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


_acts: Final[Table] = Act.__table__  # type: ignore[assignment]
_BY_KEY: Final = select(_acts.c.content_hash, _acts.c.result, _acts.c.done_at).where(
    _acts.c.key == bindparam("asked")
)
_CLAIM: Final = {
    "sqlite": sqlite.insert(_acts).on_conflict_do_nothing().returning(_acts.c.key),
    "postgresql": postgresql.insert(_acts).on_conflict_do_nothing().returning(_acts.c.key),
}
_KEEP: Final = (
    update(_acts).where(_acts.c.key == bindparam("asked")).values(result=bindparam("said"))
)


@dataclass(frozen=True, slots=True)
class By:
    """Under which key, in which language, when and by whom an act is done.

    ``screen`` is the edge's own note of what it was showing, so that it can word the result again.
    """

    key: str
    language: str
    now: datetime
    actor_kind: str
    actor_id: str
    channel: str
    screen: str = ""


def once(
    session: Session,
    by: By,
    *,
    kind: str,
    content: Mapping[str, object],
    do: Callable[[], Result],
) -> Result:
    """Run ``do`` unless ``key`` was used before; then return the first result.

    Safe to repeat and to race: of two at once the later waits at the primary key until the first
    is committed, and returns its result. Raises IdempotencyConflict for the same key with other
    content. ``content`` holds no name and no phone: its hash is kept.
    """
    digest = _digest(kind, content)
    session.flush()
    connection = session.connection()
    # Claimed before it is done: an equal request that races waits here, and never sees the half
    # of ``do`` that was committed as a reason to refuse.
    claim = {
        "key": by.key,
        "kind": kind,
        "content_hash": digest,
        "screen": by.screen,
        "result": "",
        "done_at": by.now,
    }
    if connection.execute(_CLAIM[connection.dialect.name], claim).first() is None:
        earlier = connection.execute(_BY_KEY, {"asked": by.key}).one()
        if earlier.content_hash != digest:
            raise IdempotencyConflict(at=earlier.done_at.isoformat())
        stored: Result = json.loads(earlier.result)
        return stored
    result = {"language": by.language, **do()}
    session.flush()
    text = json.dumps(result, separators=(",", ":"))
    connection.execute(_KEEP, {"asked": by.key, "said": text})
    replayed: Result = json.loads(text)
    return replayed


def _digest(kind: str, content: Mapping[str, object]) -> str:
    text = json.dumps([kind, content], sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
