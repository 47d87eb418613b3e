"""`trader-platform doctor`: what is wrong with this installation, and what to do next."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from trader_platform.core.config import ConfigError, Settings, python_version_problem
from trader_platform.core.i18n import SOURCE, catalog

_LEAST_FREE_BYTES: Final = 200 * 1024 * 1024
_CATALOGS: Final = Path(__file__).resolve().parents[2] / "translations"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``next_step`` is empty where all is well."""

    what: str
    found: str
    next_step: str = ""


@click.command()
def doctor() -> None:
    """Check Python, settings, database, queue, disk, clock and languages."""
    findings = list(examine())
    for each in findings:
        mark = "ok  " if not each.next_step else "FAIL"
        click.echo(f"{mark} {each.what}: {each.found}")
        if each.next_step:
            click.echo(f"     next: {each.next_step}")
    raise SystemExit(1 if any(each.next_step for each in findings) else 0)


def examine() -> Iterator[Finding]:
    """Every check in turn; without settings only what does not need them."""
    problem = python_version_problem()
    yield Finding("python", problem or "supported", "install Python 3.13" if problem else "")
    yield _clock(datetime.now(UTC))
    yield _languages(_CATALOGS)
    try:
        settings = Settings.from_env(os.environ)
    except ConfigError as error:
        for line in error.problems:
            yield Finding("settings", line, "mend this variable, then run doctor again")
        return
    yield Finding("settings", "embedded" if settings.embedded else "production")
    checks: tuple[Callable[[Settings], Finding], ...] = (_disk, _database, _queue)
    for check in checks:
        yield check(settings)


def _clock(now: datetime) -> Finding:
    """A ledger keeps dates: a clock that is before this file was written is wrong."""
    written = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if now < written or now.year > written.year + 20:
        return Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC", "set this machine's date (NTP)")
    return Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _languages(folder: Path) -> Finding:
    """Catalogs are read as they are: each must be there and readable."""
    found = sorted(source.parent.parent.name for source in folder.glob("*/LC_MESSAGES/*.po"))
    empty = [language for language in found if not catalog(language)]
    if empty or not found:
        broken = ", ".join(empty) or "none found"
        return Finding(
            "languages", f"not readable: {broken}", "take translations/ from the release"
        )
    return Finding("languages", ", ".join([SOURCE, *found]))


def _disk(settings: Settings) -> Finding:
    place = settings.data_dir if settings.data_dir.exists() else Path.cwd()
    free = shutil.disk_usage(place).free
    found = f"{free // 1024**2:,} MiB free at {place}"
    return Finding("disk", found, "" if free >= _LEAST_FREE_BYTES else "free some space there")


def _database(settings: Settings) -> Finding:
    from sqlalchemy.exc import SQLAlchemyError

    from trader_platform.core import migrate
    from trader_platform.core.db import Database

    database = Database(settings.database_url)
    try:
        with database.reading() as connection:
            revision = migrate.current(connection)
    except SQLAlchemyError as error:
        kind = type(error).__name__
        return Finding("database", f"not reachable ({kind})", "start it, or mend DATABASE_URL")
    finally:
        database.dispose()
    if revision != migrate.head():
        found = f"at {revision or 'no revision'}, this code needs {migrate.head()}"
        return Finding("database", found, "trader-platform db upgrade")
    return Finding("database", f"{database.url.get_backend_name()} at {revision}")


def _queue(settings: Settings) -> Finding:
    from trader_platform.core.queues import Doorbell, queue_url

    if Doorbell(lambda: queue_url(settings)).answers():
        return Finding("queue", "answers")
    step = "start it, or mend REDIS_URL" if settings.redis_url else "trader-platform run"
    return Finding("queue", "does not answer", step)
