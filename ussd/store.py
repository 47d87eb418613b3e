"""Dialogue rows by the shortest way: one read and one write a hop, on a driver connection.

On SQLite it syncs lazily (``NORMAL``) and on PostgreSQL it does not wait for the log
(``synchronous_commit=off``): a power cut may lose the last seconds of a dialogue, never an act.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from trader_platform.core.db import Database
from trader_platform.core.driver import Driver
from trader_platform.core.errors import Busy

RESUME_MS: Final = 600_000
# No operator keeps a dialogue open longer; it bounds the search by an index on the start.
LONGEST_MS: Final = 600_000
GRUDGE_SECONDS: Final = 1.0

_PERSON = (
    "p.id, p.language, p.name, p.market_id, p.number_shown, p.leave_at, p.held, p.pack_id,"
    " t.id, t.market_id, t.goods_class_id,"
    " EXISTS (SELECT 1 FROM staff w WHERE w.phone_hash = q.phone_hash)"
)
_OWN = (
    "s.hop, s.version, s.state, s.status, s.phone_hash, s.service_code, s.pack_id, s.redial,"
    " s.trail"
)
_JOIN = (
    " FROM (SELECT ? AS gateway, ? AS session_id, ? AS phone_hash) q"
    " LEFT JOIN ussd_sessions s ON s.gateway = q.gateway AND s.session_id = q.session_id"
    " LEFT JOIN people p ON p.phone_hash = q.phone_hash"
    " LEFT JOIN traders t ON t.person_id = p.id AND t.status = 'active'"
)
_GOING_ON = f"SELECT {_OWN}, {_PERSON}{_JOIN}"
# Put together from our own constants; what comes from outside is bound.
_DIAL = (
    f"SELECT {_OWN}, {_PERSON},"  # noqa: S608
    " r.gateway, r.session_id, r.hop, r.version, r.state, r.redial,"
    f" r.status, a.screen, a.result{_JOIN}"
    " LEFT JOIN ussd_sessions r ON (r.gateway, r.session_id) = ("
    "SELECT x.gateway, x.session_id FROM ussd_sessions x WHERE x.phone_hash = q.phone_hash"
    " AND x.service_code = ? AND x.started_at > ?"
    " AND (x.gateway <> q.gateway OR x.session_id <> q.session_id)"
    " ORDER BY x.started_at DESC LIMIT 1) AND r.touched_at > ?"
    " LEFT JOIN acts a ON a.key ="
    " 'ussd:' || r.gateway || ':' || r.session_id || ':' || (r.hop + 1)"
)
_INSERT = (
    "INSERT INTO ussd_sessions (gateway, session_id, phone_hash, service_code, hop, version,"
    " redial, state, trail, language, pack_id, council_id, status, started_at, touched_at)"
    " VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_SWAP = (
    "UPDATE ussd_sessions SET hop = hop + 1, version = ?, redial = ?, state = ?,"
    " trail = trail || ?, language = ?, status = ?, touched_at = ?"
    " WHERE gateway = ? AND session_id = ? AND hop = ?"
)


class StoreError(Exception):
    """The database did not answer in time, is full or is away; nothing was written."""


class Key(NamedTuple):
    """Names one dialogue."""

    gateway: str
    session_id: str
    phone_hash: str
    service_code: str


class Row(NamedTuple):
    """A dialogue as stored."""

    gateway: str
    session_id: str
    hop: int
    version: int
    state: bytes | None
    status: str
    redial: str
    phone_hash: str = ""
    service_code: str = ""
    pack_id: int = 0
    act_screen: str | None = None
    act_result: str | None = None


class Person(NamedTuple):
    """The caller's columns, as read."""

    columns: tuple[Any, ...]
    pack_id: int


class Found(NamedTuple):
    """What one read brings: this dialogue, the caller, and (first hop) the one that was cut."""

    own: Row | None
    person: Person | None
    earlier: Row | None


class Writing(NamedTuple):
    """What one hop writes."""

    version: int
    redial: str
    state: bytes
    trail: str
    language: str
    status: str
    now: int


