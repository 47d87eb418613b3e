"""The message centre of the simulated phones: a file beside the database, never a table in it.

It stands for what is outside the service, so the product's tables know nothing of it. The worker
writes, the web process reads; texts are worded and numbers open here, hence DEMO only.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trader_platform.core.clock import Clock, epoch_ms

FILE_NAME: Final = "phones.db"
KEPT: Final = 20_000  # texts in all; older ones go
PAGE: Final = 100
_LOCK_WAIT_SECONDS: Final = 3.0
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY AUTOINCREMENT, provider_id TEXT NOT"
    " NULL UNIQUE, phone TEXT NOT NULL, words TEXT NOT NULL, at_ms INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS texts_phone ON texts (phone, id)",
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A text as a phone got it. ``id`` grows: what was seen last says what is new."""

    id: int
    provider_id: str
    words: str
    at_ms: int


class Centre:
    """Safe to share between threads and processes; the file is made when it is first opened."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        self._path, self._clock = data_dir / FILE_NAME, clock

    def take(self, words: str, phones: Sequence[str]) -> list[str]:
        """Keep one text for each phone; their ids, in order. Raises sqlite3.Error or OSError.

        A phone here is a subscriber's key: the old and the new form of a number are one phone.
        """
        ids = [f"SIMid_{secrets.token_hex(16)}" for _ in phones]
        now = epoch_ms(self._clock.now())
        rows = [(id_, phone, words, now) for id_, phone in zip(ids, phones, strict=True)]
        with self._open() as file:
            file.executemany(
                "INSERT INTO texts (provider_id, phone, words, at_ms) VALUES (?, ?, ?, ?)", rows
            )
            file.execute("DELETE FROM texts WHERE id <= (SELECT max(id) FROM texts) - ?", (KEPT,))
        return ids

    def arrived(self, phone: str, after: int) -> list[Arrived]:
        """What came to a phone after the text with that id, oldest first; of many the newest."""
        with self._open() as file:
            rows = file.execute(
                "SELECT id, provider_id, words, at_ms FROM texts WHERE phone = ? AND id > ?"
                " ORDER BY id DESC LIMIT ?",
                (phone, after, PAGE),
            ).fetchall()
        return [Arrived(*row) for row in reversed(rows)]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = sqlite3.connect(self._path, timeout=_LOCK_WAIT_SECONDS)
        try:
            file.execute("PRAGMA synchronous = OFF")  # a demo's texts may go with the power
            with file:
                for statement in _TABLE:
                    file.execute(statement)
                yield file
        finally:
            file.close()
