"""Both databases behind one door: how connections are opened, and when work is committed.

SQLite has two engines on one file (see docs/adr/0002): ``write`` begins IMMEDIATE and syncs each
commit; ``read`` is driver autocommit. The IMMEDIATE listener must never be on the autocommit
engine: SQLAlchemy fires ``begin`` there too, and a BEGIN that nobody commits loses statements.
"""

from __future__ import annotations

import contextvars
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from trader_platform.core.checkpoint import LOG_PAGES
from trader_platform.core.driver import Driver

LOCK_WAIT_SECONDS: Final = 0.15
OFFLINE_LOCK_WAIT_SECONDS: Final = 20.0
# SQLite counts rows only in a column typed INTEGER.
BIG_ID: Final = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """All tables; the convention gives every constraint a name that migrations can address."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC moments on both databases; SQLite alone would hand them back naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment: it is a bug wherever it comes from."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


_open: contextvars.ContextVar[bool] = contextvars.ContextVar("transaction_open", default=False)

# PostgreSQL keeps plans for as long as a connection lives, also of the checks of foreign keys; one
# made while a table was empty reads all of it at every row later. An act seeks rows by key.
BY_KEY: Final = "-c enable_seqscan=off"


class Database:
    """One database; safe to share between threads, to be made after a fork, never before.

    ``synced=False``: no commit waits for the disk, and a power cut may lose the last ones. Only
    for what can be played again.
    """

    def __init__(
        self, url: str, *, lock_wait_seconds: float = LOCK_WAIT_SECONDS, synced: bool = True
    ) -> None:
        asked = make_url(url)
        self.prepare_threshold = _prepare_threshold(asked.query.get("prepare_threshold", "5"))
        self.url = asked.difference_update_query(["prepare_threshold"])
        self.name = str(self.url)  # made once: caches are keyed by it
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.lock_wait_seconds = lock_wait_seconds
        # How this process wakes a worker for a job; composition sets it (core.queues).
        self.ring: Callable[[str], object] = _nobody_rings
        self.write, self.read = self._engines(synced)
        # For single statements that must be on disk when they return.
        self.durable = Driver(self.url, durable=True, prepare_threshold=self.prepare_threshold)

    def _engines(self, synced: bool) -> tuple[Engine, Engine]:
        if self.is_sqlite:
            arguments: dict[str, Any] = {
                "timeout": self.lock_wait_seconds,
                "check_same_thread": False,
            }
            write = create_engine(self.url, connect_args=arguments)
            read = create_engine(self.url, connect_args=arguments, isolation_level="AUTOCOMMIT")
            event.listen(write, "connect", _durable_connection if synced else _unsynced_connection)
            event.listen(write, "begin", _begin_immediate)
            event.listen(read, "connect", _fast_connection)
            return write, read
        options = f"-c lock_timeout={int(self.lock_wait_seconds * 1000)} -c timezone=UTC"
        if not synced:
            options += " -c synchronous_commit=off"
        write, read = (
            create_engine(
                self.url,
                connect_args={
                    "connect_timeout": 3,
                    "prepare_threshold": self.prepare_threshold,
                    "options": f"{options} {how}",
                },
                pool_pre_ping=True,
                pool_size=10,
            )
            for how in (BY_KEY, "")
        )
        return write, read.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A unit of work: commits when the block ends, rolls back when it raises.

        Services flush; only this commits. Nesting is refused, because an inner commit would
        publish half of the outer act. Callables given to ``after_commit`` run once it is durable,
        and then the jobs that were asked for by ``core.queues.ring_after_commit`` are rung for.
        """
        if _open.get():
            raise RuntimeError("a transaction is open already; pass its session on")
        token = _open.set(True)
        try:
            with _Session(self.write, expire_on_commit=False) as session:
                yield session
                session.commit()
                for call in session.info.pop("after_commit", []):
                    call()
                for job_name in session.info.pop("rings", ()):
                    self.ring(job_name)
        finally:
            _open.reset(token)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A Core connection outside any transaction, for reads and single statements."""
        with self.read.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A Core connection that sees the database as of one moment, for long reads."""
        if self.is_sqlite:
            with self.read.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                finally:
                    connection.exec_driver_sql("ROLLBACK")
            return
        with self.read.connect() as connection:
            yield connection.execution_options(isolation_level="REPEATABLE READ")

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.durable.dispose()
        self.read.dispose()
        self.write.dispose()


class _Session(Session):
    """A session of one transaction on one database: it has one connection, looked up once.

    The ORM looks for it at each call, which costs as much as a fifth of a statement.
    """

    _own: Connection | None = None

    def connection(self, *arguments: Any, **named: Any) -> Connection:
        """The transaction's connection."""
        if arguments or named:
            return super().connection(*arguments, **named)
        if self._own is None:
            self._own = super().connection()
        return self._own


def _nobody_rings(_job_name: str) -> None:
    """In a command or a test: the sweeper finds the rows."""


def _prepare_threshold(asked: object) -> int | None:
    """After how many runs a statement is prepared; ``none`` for a PgBouncer before 1.21."""
    return None if str(asked).lower() == "none" else int(str(asked))


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Run ``call`` once this session's transaction is durable, and not at all if it fails."""
    session.info.setdefault("after_commit", []).append(call)


def _durable_connection(driver: sqlite3.Connection, _record: Any) -> None:
    driver.isolation_level = None  # BEGIN is ours (below); the driver must not add its own
    _pragmas(driver, "FULL")


def _unsynced_connection(driver: sqlite3.Connection, _record: Any) -> None:
    driver.isolation_level = None
    _pragmas(driver, "NORMAL")


def _fast_connection(driver: sqlite3.Connection, _record: Any) -> None:
    _pragmas(driver, "NORMAL")


def _pragmas(driver: sqlite3.Connection, synchronous: str) -> None:
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute(f"PRAGMA synchronous={synchronous}")
    driver.execute("PRAGMA foreign_keys=ON")
    driver.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