class SessionStore:
    """Both databases' dialogue rows; safe between threads, made after a fork."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._driver = Driver(db.url, durable=False, prepare_threshold=db.prepare_threshold)
        self._refuse_waiting_until = 0.0

    def read(self, key: Key, *, first: bool, now: int) -> Found:
        """One statement: the dialogue, its caller and, at a dial, the dialogue that was cut."""
        values: tuple[Any, ...] = (key.gateway, key.session_id, key.phone_hash)
        if first:
            code = key.service_code
            since = now - RESUME_MS
            row = self._one(_DIAL, (*values, code, since - LONGEST_MS, since))
        else:
            row = self._one(_GOING_ON, values)
        own = _own(key, row) if row[0] is not None else None
        person = Person(_caller_columns(row[9:21]), row[16]) if row[9] is not None else None
        earlier = _earlier(row[21:]) if first and row[21] is not None else None
        return Found(own, person, earlier)

    def open(self, key: Key, write: Writing, *, pack_id: int, council_id: int | None) -> bool:
        """Store a new dialogue; False where the same one was opened meanwhile."""
        values = (
            *(key.gateway, key.session_id, key.phone_hash, key.service_code),
            *(write.version, write.redial, write.state, write.trail, write.language),
            *(pack_id, council_id, write.status, write.now, write.now),
        )
        return self._change(_INSERT, values) == 1

    def swap(self, key: Key, hop: int, write: Writing) -> bool:
        """Move a dialogue from ``hop`` to the next; False where another request did so first."""
        values = (
            *(write.version, write.redial, write.state, write.trail, write.language),
            *(write.status, write.now, key.gateway, key.session_id, hop),
        )
        return self._change(_SWAP, values) == 1

    @property
    def patience_ms(self) -> int:
        """How long a lock may be waited for: for a second after a failure, nobody waits."""
        if time.monotonic() < self._refuse_waiting_until:
            return 0
        return int(self._db.lock_wait_seconds * 1000)

    def note_failure(self) -> None:
        """A wait was in vain: whoever comes within the next second is answered at once.

        Until somebody has found the lock free: one who was unlucky is no reason to turn away those
        who come after.
        """
        self._refuse_waiting_until = time.monotonic() + GRUDGE_SECONDS

    def _one(self, statement: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
        row = self._run(statement, values).fetchone()
        assert row is not None  # the query starts from a row of its own
        return tuple(row)

    def _change(self, statement: str, values: tuple[Any, ...]) -> int:
        changed = int(self._run(statement, values).rowcount)
        self._refuse_waiting_until = 0.0  # the lock was free
        return changed

    def _run(self, statement: str, values: tuple[Any, ...]) -> Any:
        if not self._db.is_sqlite:
            statement = _typed(statement)
        try:
            return self._driver.run(statement, values, patience_ms=self.patience_ms)
        except Busy as error:
            self.note_failure()
            raise StoreError(str(error.params["error"])) from error

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        self._driver.close()


@lru_cache(maxsize=16)
def _typed(statement: str) -> str:
    """The row of parameters needs types that SQLite does not ask for."""
    for name in ("gateway", "session_id", "phone_hash"):
        statement = statement.replace(f"? AS {name}", f"?::text AS {name}")
    return statement


def _own(key: Key, row: tuple[Any, ...]) -> Row:
    hop, version, state, status, phone_hash, code, pack_id, redial, _trail = row[:9]
    return Row(
        gateway=key.gateway,
        session_id=key.session_id,
        hop=hop,
        version=version,
        state=state,
        status=status,
        redial=redial,
        phone_hash=phone_hash,
        service_code=code,
        pack_id=pack_id,
    )


def _earlier(row: tuple[Any, ...]) -> Row:
    gateway, session_id, hop, version, state, redial, status, screen, result = row
    return Row(
        *(gateway, session_id, hop, version, state, status, redial),
        act_screen=screen,
        act_result=result,
    )


def _caller_columns(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """In the order of ``context.Caller``; SQLite hands a moment back as text."""
    id_, language, name, market, shown, leave_at, held, _pack, *sells, staff = row
    if isinstance(leave_at, str):
        leave_at = datetime.fromisoformat(leave_at).replace(tzinfo=UTC)
    return (
        *(id_, language, name, market, shown, leave_at, bool(held)),
        *(*sells, bool(staff)),
    )
