"""SQLite's log, folded into the file beside the requests instead of in one of them.

SQLite folds in the commit that crosses a mark: some 15 ms for whoever comes then and for all that
wait behind. A thread of its own lets them go on. Only the last step holds writers up, a millisecond
or two: to start the log anew, so that it is written over instead of growing. A growing file costs
each durable commit twice the time of its sync.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import Final

import structlog

log = structlog.get_logger("database")

# How long a log is let grow, and from where on a commit folds it after all (64 MB).
FOLD_PAGES: Final = 4_000
LOG_PAGES: Final = 16_000
# A statement writes three pages or six: how many make a fold is learned from each.
STATEMENTS: Final = 2_000
FEWEST: Final = 200
MOST: Final = 20_000
# How long writers are held up at most for a reader that still needs the log.
WAIT_SECONDS: Final = 0.01


class Checkpoints:
    """Folds after every so many statements; one a process, made after a fork."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._every = self._left = STATEMENTS
        self._folding = threading.Lock()

    def count(self) -> None:
        """One more statement was run."""
        self._left -= 1
        if self._left <= 0:
            self._left = self._every
            threading.Thread(target=self.fold, name="checkpoint", daemon=True).start()

    def fold(self) -> None:
        """Move the log into the file and start it anew; waits for no reader. Safe to repeat."""
        if not self._folding.acquire(blocking=False):
            return
        try:
            with closing(
                sqlite3.connect(self._path, isolation_level=None, timeout=WAIT_SECONDS)
            ) as connection:
                _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
            self._every = max(FEWEST, min(self._every * FOLD_PAGES // max(pages, 1), MOST))
        except sqlite3.Error as error:  # the commit at LOG_PAGES tries again
            log.warning("log_not_folded", error=type(error).__name__)
        finally:
            self._folding.release()
