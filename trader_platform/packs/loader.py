"""Writes a pack into the database: repeatable, in sets, nothing lost that others point to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from trader_platform.audit import service as audit
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By
from trader_platform.market.models import Pack as PackRow
from trader_platform.market.models import ServiceCode
from trader_platform.packs.changes import Changes, FileChanges, Ids, plan, read_ids
from trader_platform.packs.rows import KEPT, Kept, settings_text
from trader_platform.packs.types import Pack


def apply(session: Session, pack: Pack, *, by: By) -> Changes:
    """Make the database say what the pack says, and return what that took.

    Safe to repeat: a second call writes nothing, not even the audit row. Rows that the pack has
    no more are retired where others may point to them; tariffs and dated changes stay. Raises
    PackError where a loaded tariff has another amount in the pack, before anything is written.
    """
    changes = plan(session, pack)
    if not changes.count:
        return changes
    pack_id = _pack(session, pack, changes.pack_id, by.now)
    if changes.file("service_codes").new:
        session.add(ServiceCode(code=pack.settings.service_code, pack_id=pack_id))
    for kept in KEPT:
        part = changes.file(kept.name)
        if part.count:
            _write(session, kept, part, pack_id=pack_id, ids=read_ids(session, pack_id))
    audit.record(
        session,
        "pack.load",
        by=by,
        subject=("pack", pack_id),
        after={"slug": pack.settings.slug, "rows": changes.counts()},
    )
    session.flush()
    return changes


def bind(session: Session, code: str, slug: str, *, by: By) -> None:
    """Let a dialled code be answered by a loaded pack; safe to repeat. Raises NotFound."""
    pack_id = session.execute(select(PackRow.id).where(PackRow.slug == slug)).scalar_one_or_none()
    if pack_id is None:
        raise NotFound(pack=slug)
    bound = session.get(ServiceCode, code)
    before = None if bound is None else {"pack_id": bound.pack_id}
    if before == {"pack_id": pack_id}:
        return
    if bound is None:
        session.add(ServiceCode(code=code, pack_id=pack_id))
    else:
        bound.pack_id = pack_id
    audit.record(
        session,
        "pack.bind",
        by=by,
        subject=("service_code", code),
        before=before,
        after={"pack_id": pack_id},
    )
    session.flush()


def loaded_slugs(session: Session) -> list[str]:
    """The packs of this installation, the first one first."""
    return list(session.execute(select(PackRow.slug).order_by(PackRow.id)).scalars())


def _pack(session: Session, pack: Pack, pack_id: int | None, now: datetime) -> int:
    row = PackRow(slug=pack.settings.slug) if pack_id is None else session.get_one(PackRow, pack_id)
    row.settings = settings_text(pack)
    row.loaded_at = now
    session.add(row)
    session.flush()
    return row.id


def _write(session: Session, kept: Kept, part: FileChanges, *, pack_id: int, ids: Ids) -> None:
    table = kept.table
    owner = {"pack_id": pack_id} if "pack_id" in table.c else {}
    if part.new:
        rows = [_columns(kept, change.after, ids) | owner for change in part.new]
        session.execute(insert(table), rows)
    for change in part.changed:
        values = _columns(kept, change.after, ids)
        session.execute(update(table).where(table.c.id == change.id).values(values))
    if part.gone:
        one = table.c.id == bindparam("gone_id")
        statement = (
            delete(table).where(one)
            if kept.gone == "delete"
            else update(table).where(one).values(retired=True)
        )
        session.connection().execute(statement, [{"gone_id": each.id} for each in part.gone])


def _columns(kept: Kept, row: dict[str, Any], ids: Ids) -> dict[str, Any]:
    """Parents' slugs to their ids."""
    values = dict(row)
    for column, parent in kept.parents.items():
        name = column.removesuffix("_id")
        if name in values:
            slug = values.pop(name)
            values[column] = None if slug is None else ids[parent][slug]
    return values
