"""What a job is given: the settings and the database of its worker, nothing of a transport."""

from __future__ import annotations

from dataclasses import dataclass

from trader_platform.core.config import Settings
from trader_platform.core.db import Database


@dataclass(frozen=True, slots=True)
class JobContext:
    """One for a worker process; jobs run one at a time on each of its two threads."""

    settings: Settings
    db: Database
