"""The chain of a council's entries, and its signed daily heads. Flushes, never commits.

Links are written after the commits that they link, in order of entry ids, by one job a council:
chaining inside each commit would make all tickets of a council wait for one row. An entry that is
committed late with a lower id (ids are drawn before the commit) is simply linked later: a link's
place is its own ``seq``, not the entry's id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, exists, func, insert, select
from sqlalchemy.orm import Session

from trader_platform.core.signing import Signer
from trader_platform.ledger.models import ChainLink, DailyHead, Entry, Posting, SigningKey

_entries: Final[Table] = Entry.__table__  # type: ignore[assignment]
_postings: Final[Table] = Posting.__table__  # type: ignore[assignment]
_links: Final[Table] = ChainLink.__table__  # type: ignore[assignment]
_heads: Final[Table] = DailyHead.__table__  # type: ignore[assignment]
_keys: Final[Table] = SigningKey.__table__  # type: ignore[assignment]

CHUNK: Final = 500
# How many links back an entry is looked for that was committed late: more than are booked in the
# longest transaction. A whole look, once a night, finds what came later still.
LATE: Final = 10_000


def link(session: Session, council_id: int, *, limit: int = CHUNK, whole: bool = False) -> int:
    """Link at most ``limit`` entries that have no link yet; returns how many. Safe to repeat.

    Looks at the newest entries, at all of them where ``whole``: the cost of a turn does not grow
    with the books. Two jobs at once meet at the unique place in the chain: one of them rolls back.
    """
    last = session.execute(
        select(_links.c.seq, _links.c.hash)
        .where(_links.c.council_id == council_id)
        .order_by(_links.c.seq.desc())
        .limit(1)
    ).first()
    seq, before = (last.seq, last.hash) if last else (0, "")
    entries = session.execute(
        select(_entries)
        .where(
            _entries.c.council_id == council_id,
            _entries.c.id > (0 if whole else _first_late(session, council_id, seq)),
            ~exists().where(_links.c.entry_id == _entries.c.id),
        )
        .order_by(_entries.c.id)
        .limit(limit)
    ).all()
    if not entries:
        return 0
    rows = []
    for entry, lines in with_postings(session.connection(), entries):
        seq, before = seq + 1, link_hash(before, entry, lines)
        values = {"entry_id": entry.id, "council_id": council_id, "seq": seq, "hash": before}
        rows.append(values)
    session.execute(insert(_links), rows)
    return len(rows)


def _first_late(session: Session, council_id: int, seq: int) -> int:
    """The entry after which one without a link is looked for; 0 while there are few."""
    if seq <= LATE:
        return 0
    lowest = select(func.min(_links.c.entry_id)).where(
        _links.c.council_id == council_id, _links.c.seq > seq - LATE
    )
    return int(session.execute(lowest).scalar_one())


def unsigned_days(session: Session, council_id: int, last: date) -> list[date]:
    """The days to ``last`` after the newest head; ``last`` alone where there is no head yet."""
    newest = select(func.max(_heads.c.day)).where(_heads.c.council_id == council_id)
    head = session.execute(newest).scalar() or last - timedelta(days=1)
    return [head + timedelta(days=n) for n in range(1, (last - head).days + 1)]


def sign_day(session: Session, council_id: int, day: date, signer: Signer) -> bool:
    """Sign the chain's newest link as the head of ``day``; False where that was done or is empty.

    The head covers all that was linked till it is signed: all of the day, and what was booked after
    it where it is signed late. Publishes the key's public half on the way. Safe to repeat: a day
    has one head.
    """
    known = select(_heads.c.day).where(_heads.c.council_id == council_id, _heads.c.day == day)
    last = session.execute(
        select(_links.c.seq, _links.c.hash)
        .where(_links.c.council_id == council_id)
        .order_by(_links.c.seq.desc())
        .limit(1)
    ).first()
    if last is None or session.execute(known).first() is not None:
        return False
    signature = signer.sign(head_content(council_id, day, last.seq, last.hash))
    publish_keys(session, signer)
    values = {
        "council_id": council_id,
        "day": day,
        "seq": last.seq,
        "hash": last.hash,
        "key_id": signature.key_id,
        "signature": signature.value,
    }
    session.execute(insert(_heads), values)
    return True


def publish_keys(session: Session, signer: Signer) -> None:
    """Keep the public halves of the signer's keys. Safe to repeat."""
    kept = set(session.scalars(select(_keys.c.key_id)))
    for key_id, public in signer.public_keys().items():
        if key_id not in kept:
            now = func.coalesce(select(func.max(_entries.c.recorded_at)).scalar_subquery(), 0)
            values = {"key_id": key_id, "public": public, "first_seen": now}
            session.execute(insert(_keys).values(values))


def head_content(council_id: int, day: date, seq: int, link: str) -> bytes:
    """What the signature of a daily head is over."""
    return json.dumps(["head", council_id, day.isoformat(), seq, link]).encode()


def link_hash(before: str, entry: Row[Any], lines: Iterable[tuple[int, int]]) -> str:
    """SHA-256 of the link before and all that an entry and its postings say, in hex."""
    content = [
        before,
        entry.id,
        entry.council_id,
        entry.kind,
        entry.idem_key,
        entry.request_hash,
        entry.effective_date.isoformat(),
        entry.recorded_at,
        entry.actor_kind,
        entry.actor_id,
        entry.reverses,
        list(lines),
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def with_postings(
    connection: Connection, entries: Sequence[Row[Any]]
) -> Iterator[tuple[Row[Any], list[tuple[int, int]]]]:
    """Entries with their (account, minor units) lines in order; one query for all of them."""
    lines: dict[int, list[tuple[int, int]]] = {entry.id: [] for entry in entries}
    rows = connection.execute(
        select(_postings.c.entry_id, _postings.c.account_id, _postings.c.amount_minor)
        .where(_postings.c.entry_id.in_(list(lines)))
        .order_by(_postings.c.id)
    )
    for entry_id, account_id, amount in rows:
        lines[entry_id].append((account_id, amount))
    for entry in entries:
        yield entry, lines[entry.id]
