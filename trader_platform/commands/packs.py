"""`trader-platform pack`: check a country pack, show what it would change, load it, bind a code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import trader_platform.packs
from trader_platform.commands.prices import from_wfp
from trader_platform.commands.startup import exit_with, settings_or_exit
from trader_platform.core.clock import Clock, SystemClock
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database
from trader_platform.core.errors import NotFound
from trader_platform.core.once import By
from trader_platform.packs import loader
from trader_platform.packs.changes import Changes, FileChanges, plan
from trader_platform.packs.reader import read_pack
from trader_platform.packs.types import Pack, PackError

_BUILT_IN: Final = Path(trader_platform.packs.__file__).parent
_NEW_SHOWN: Final = 3


def find_pack(name: str) -> Path:
    """The folder of a pack: one that comes with the program by its name, or any path."""
    built_in = _BUILT_IN / name
    return built_in if (built_in / "pack.toml").is_file() else Path(name)


def built_in_packs() -> list[str]:
    """Names of the packs that come with the program."""
    return sorted(path.parent.name for path in _BUILT_IN.glob("*/pack.toml"))


def load_pack(db: Database, name: str, clock: Clock | None = None) -> Changes:
    """Read and load a pack; repeating it writes nothing and takes no write lock.

    Raises PackError with every problem of its files.
    """
    pack = read_pack(find_pack(name))
    changes = preview(db, pack)
    if not changes.count:
        return changes
    with db.transaction() as session:
        return loader.apply(session, pack, by=_operator(clock or SystemClock()))


def preview(db: Database, pack: Pack) -> Changes:
    """What loading would change; on the reading engine, so it cannot write."""
    with Session(db.read) as session:
        return plan(session, pack)


@click.group()
def pack() -> None:
    """Country packs: places, goods, measures, words and tariffs as plain files."""


@pack.command("load")
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Show what it would change, and change nothing.")
def load(name: str, dry_run: bool) -> None:
    """Load the pack NAME (one that comes with the program) or the pack in the folder NAME."""
    path = find_pack(name)
    if not path.is_dir():
        exit_with([f"No pack {name!r}: give a folder, or one of {', '.join(built_in_packs())}"])
    db = _database()
    try:
        changes = preview(db, read_pack(path)) if dry_run else load_pack(db, name)
    except PackError as refused:
        exit_with([str(problem) for problem in refused.problems])
    except DBAPIError as failed:
        exit_with([_database_problem(failed)])
    finally:
        db.dispose()
    for line in report(changes):
        click.echo(line)
    click.echo(f"{'Would change' if dry_run else 'Changed'} {changes.count:,} rows.")


@pack.command("bind")
@click.argument("code")
@click.argument("name", metavar="PACK")
def bind(code: str, name: str) -> None:
    """Let the dialled CODE be answered by the loaded pack PACK."""
    if re.fullmatch(r"\*\d{1,5}(\*\d{1,5})*#", code) is None:
        exit_with([f"{code!r} is no service code: write it like *384*220#"])
    db = _database()
    try:
        with db.transaction() as session:
            try:
                loader.bind(session, code, name, by=_operator(SystemClock()))
            except NotFound:
                known = ", ".join(loader.loaded_slugs(session)) or "none"
                exit_with([f"No pack {name!r} is loaded. Loaded: {known}"])
    except DBAPIError as failed:
        exit_with([_database_problem(failed)])
    finally:
        db.dispose()
    click.echo(f"{code} is answered by {name}.")


pack.add_command(from_wfp)


def _operator(clock: Clock) -> By:
    """Who holds the terminal of this machine; its acts need no key, they repeat safely."""
    return By("", "en", clock.now(), actor_kind="operator", actor_id="command", channel="cli")


def _database() -> Database:
    url = settings_or_exit().database_url
    return Database(url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)


def _database_problem(failed: DBAPIError) -> str:
    told = str(failed.orig).strip().split("\n")[0]
    return f"The database cannot be used: {told}. Try `trader-platform db upgrade`, then again"


def report(changes: Changes) -> Iterator[str]:
    """A table of counts by file, then what differs, row by row."""
    yield f"{'':15}{'new':>8}{'changed':>9}{'retired':>9}{'same':>8}"
    for part in changes.files:
        numbers = f"{len(part.new):8,}{len(part.changed):9,}{len(part.gone):9,}{part.same:8,}"
        yield f"{part.name:15}{numbers}"
    for part in changes.files:
        yield from _details(part)


def _details(part: FileChanges) -> Iterator[str]:
    for change in part.new[:_NEW_SHOWN]:
        yield f"+ {part.name}: {change.key}"
    if len(part.new) > _NEW_SHOWN:
        yield f"+ {part.name}: and {len(part.new) - _NEW_SHOWN:,} more"
    for change in part.changed:
        for column, before in change.before.items():
            after = change.after[column]
            yield f"~ {part.name}: {change.key}: {column} {_shown(before)} -> {_shown(after)}"
    for change in part.held:
        yield f"! {part.name}: {change.key}: was added here, so it stays as it is"
    for change in part.gone:
        yield f"- {part.name}: {change.key}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
