"""How background work leaves SQLite's one writer to those who are waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.orm import Session

from trader_platform.core.db import Database

PAUSE_SECONDS: Final = 0.010
# A hop looks for the lock about ten times in its 150 ms: one that is held two thirds of the time
# some hops find held at every look, one that is held a third of the time hardly any.
FREE: Final = 2
# A lock that is asked for again at once is not handed to those who wait for it.
HANDING_OVER_SECONDS: Final = 0.001
_one_job = threading.Lock()


def pause_after(turn_seconds: float) -> float:
    """Seconds to stay away after a turn that took so long: a slow machine is given more time."""
    return PAUSE_SECONDS if turn_seconds <= PAUSE_SECONDS else FREE * turn_seconds


def rest(db: Database, began: float) -> None:
    """Stay away from SQLite's lock after a turn that began at that ``time.monotonic()``."""
    if db.is_sqlite:
        time.sleep(pause_after(time.monotonic() - began))


@contextmanager
def turn(db: Database) -> Iterator[Session]:
    """One transaction of a long job, and the pause after it.

    On SQLite the jobs of a process share one pause: those of several would fill each other's, and
    a worker starts all of its jobs at once.
    """
    if not db.is_sqlite:
        with db.transaction() as session:
            yield session
        return
    with _one_job:
        began = time.monotonic()
        with db.transaction() as session:
            yield session
        pause = pause_after(time.monotonic() - began)
        time.sleep(pause - HANDING_OVER_SECONDS)
    time.sleep(HANDING_OVER_SECONDS)
