"""Writing the trail, in the transaction of the act that it describes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from trader_platform.audit.models import AuditRow
from trader_platform.core.once import By

_audit: Final[Table] = AuditRow.__table__  # type: ignore[assignment]
_NEW: Final = insert(_audit).inline()


def record(
    session: Session,
    action: str,
    *,
    by: By,
    subject: tuple[str, object],
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    council_id: int | None = None,
) -> None:
    """Write one row; ``before`` and ``after`` hold ids, numbers and codes only."""
    values = {
        "at": by.now,
        "actor_kind": by.actor_kind,
        "actor_id": by.actor_id,
        "action": action,
        "subject_kind": subject[0],
        "subject_id": str(subject[1]),
        "before": _text(before),
        "after": _text(after),
        "channel": by.channel,
        "council_id": council_id,
    }
    session.connection().execute(_NEW, values)


def _text(value: Mapping[str, object] | None) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, default=str)
