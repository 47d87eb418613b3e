"""Brings a database to a revision, with the connection and locks that suit it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

SCRIPTS: Final = Path(__file__).resolve().parents[2] / "migrations"
_LOCK: Final = 7_203_841


def upgrade(url: str, revision: str = "head") -> None:
    """Run what is missing; safe to repeat and to start from two processes at once."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Go back; only tests and emergencies do."""
    _run(url, lambda config: command.downgrade(config, revision))


def current(connection: Connection) -> str | None:
    """The revision a database is at, or None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision of this code."""
    return str(ScriptDirectory(str(SCRIPTS)).get_current_head())


def _run(url: str, act: Callable[[Config], object]) -> None:
    engine = create_engine(
        make_url(url).difference_update_query(["prepare_threshold"]), poolclass=NullPool
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _driver_leaves_begin_to_us)
        event.listen(engine, "begin", _begin)
    try:
        with engine.connect() as connection:
            _prepare(connection)
            config = Config()
            config.set_main_option("script_location", str(SCRIPTS))
            config.attributes["connection"] = connection
            act(config)
            connection.commit()
    finally:
        engine.dispose()


def _driver_leaves_begin_to_us(driver: sqlite3.Connection, _record: Any) -> None:
    """The driver begins nothing before DDL, so a killed revision would stay half done."""
    driver.isolation_level = None
    driver.execute("PRAGMA busy_timeout=20000")
    driver.execute("PRAGMA journal_mode=WAL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        return
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    connection.commit()
