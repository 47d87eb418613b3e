"""`trader-platform prices import-wfp`: reads a price file of the World Food Programme."""

from __future__ import annotations

import http.client
import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import event, select

from trader_platform.audit.service import record
from trader_platform.commands.startup import exit_with, settings_or_exit
from trader_platform.core.clock import Clock, SystemClock
from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database
from trader_platform.core.once import By
from trader_platform.core.pace import pause_after
from trader_platform.market import catalog as catalogs
from trader_platform.market import wfp
from trader_platform.market.catalog import Catalog
from trader_platform.market.models import Pack
from trader_platform.market.service_wfp import Import
from trader_platform.market.wfp import BadFile, Refused, WfpPrice

ALONE_ROWS: Final = 20_000
LINES_SHOWN: Final = 5


@dataclass
class Pace:
    """How much is done at once. Beside a server: turns of 5 ms at most, and the
    pause of every job there, so that hops hardly wait.
    """

    beside: bool
    rows: int = field(init=False)

    LONGEST: Final = 0.005
    # More rows save little, and one long turn makes every hop of the next second give up.
    MOST_ROWS: Final = 40

    def __post_init__(self) -> None:
        self.rows = 10 if self.beside else ALONE_ROWS

    def took(self, seconds: float) -> None:
        """Rest after a turn, and make the next one as long as it may be."""
        if not self.beside:
            return
        fits = self.LONGEST * 0.7 / max(seconds, 0.0001)
        if fits >= 1:  # one more at least: from a single row a quarter more would be none
            self.rows = min(self.MOST_ROWS, max(self.rows + 1, int(self.rows * min(fits, 1.25))))
        else:
            self.rows = max(1, int(self.rows * max(fits, 0.25)))
        time.sleep(pause_after(seconds))


@dataclass
class Tally:
    """What became of the rows of a file."""

    read: int = 0
    new: int = 0
    corrected: int = 0
    unchanged: int = 0
    refused: dict[str, list[int]] = field(default_factory=dict)

    def refuse(self, row: Refused) -> None:
        """Note the line under its reason."""
        self.refused.setdefault(row.reason, []).append(row.line)


class NoPack(Exception):
    """No loaded pack, or more than one, has the file's currency; the message says what to do."""


