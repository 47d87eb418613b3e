"""SQLite's log, folded into the file beside the requests instead of in one of them.

SQLite folds in the commit that crosses a mark: some 15 ms, two syncs of the disk among them, for
whoever comes then and for all that wait behind. A fold in a thread of its own lets them go on.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import Final

import structlog

log = structlog.get_logger("database")

# Some 10 MB of log at the busiest.
STATEMENTS: Final = 4_000
# SQLite starts its log anew only once all of it is folded, which under a load without a pause no
# thread can bring about: beyond this (128 MB) a commit does it, and finds little left to fold.
LOG_PAGES: Final = 32_000


class Checkpoints:
    """Folds after every so many statements; one a process, made after a fork."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._left = STATEMENTS
        self._folding = threading.Lock()

    def count(self) -> None:
        """One more statement was run."""
        self._left -= 1
        if self._left <= 0:
            self._left = STATEMENTS
            threading.Thread(target=self.fold, name="checkpoint", daemon=True).start()

    def fold(self) -> None:
        """Move into the file what no reader needs in the log; waits for nobody. Safe to repeat."""
        if not self._folding.acquire(blocking=False):
            return
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:  # the commit at LOG_PAGES tries again
            log.warning("log_not_folded", error=type(error).__name__)
        finally:
            self._folding.release()
