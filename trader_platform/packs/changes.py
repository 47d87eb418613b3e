"""What loading a pack would do, found by comparing sets: one read a table, nothing written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from trader_platform.market.models import ADDED, ServiceCode
from trader_platform.market.models import Pack as PackRow
from trader_platform.market.service_wfp import PREFIX
from trader_platform.packs.rows import KEPT, Kept, Row, settings_text
from trader_platform.packs.types import Pack, PackError, Problem

_MONEY: Final = ("amount_minor", "currency")
Key = tuple[Any, ...]
Ids = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Change:
    """One row; ``id`` is None while it is new. ``before`` and ``after`` hold what differs."""

    key: str
    id: int | None
    before: Row
    after: Row


@dataclass(frozen=True)
class FileChanges:
    """One table's part; ``gone`` rows are retired or deleted, as the table is kept.

    ``held`` rows were added here by a person and stay, though the pack says otherwise.
    """

    name: str
    new: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    held: tuple[Change, ...] = ()
    same: int = 0

    @property
    def count(self) -> int:
        """Rows that would be written."""
        return len(self.new) + len(self.changed) + len(self.gone)


@dataclass(frozen=True)
class Changes:
    """The whole of it; ``pack_id`` is None while the pack was never loaded."""

    pack_id: int | None
    files: tuple[FileChanges, ...]

    @property
    def count(self) -> int:
        """Rows that would be written; 0 means that the pack is loaded already."""
        return sum(each.count for each in self.files)

    def file(self, name: str) -> FileChanges:
        """One table's part."""
        return next(each for each in self.files if each.name == name)

    def counts(self) -> dict[str, list[int]]:
        """Table to new, changed, gone, for those that change (goes into the audit)."""
        return {
            each.name: [len(each.new), len(each.changed), len(each.gone)]
            for each in self.files
            if each.count
        }


def plan(session: Session, pack: Pack) -> Changes:
    """What ``apply`` would write now; reads only, so it may run on any session.

    Raises PackError where a loaded tariff has another amount in the file: what was published is
    followed by a later row, never edited.
    """
    stored = session.execute(
        select(PackRow.id, PackRow.settings).where(PackRow.slug == pack.settings.slug)
    ).one_or_none()
    pack_id = None if stored is None else stored.id
    ids = read_ids(session, pack_id)
    tables = [
        _compare(kept, kept.rows(pack), current(session, kept, pack_id, ids)) for kept in KEPT
    ]
    _refuse_edited_tariffs(pack, tables[-1])
    settings = _settings(pack, None if stored is None else stored.settings)
    return Changes(pack_id, (settings, _service_code(session, pack), *tables))


def read_ids(session: Session, pack_id: int | None) -> Ids:
    """Slug to id of every table that others point to."""
    ids: Ids = {}
    for kept in KEPT:
        if kept.key == ("slug",):
            t = kept.table
            found = session.execute(select(t.c.slug, t.c.id).where(t.c.pack_id == pack_id))
            ids[kept.name] = {row.slug: row.id for row in found}
    return ids


def current(
    session: Session, kept: Kept, pack_id: int | None, ids: Ids
) -> Iterator[tuple[int, Row]]:
    """Id and row of everything this pack has in a table, parents by slug."""
    table = kept.table
    if "pack_id" in table.c:
        mine = table.c.pack_id == pack_id
    else:
        column, parent = next(iter(kept.parents.items()))
        owner = next(other.table for other in KEPT if other.name == parent)
        mine = table.c[column].in_(select(owner.c.id).where(owner.c.pack_id == pack_id))
    slugs = {
        column: {row_id: slug for slug, row_id in ids[parent].items()}
        for column, parent in kept.parents.items()
    }
    for found in session.execute(select(table).where(mine)).mappings():
        row = dict(found)
        row_id = row.pop("id")
        for column, names in slugs.items():
            row[column.removesuffix("_id")] = names.get(row.pop(column))
        yield row_id, row


def _compare(kept: Kept, wanted: Any, stored: Iterator[tuple[int, Row]]) -> FileChanges:
    have = {_key(kept, row): (row_id, row) for row_id, row in stored}
    new: list[Change] = []
    changed: list[Change] = []
    held: list[Change] = []
    same = 0
    for row in wanted:
        row_id, old = have.pop(_key(kept, row), (None, {}))
        before = {column: old.get(column) for column in row if old.get(column) != row[column]}
        if row_id is None:
            new.append(Change(_name(kept, row), None, {}, row))
        elif before:
            after = {column: row[column] for column in before}
            differ = held if _is_added(old) else changed
            differ.append(Change(_name(kept, row), row_id, before, after))
        else:
            same += 1
    gone = [
        Change(_name(kept, row), row_id, {"retired": False}, {"retired": True})
        for row_id, row in have.values()
        if not _is_imported(kept, row)
        and not _is_added(row)
        and (kept.gone == "delete" or (kept.gone == "retire" and not row["retired"]))
    ]
    return FileChanges(kept.name, tuple(new), tuple(changed), tuple(gone), tuple(held), same)


def _is_imported(kept: Kept, row: Row) -> bool:
    """Made by a price file, or for what it made: no pack says so, and none takes it away."""
    return any(str(row[column]).startswith(PREFIX) for column in kept.key)


def _is_added(row: Row) -> bool:
    """A word that a person added here: no pack takes it away or says it otherwise."""
    return row.get("certainty") == ADDED


def _key(kept: Kept, row: Row) -> Key:
    return tuple(row[column] for column in kept.key)


def _name(kept: Kept, row: Row) -> str:
    return " ".join(str(row[column]) for column in kept.key if row[column] is not None)


def _refuse_edited_tariffs(pack: Pack, tariffs: FileChanges) -> None:
    edited = {each.key for each in tariffs.changed if any(part in each.after for part in _MONEY)}
    kept = KEPT[-1]
    problems = [
        Problem(
            "tariffs.tsv", line, "amount",
            "is loaded with another amount: leave that row, and follow it by one with a later date",
        )
        for line, row in enumerate(kept.rows(pack), start=2)
        if _name(kept, row) in edited
    ]  # fmt: skip
    if problems:
        raise PackError(problems)


def _settings(pack: Pack, stored: str | None) -> FileChanges:
    text = settings_text(pack)
    row: Row = {"slug": pack.settings.slug, "settings": text}
    if stored is None:
        return FileChanges("pack", new=(Change(pack.settings.slug, None, {}, row),))
    if stored == text:
        return FileChanges("pack", same=1)
    old: Mapping[str, Any] = json.loads(stored)
    now: Mapping[str, Any] = json.loads(text)
    differ = sorted(key for key in {*old, *now} if old.get(key) != now.get(key))
    change = Change(
        pack.settings.slug,
        None,
        {key: old.get(key) for key in differ},
        {key: now.get(key) for key in differ},
    )
    return FileChanges("pack", changed=(change,))


def _service_code(session: Session, pack: Pack) -> FileChanges:
    """A code that is bound already stays where it is: `pack bind` moves it, a load does not."""
    code = pack.settings.service_code
    bound = session.execute(select(ServiceCode.pack_id).where(ServiceCode.code == code)).first()
    if bound is not None:
        return FileChanges("service_codes", same=1)
    return FileChanges("service_codes", new=(Change(code, None, {}, {"code": code}),))
