"""Single statements by the shortest way: a driver connection a thread, in autocommit.

For the two paths on which a gateway waits. SQLAlchemy would cost more there than the statements
themselves, and its pool four round trips where one is enough.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from functools import lru_cache
from typing import Any, Final

import psycopg
from sqlalchemy import URL

from trader_platform.core.checkpoint import LOG_PAGES, Checkpoints
from trader_platform.core.errors import Busy

# PostgreSQL keeps the plan of a prepared statement for as long as the connection lives, also one
# made while a table was empty, where one index looks as good as another.
PLAN_SECONDS: Final = 5.0
# Whatever the planner believes of a table's size: these paths seek rows by key and never read one.
_BY_KEY: Final = " -c jit=off" + "".join(
    f" -c enable_{way}=off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin")
)


class Driver:
    """One a database and process, made after a fork; safe between threads.

    ``durable``: a statement has reached the disk when it returns. Else a power cut may lose the
    last seconds, which only what can be done again may rely on.
    """

    def __init__(self, url: URL, *, durable: bool, prepare_threshold: int | None) -> None:
        self._url, self._durable, self._prepare_threshold = url, durable, prepare_threshold
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self._checkpoints = Checkpoints(str(url.database))
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: set[Any] = set()

    def run(self, statement: str, values: tuple[Any, ...], *, patience_ms: int) -> Any:
        """Run one statement (``?`` for each value); the driver's cursor, with rows or rowcount.

        A lock is waited for at most ``patience_ms``. Raises Busy where the database is locked,
        full or away; the next call connects anew.
        """
        try:
            if self._is_sqlite:
                cursor = self._sqlite(patience_ms).execute(statement, values)
                self._checkpoints.count()
                return cursor
            return self._postgres(patience_ms).execute(_for_postgres(statement), values)
        except (sqlite3.Error, psycopg.Error) as error:
            self.close()
            raise Busy(error=type(error).__name__) from error

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def dispose(self) -> None:
        """Close every thread's connection; nobody may be using one."""
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            connection.close()
        self._local = threading.local()

    def _sqlite(self, patience_ms: int) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                str(self._url.database), isolation_level=None, check_same_thread=False
            )
            connection.execute(f"PRAGMA synchronous={'FULL' if self._durable else 'NORMAL'}")
            connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
            self._keep(connection)
        if self._local.patience_ms != patience_ms:
            connection.execute(f"PRAGMA busy_timeout={patience_ms}")
            self._local.patience_ms = patience_ms
        return connection

    def _postgres(self, patience_ms: int) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.patience_ms < patience_ms:
            # Opened after a wait in vain. A SET would stay with a pooler's connection, for others.
            self.close()
            connection = None
        if connection is None or connection.closed:
            options = f"-c statement_timeout=1500 -c lock_timeout={max(patience_ms, 1)}"
            options += _BY_KEY
            if not self._durable:
                options += " -c synchronous_commit=off"
            url = self._url.set(drivername="postgresql")
            connection = psycopg.connect(
                url.render_as_string(hide_password=False),
                autocommit=True,
                prepare_threshold=self._prepare_threshold,
                connect_timeout=2,
                options=options,
            )
            self._keep(connection)
            self._local.planned, self._local.patience_ms = time.monotonic(), patience_ms
        if self._prepare_threshold is not None:
            self._plan_anew(connection)
        return connection

    def _plan_anew(self, connection: psycopg.Connection[Any]) -> None:
        """Let plans follow the tables as they grow: a millisecond every few seconds."""
        now = time.monotonic()
        if now - self._local.planned > PLAN_SECONDS:
            self._local.planned = now
            connection.execute("DISCARD PLANS")

    def _keep(self, connection: Any) -> None:
        self._local.connection, self._local.patience_ms = connection, None
        with self._lock:
            self._open.add(connection)


@lru_cache(maxsize=64)
def _for_postgres(statement: str) -> str:
    return statement.replace("?", "%s")
