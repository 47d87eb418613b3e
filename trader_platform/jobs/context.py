"""What a job is given: the settings and the database of its worker, nothing of a transport."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from trader_platform.core.config import Settings
from trader_platform.core.db import Database


@dataclass(frozen=True, slots=True)
class JobContext:
    """One for a worker process, shared by its threads.

    ``stopping`` is set when the process was told to end: a long job finishes what it has in hand
    and leaves the rest to the next process.
    """

    settings: Settings
    db: Database
    stopping: threading.Event = field(default_factory=threading.Event)
