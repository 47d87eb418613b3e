"""What must be right before anything starts: told as one line a problem, all at once."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from trader_platform.commands.reaching import lock_of
from trader_platform.core.config import ConfigError, Settings, python_version_problem
from trader_platform.core.environment import Reader

if TYPE_CHECKING:
    from trader_platform.core.db import Database

EXIT_PROBLEMS: Final = 2


def settings_or_exit(env: Mapping[str, str] = os.environ) -> Settings:
    """The settings, or every problem on stderr and exit code 2. New files are the owner's only."""
    os.umask(0o077)
    try:
        return Settings.from_env(env)
    except ConfigError as error:
        exit_with(error.problems)


def checked_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """For `run`: settings, Python and port; all problems are told before it gives up."""
    os.umask(0o077)
    problems = [line for line in [python_version_problem()] if line]
    settings: Settings | None = None
    try:
        settings = Settings.from_env(env)
        host, port = settings.host, settings.port
    except ConfigError as error:
        problems += error.problems
        reader = Reader(env)
        host = reader.text("HOST", "127.0.0.1")
        port = reader.number("PORT", 8000, lowest=1, highest=65535)
    problems += [line for line in [port_problem(host, port)] if line]
    if settings is None or problems:
        exit_with(problems)
    return settings


def exit_with(problems: list[str]) -> NoReturn:
    """One line each on stderr, then exit code 2."""
    for line in problems:
        click.echo(line, err=True)
    raise SystemExit(EXIT_PROBLEMS)


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """The settings and their database for one command, which waits longer for a lock than a hop."""
    from trader_platform.core.db import OFFLINE_LOCK_WAIT_SECONDS, Database

    settings = settings_or_exit()
    db = Database(settings.database_url, lock_wait_seconds=OFFLINE_LOCK_WAIT_SECONDS)
    try:
        yield settings, db
    finally:
        db.dispose()


def upgrade_or_exit(settings: Settings) -> None:
    """Migrate, or say in one line why the database cannot be used."""
    from sqlalchemy.exc import SQLAlchemyError

    from trader_platform.core import migrate

    try:
        migrate.upgrade(settings.database_url)
    except SQLAlchemyError as error:
        # The driver's own words, first line: they name the host or the file, never the password.
        reason = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        exit_with([f"The database cannot be used: {reason}"])


def port_problem(host: str, port: int) -> str | None:
    """A line where nothing can listen there."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"PORT {port} on {host} is taken: stop what uses it, or set another PORT"
        if error.errno == errno.EACCES:
            return f"PORT {port} needs more rights: set a PORT above 1023"
        return f"HOST {host} is not an address of this machine: set HOST to one, such as 127.0.0.1"
    return None


def claim(data_dir: Path) -> int:
    """Hold DATA_DIR for this run until the process ends; exits where another run holds it.

    Returns the descriptor that holds the lock, to be kept open.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(lock_of(data_dir), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        exit_with(
            [f"DATA_DIR {data_dir} is in use by another `trader-platform run`: stop it first"]
        )
    return descriptor
