"""Taking due texts to send: by lease, so that a worker that dies leaves them to the next.

``queued`` with a lease that ran out is simply due again. ``sending`` is committed just before a
gateway is called, so that a lease that runs out there means unknown: never sent again by us.
Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from trader_platform.messaging.kinds import KINDS
from trader_platform.messaging.outbox_sql import ids, look, run, run_many
from trader_platform.messaging.policy import Reader, refused
from trader_platform.messaging.types import MessageClass

CLAIM_LEASE_MS: Final = 60_000
# Longer than any adapter's time-outs: while it runs, the call may still be answered.
SENDING_LEASE_MS: Final = 30_000
# How long an answer that may be on its way holds back the next one to the same phone.
UNKNOWN_HOLDS_MS: Final = 30_000


class Claimed(NamedTuple):
    """A text that this worker may send until ``lease_until``."""

    id: int
    kind: str
    priority: int
    contact_id: int
    pack_id: int
    council_id: int | None
    params: str
    act_at: int
    due_at: int
    expires_at: int | None
    attempts: int
    refused_by: str
    lease_until: int


_COLUMNS: Final = ", ".join(Claimed._fields)
# An answer waits for the earlier ones to its phone: for those that may still leave, and for one
# that may be on its way.
_IN_ORDER: Final = """
 AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.contact_id = m.contact_id AND e.id < m.id
  AND e.priority = 0 AND e.state IN ('queued', 'sending'))
 AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.contact_id = m.contact_id AND e.priority = 0
  AND e.state = 'unknown' AND e.sent_at > :held_since)
"""
_CLAIM: Final = """
WITH due AS MATERIALIZED (
 SELECT m.id FROM messages m WHERE m.state = 'queued' AND m.priority = :priority
  AND m.due_at <= :now AND (m.lease_until IS NULL OR m.lease_until <= :now) {in_order}
 ORDER BY m.due_at, m.id LIMIT :most {skip_locked})
UPDATE messages SET lease_until = :lease WHERE id IN (SELECT id FROM due) AND state = 'queued'
RETURNING {columns}
""".replace("{columns}", _COLUMNS)
# Ordered, so that no planner reads past all that has left already.
_DUE: Final = """
SELECT asked.value FROM {ids} AS asked WHERE (
 SELECT 1 FROM messages m WHERE m.state = 'queued' AND m.priority = asked.value AND m.due_at <= :now
 AND (m.lease_until IS NULL OR m.lease_until <= :now) ORDER BY m.due_at, m.id LIMIT 1
) IS NOT NULL ORDER BY asked.value
"""
_NEXT: Final = """
SELECT min(due_at) FROM messages WHERE state = 'queued' AND priority = :priority
 AND lease_until IS NULL
"""
_SENDING: Final = """
UPDATE messages SET state = 'sending', lease_until = :until, sent_at = :now, gateway = :gateway,
 attempts = attempts + 1, segments = :segments, failure = NULL
WHERE id IN {ids} AND state = 'queued' AND lease_until = :lease RETURNING id
"""
# Locked in order of id, so that two workers with some readers in common never wait for each other.
_READERS: Final = """
WITH readers AS MATERIALIZED (SELECT id FROM contacts WHERE id IN {ids} ORDER BY id {for_update})
"""
_COUNT: Final = """{readers}
UPDATE contacts SET capped_count = CASE WHEN capped_on = :today THEN capped_count + 1 ELSE 1 END,
 capped_on = :today
WHERE id IN (SELECT id FROM readers) AND opted_out = {no} AND stopped = ''
 AND (capped_on IS NULL OR capped_on <> :today OR capped_count < :cap) RETURNING id
""".replace("{readers}", _READERS)
_UNCOUNT: Final = """{readers}
UPDATE contacts SET capped_count = capped_count - 1
WHERE id IN (SELECT id FROM readers) AND capped_on = :today AND capped_count > 0
""".replace("{readers}", _READERS)
_STOPPED: Final = """
SELECT id, stopped, stopped_topics, opted_out FROM contacts
WHERE id IN {ids} AND (opted_out <> {no} OR stopped <> '' OR stopped_topics <> '')
"""
_SPENT: Final = """
SELECT council_id, sum(counted_minor) FROM text_spend WHERE day = :today GROUP BY council_id
"""
_SPEND: Final = """
INSERT INTO text_spend (council_id, day, gateway, segments, cost_minor, counted_minor)
VALUES (:council, :today, :gateway, :segments, :cost, :counted)
ON CONFLICT (council_id, day, gateway) DO UPDATE SET
 segments = text_spend.segments + excluded.segments,
 cost_minor = text_spend.cost_minor + excluded.cost_minor,
 counted_minor = text_spend.counted_minor + excluded.counted_minor
