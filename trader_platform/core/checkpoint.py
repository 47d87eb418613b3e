"""SQLite's log, folded into the file beside the requests instead of in one of them.

SQLite folds in the commit that crosses a mark, with two syncs of the disk, while all others wait
behind it. A thread of its own lets them go on. SQLite starts its log anew only once all of it is
folded, which under a load without a pause no thread brings about without holding writers up: there
a commit does it after all, seldom, and finds little left to fold.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import Final

import structlog

log = structlog.get_logger("database")

# After how many pages a log is folded, and from where on a commit does it (128 MB). Not longer: a
# durable commit is slower while the log grows than where it is written over.
FOLD_PAGES: Final = 5_000
LOG_PAGES: Final = 32_000
# A statement writes three pages or six: how many make a fold is learned from each.
STATEMENTS: Final = 2_000
FEWEST: Final = 200
MOST: Final = 20_000


class Checkpoints:
    """Folds after every so many statements; one a process, made after a fork."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._every = self._left = STATEMENTS
        self._pages = 0
        self._folding = threading.Lock()

    def count(self) -> None:
        """One more statement was run."""
        self._left -= 1
        if self._left <= 0:
            self._left = self._every
            threading.Thread(target=self.fold, name="checkpoint", daemon=True).start()

    def fold(self) -> None:
        """Move into the file what no reader needs in the log; waits for nobody. Safe to repeat."""
        if not self._folding.acquire(blocking=False):
            return
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._learn(pages)
        except sqlite3.Error as error:  # the commit at LOG_PAGES tries again
            log.warning("log_not_folded", error=type(error).__name__)
        finally:
            self._folding.release()

    def _learn(self, pages: int) -> None:
        """How many statements make the next fold, from the pages that the log is long now."""
        grown = pages - self._pages if pages > self._pages else pages
        self._pages = pages
        self._every = max(FEWEST, min(self._every * FOLD_PAGES // max(grown, 1), MOST))