def import_file(
    db: Database,
    path: Path,
    *,
    pack: str | None = None,
    beside: bool = False,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Tally:
    """Read a price file into the pack of its currency; repeating it changes nothing.

    Killed at any moment, what was written is whole, and a second run completes it. Raises BadFile
    or NoPack.
    """
    now = (clock or SystemClock()).now()
    tally, pace = Tally(), Pace(beside)
    if db.is_sqlite and not beside:
        event.listen(db.write, "connect", _take_room)
    with path.open("rb") as raw, TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        bar = progress or Progress(disable=True)
        task = bar.add_task("Reading", total=path.stat().st_size)
        rows = wfp.read(text)
        first = list(islice(rows, 1))
        if not first:
            return tally
        rows, currency = _currency(chain(first, rows))
        run = Import(_catalog(db, currency, pack), now)
        while turn := list(islice(rows, pace.rows)):
            _turn(db, run, turn, tally, pace)
            bar.update(task, completed=raw.tell())
    _audit(db, run, tally)
    return tally


def _take_room(driver: sqlite3.Connection, _record: object) -> None:
    """Indexes of a big file in memory, and the log folded in seldom: nobody waits for us."""
    driver.execute("PRAGMA cache_size=-131072")
    driver.execute("PRAGMA wal_autocheckpoint=16000")


def _turn(
    db: Database, run: Import, rows: list[WfpPrice | Refused], tally: Tally, pace: Pace
) -> None:
    """Look without a lock, write under one."""
    with db.reading() as connection:
        found = run.look(connection, rows)
    tally.read += len(rows)
    tally.new += len(found.new)
    tally.corrected += len(found.corrected)
    tally.unchanged += found.unchanged
    for row in found.refused:
        tally.refuse(row)
    if found.to_write:
        began = time.perf_counter()
        with db.transaction() as session:
            run.write(session.connection(), found)
        pace.took(time.perf_counter() - began)


def _currency(
    rows: Iterator[WfpPrice | Refused],
) -> tuple[Iterator[WfpPrice | Refused], str]:
    """The currency of the first row that has a price, and all rows again."""
    passed: list[WfpPrice | Refused] = []
    for row in rows:
        passed.append(row)
        if isinstance(row, WfpPrice):
            return chain(passed, rows), row.currency
    raise BadFile("no row of the file has a price that can be used")


def _catalog(db: Database, currency: str, slug: str | None) -> Catalog:
    with db.reading() as connection:
        packs = connection.execute(select(Pack.id, Pack.slug, Pack.settings)).all()
        fitting = {
            row.slug: row.id for row in packs if json.loads(row.settings)["currency"] == currency
        }
        if slug is not None:
            if slug not in fitting:
                raise NoPack(f"No loaded pack {slug!r} has the file's currency, {currency}.")
            return catalogs.read(connection, fitting[slug])
        if not fitting:
            known = ", ".join(row.slug for row in packs) or "none"
            raise NoPack(
                f"No loaded pack has the file's currency, {currency} (loaded: {known}). "
                "Make one from the file first: trader-platform pack from-wfp FILE --name NAME"
            )
        if len(fitting) > 1:
            raise NoPack(
                f"Several packs have {currency}: say which by --pack, one of "
                + ", ".join(sorted(fitting))
            )
        return catalogs.read(connection, next(iter(fitting.values())))


def _audit(db: Database, run: Import, tally: Tally) -> None:
    """One row for the whole run, and none where nothing was changed."""
    if not tally.new and not tally.corrected:
        return
    by = By("", "en", run.now, actor_kind="operator", actor_id="command", channel="cli")
    with db.transaction() as session:
        record(
            session,
            "prices.import",
            by=by,
            subject=("pack", run.catalog.pack_id),
            after={"source": "wfp", "new": tally.new, "corrected": tally.corrected},
        )


@click.group()
def prices() -> None:
    """Prices from outside."""


@prices.command("import-wfp")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pack", help="Which pack, where several have the file's currency.")
@click.option(
    "--beside/--alone",
    default=None,
    help="Leave a running server its time, or take all. Default: whether HOST:PORT answers.",
)
def import_wfp(file: Path, pack: str | None, beside: bool | None) -> None:
    """Read the price FILE (CSV) of the World Food Programme; repeating it changes nothing."""
    settings = settings_or_exit()
    if beside is None:
        beside = server_answers(settings.host, settings.port)
    if beside:
        os.nice(10)
    db = Database(settings.database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    console = Console(stderr=True)
    began = time.perf_counter()
    try:
        with Progress(console=console, transient=True) as progress:
            tally = import_file(db, file, pack=pack, beside=beside, progress=progress)
    except (BadFile, NoPack) as refused:
        exit_with([f"{file.name}: {refused}" if isinstance(refused, BadFile) else str(refused)])
    finally:
        db.dispose()
    seconds = time.perf_counter() - began
    Console().print(report(tally))
    click.echo(f"{tally.read} rows read in {seconds:.1f} s ({tally.read / seconds:,.0f} a second).")


@click.command("from-wfp")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="What the pack is called, in small letters: ghana.")
@click.option("--country", help="Two letters, where the currency is money in several countries.")
@click.option("--code", help="Its service code. Default: *384* with the calling code, and #.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where its files go. Default: packs/NAME in DATA_DIR.",
)
def from_wfp(
    file: Path, *, name: str, country: str | None, code: str | None, out: Path | None
) -> None:
    """Make a pack from the price FILE of the World Food Programme, and load it."""
    from trader_platform.commands.packs import load_pack
    from trader_platform.packs import from_wfp as maker
    from trader_platform.packs.types import PackError

    problems = []
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) is None:
        problems.append(f"--name {name!r}: use small letters, digits and single hyphens")
    if code is not None and re.fullmatch(r"\*\d{1,5}(\*\d{1,5})*#", code) is None:
        problems.append(f"--code {code!r} is no service code: write it like *384*220#")
    if problems:
        exit_with(problems)
    settings = settings_or_exit()
    folder = out or settings.data_dir / "packs" / name
    db = Database(settings.database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            seen = maker.collect(wfp.read(text))
        found = maker.country_of(seen.currency, country)
        own = code or f"*384*{found.calling_code}#"
        made = maker.write_pack(folder, seen, found, name=name, code=own)
        load_pack(db, str(folder))
    except BadFile as refused:
        exit_with([f"{file.name}: {refused}"])
    except PackError as refused:
        exit_with([f"{folder}: {problem}" for problem in refused.problems])
    finally:
        db.dispose()
    click.echo(
        f"{name}: {found.name}, {found.currency}; {len(made.markets)} places, "
        f"{len(made.products)} goods, {len(made.units)} units. Files: {folder}"
    )
    click.echo(
        f"It answers {own} if no other pack did. Now: trader-platform prices import-wfp FILE"
    )


def report(tally: Tally) -> Table:
    """The closing table: what became of the rows, and the lines of those that were refused."""
    table = Table("", "rows", "lines")
    table.columns[1].justify = "right"
    table.add_row("read", f"{tally.read:,}", "")
    table.add_row("new", f"{tally.new:,}", "")
    table.add_row("corrected", f"{tally.corrected:,}", "")
    table.add_row("unchanged", f"{tally.unchanged:,}", "")
    for reason, lines in sorted(tally.refused.items()):
        shown = ", ".join(map(str, lines[:LINES_SHOWN]))
        table.add_row(
            f"rejected: {reason}",
            f"{len(lines):,}",
            shown + (" ..." if len(lines) > LINES_SHOWN else ""),
        )
    return table


def server_answers(host: str, port: int) -> bool:
    """Whether a server of ours is up, so that an import leaves it its time."""
    connection = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