"""
_LET_GO: Final = """
UPDATE messages SET lease_until = NULL WHERE id IN {ids} AND state = 'queued'
 AND lease_until = :lease
"""
_PARK: Final = """
UPDATE messages SET lease_until = NULL, due_at = :due, failure = :why
WHERE id = :id AND state = 'queued' AND lease_until = :lease
"""
_DROP: Final = """
UPDATE messages SET lease_until = NULL, state = :state, failure = :why, settled_at = :now
WHERE id = :id AND state = 'queued' AND lease_until = :lease
"""
_GIVE_UP: Final = """
UPDATE messages SET state = 'unknown', failure = 'lease', lease_until = NULL, settled_at = :now
WHERE state = 'sending' AND lease_until <= :now RETURNING id
"""


def claim(
    session: Session, now_ms: int, *, most: int, classes: Sequence[MessageClass]
) -> list[Claimed]:
    """Lease up to ``most`` due texts to this worker, those of the first class first.

    Of the answers to one phone at most one is given out, the oldest. Commit at once. Safe to race.
    """
    claimed: list[Claimed] = []
    for priority in _due(session.connection(), now_ms, classes):
        if len(claimed) < most:
            sql = _CLAIM.replace("{in_order}", _IN_ORDER if priority == 0 else "")
            values: dict[str, Any] = {"priority": priority, "now": now_ms}
            values |= {"lease": now_ms + CLAIM_LEASE_MS, "most": most - len(claimed)}
            if priority == 0:
                values["held_since"] = now_ms - UNKNOWN_HOLDS_MS
            rows = run(session, sql, values)
            claimed += sorted((Claimed._make(row) for row in rows), key=_by_due)
    return claimed


def _by_due(text: Claimed) -> tuple[int, int]:
    return text.due_at, text.id


def is_due(connection: Connection, now_ms: int, classes: Sequence[MessageClass]) -> bool:
    """Whether a claim could find something; cheap, and takes no lock."""
    return bool(_due(connection, now_ms, classes))


def _due(connection: Connection, now_ms: int, classes: Sequence[MessageClass]) -> list[int]:
    """Those of the classes that something is due of, the first one first."""
    found = look(connection, _DUE, {"ids": ids(int(c) for c in classes), "now": now_ms})
    return [row.value for row in found]


def next_due(connection: Connection) -> int | None:
    """When the next text that nobody holds is due (ms since 1970); None where there is none."""
    found = [look(connection, _NEXT, {"priority": int(c)})[0][0] for c in MessageClass]
    return min((int(due) for due in found if due is not None), default=None)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a gateway: equal words for several texts of one claim, pack and class.

    ``cap`` is how many counted texts a phone gets a day, None where the cap holds nothing back.
    """

    gateway: str
    words: str
    texts: tuple[Claimed, ...]
    phones: tuple[str, ...]
    day: date
    price_minor: int
    counted: bool = False
    cap: int | None = None
    budget_minor: int | None = None
    segments: int = 1


def begin(session: Session, call: Call, now_ms: int) -> set[int]:
    """Mark the call's texts as being handed over; the ids that may be. Commit, then call at once.

    What another worker took meanwhile, what the cap or budget no longer holds, and what its reader
    stopped in this moment stays behind and is looked at again.
    """
    lease = call.texts[0].lease_until
    going = _wanted(session, call.texts)
    if call.counted:
        going = _within_budget(session, call, going)
        going = _within_cap(session, call, going)
    values = {"until": now_ms + SENDING_LEASE_MS, "now": now_ms, "gateway": call.gateway}
    values |= {"segments": call.segments, "lease": lease, "ids": ids(x.id for x in going)}
    begun = {row.id for row in run(session, _SENDING, values)}
    left = [text for text in call.texts if text.id not in begun]
    if left:
        run(session, _LET_GO, {"ids": ids(text.id for text in left), "lease": lease})
    if call.counted and len(begun) < len(going):
        uncount(session, [x.contact_id for x in going if x.id not in begun], call.day)
    book(session, call, [text for text in going if text.id in begun])
    return begun


