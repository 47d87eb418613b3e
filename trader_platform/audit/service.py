"""Writing the trail, in the transaction of the act that it describes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy.orm import Session

from trader_platform.audit.models import AuditRow
from trader_platform.core.once import By


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
    """Add one row; ``before`` and ``after`` hold ids, numbers and codes only."""
    session.add(
        AuditRow(
            at=by.now,
            actor_kind=by.actor_kind,
            actor_id=by.actor_id,
            action=action,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            before=_text(before),
            after=_text(after),
            channel=by.channel,
            council_id=council_id,
        )
    )


def _text(value: Mapping[str, object] | None) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, default=str)