def _wanted(session: Session, texts: Sequence[Claimed]) -> list[Claimed]:
    """Without those whose reader stopped them since the call was planned."""
    rows = run(session, _STOPPED, {"ids": ids(text.contact_id for text in texts)})
    said = {row.id: Reader.of(row) for row in rows}
    nothing = Reader()
    return [x for x in texts if not refused(KINDS[x.kind], said.get(x.contact_id, nothing))]


def _within_budget(session: Session, call: Call, texts: list[Claimed]) -> list[Claimed]:
    if call.budget_minor is None:
        return texts
    if session.get_bind().dialect.name == "postgresql":
        # One worker at a time looks and books; the lock ends with this short transaction.
        run(session, "SELECT pg_advisory_xact_lock(:key)", {"key": _BUDGET_LOCK})
    spent = {row[0]: int(row[1]) for row in run(session, _SPENT, {"today": call.day.isoformat()})}
    going = []
    for text in texts:
        council = text.council_id or 0
        if spent.get(council, 0) + call.price_minor * call.segments <= call.budget_minor:
            spent[council] = spent.get(council, 0) + call.price_minor * call.segments
            going.append(text)
    return going


_BUDGET_LOCK: Final = 0x7E87_B0D6


def _within_cap(session: Session, call: Call, texts: list[Claimed]) -> list[Claimed]:
    cap = _NO_CAP if call.cap is None else call.cap
    values = {"ids": ids(text.contact_id for text in texts), "today": call.day.isoformat()}
    free = {row.id for row in run(session, _COUNT, {**values, "cap": cap})}
    return [text for text in texts if text.contact_id in free]


_NO_CAP: Final = 1_000_000


def uncount(session: Session, contact_ids: Sequence[int], day: date) -> None:
    """Take back what ``begin`` counted: these texts were certainly not handed over."""
    if contact_ids:
        run(session, _UNCOUNT, {"ids": ids(contact_ids), "today": day.isoformat()})


def book(session: Session, call: Call, texts: Sequence[Claimed], *, sign: int = 1) -> None:
    """Add what these texts cost to the day's spending, or take it back with ``sign`` -1."""
    segments: dict[int, int] = {}
    for text in texts:
        council = text.council_id or 0
        segments[council] = segments.get(council, 0) + sign * call.segments
    for council, count in sorted(segments.items()):
        correct(session, call, council, segments=count, cost_minor=count * call.price_minor)


def correct(
    session: Session, call: Call, council_id: int, *, segments: int, cost_minor: int
) -> None:
    """Change a council's spending of the call's day by this much."""
    values = {"council": council_id, "today": call.day.isoformat()}
    values["gateway"] = call.gateway
    values |= {"segments": segments, "cost": cost_minor}
    run(session, _SPEND, values | {"counted": cost_minor if call.counted else 0})


def let_go(session: Session, texts: Sequence[Claimed]) -> None:
    """Give claimed texts back that were not handed over: due again at once. Safe to repeat."""
    for lease in {text.lease_until for text in texts}:
        mine = ids(text.id for text in texts if text.lease_until == lease)
        run(session, _LET_GO, {"ids": mine, "lease": lease})


class Parked(NamedTuple):
    """A claimed text that may not go before ``due_at``."""

    text: Claimed
    due_at: int
    why: str


class Dropped(NamedTuple):
    """A claimed text that never goes; ``state`` is failed or expired."""

    text: Claimed
    state: str
    why: str


def put_back(
    session: Session, parked: Sequence[Parked], dropped: Sequence[Dropped], now_ms: int
) -> None:
    """Record what policy decided of claimed texts that do not go now. Safe to repeat."""
    run_many(session, _PARK, [_values(p.text, due=p.due_at, why=p.why) for p in parked])
    run_many(
        session, _DROP, [_values(d.text, state=d.state, why=d.why, now=now_ms) for d in dropped]
    )


def _values(text: Claimed, **more: object) -> Mapping[str, object]:
    return {"id": text.id, "lease": text.lease_until, **more}


def give_up_on_lost(session: Session, now_ms: int) -> int:
    """Texts whose worker died in a call are unknown from now on; how many. Safe to repeat."""
    return len(run(session, _GIVE_UP, {"now": now_ms}))
