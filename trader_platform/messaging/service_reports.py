"""Delivery reports: each is kept, and moves the state of its text forward or not at all.

They come early (before we committed what the gateway answered), late, repeated, for ids that we do
not know, and against each other. Flushes, never commits.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from trader_platform.core.clock import local_day
from trader_platform.core.queues import ring_after_commit
from trader_platform.messaging.outbox_sql import ids, run
from trader_platform.messaging.policy import COUNTED, Rules
from trader_platform.messaging.service_claim import Call, correct

# A report without an id of ours settles an unknown text only this long after it was sent.
UNKNOWN_SETTLES_MS: Final = 24 * 3600 * 1000
_FINAL: Final = ("delivered", "failed", "expired")

_COLUMNS: Final = """
id, state, gateway, refused_by, segments, pack_id, council_id, priority, sent_at
"""
# Of texts that were handed over before the report came: it can be of no other.
_ROW: Final = """
SELECT {columns} FROM messages WHERE {where} AND sent_at <= :came {for_update}
""".replace("{columns}", _COLUMNS)
_KEEP: Final = """
INSERT INTO delivery_reports
 (gateway, provider_id, status, reason, message_id, contact_id, outcome, seen, received_at)
VALUES (:gateway, :provider, :status, :reason, :message, :contact, :outcome, 1, :now)
ON CONFLICT (gateway, provider_id, status) DO UPDATE SET seen = delivery_reports.seen + 1,
 outcome = CASE WHEN delivery_reports.outcome = 'early' THEN excluded.outcome
  ELSE delivery_reports.outcome END,
 message_id = coalesce(delivery_reports.message_id, excluded.message_id)
"""
_MOVE: Final = """
UPDATE messages SET state = :state, provider_id = coalesce(provider_id, :provider),
 gateway = :gateway,
 failure = :failure, lease_until = NULL, settled_at = :now WHERE id = :id
"""
_BOOK: Final = "UPDATE messages SET segments = :segments, cost_minor = :cost WHERE id = :id"
_SETTINGS: Final = "SELECT settings FROM packs WHERE id = :pack"
_FIRST_HEARD: Final = """
SELECT min(received_at) AS at FROM delivery_reports
WHERE gateway = :gateway AND provider_id = :provider
"""
# All that the gateway may have by an id that it never told us, whatever became of them since.
_WITHOUT_ID: Final = """
SELECT {columns} FROM messages
WHERE contact_id = :contact AND gateway = :gateway AND provider_id IS NULL AND segments > 0
 AND sent_at <= :came AND sent_at > :since ORDER BY id LIMIT 2 {for_update}
""".replace("{columns}", _COLUMNS)
_IS_ANY_EARLY: Final = "SELECT 1 FROM delivery_reports WHERE outcome = 'early' LIMIT 1"
_EARLY: Final = """
SELECT gateway, provider_id, status, reason, message_id, contact_id, received_at
FROM delivery_reports
WHERE outcome = 'early' AND gateway = :gateway AND provider_id IN {words} ORDER BY id
"""
# The newest are looked at, so that strays keep back none that crossed with our commit; and of them
# only what may find a text now is tried. By our own id there is nothing to wait for.
_EARLY_TO_TRY: Final = """
WITH waiting AS (
 SELECT id, gateway, provider_id, status, reason, message_id, contact_id, received_at
 FROM delivery_reports WHERE outcome = 'early' ORDER BY received_at DESC LIMIT :most)
SELECT * FROM waiting r WHERE EXISTS (
 SELECT 1 FROM messages m WHERE m.provider_id = r.provider_id AND m.gateway = r.gateway)
OR EXISTS (SELECT 1 FROM messages m WHERE m.contact_id = r.contact_id AND m.state = 'unknown')
ORDER BY id
"""
_TOO_OLD: Final = """
UPDATE delivery_reports SET outcome = 'unplaced' WHERE outcome = 'early' AND received_at < :before
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a gateway reports: ``status`` is accepted, delivered, failed or expired.

    ``message_id`` is ours, where the gateway carries it; ``provider_id`` its own; ``contact_id``
    the phone it names, where we know it.
    """

    gateway: str
    status: str
    provider_id: str | None = None
    message_id: int | None = None
    contact_id: int | None = None
    reason: str = ""


def take_report(session: Session, told: Told, now_ms: int) -> str:
    """Keep a report and let it move its text; returns what became of it. Safe to repeat.

    ``placed`` (it moved a text), ``no_news`` (that was known), ``contradicts`` (the text had ended
    otherwise: the first end stays), or ``early`` (no text known by this id: tried again when one
    is, and ``unplaced`` after a day).
    """
    row = _find(session, told, now_ms)
    outcome = "early" if row is None else _apply(session, row, told, now_ms)
    values = {
        "gateway": told.gateway,
        "provider": told.provider_id or f"#{told.message_id}",
        "status": told.status,
        "reason": told.reason[:40] or None,
        "message": told.message_id if row is None else row.id,
        "contact": told.contact_id,
        "outcome": outcome,
        "now": now_ms,
    }
    run(session, _KEEP, values)
    return outcome


def place_early(session: Session, gateway: str, provider_ids: Sequence[str], now_ms: int) -> None:
    """Let reports that came before these ids were known move their texts. Safe to repeat."""
    if provider_ids and run(session, _IS_ANY_EARLY, {}):
        _retry(
            session, run(session, _EARLY, {"gateway": gateway, "words": ids(provider_ids)}), now_ms
        )


def place_waiting(session: Session, now_ms: int, *, most: int = 1000) -> None:
    """Try reports again that found no text: for the moment in which text and report crossed.

    Those older than a day are given up: kept and counted as ``unplaced``. Safe to repeat.
    """
    run(session, _TOO_OLD, {"before": now_ms - UNKNOWN_SETTLES_MS})
    _retry(session, run(session, _EARLY_TO_TRY, {"most": most}), now_ms)


def _retry(session: Session, rows: Sequence[Any], now_ms: int) -> None:
    for row in rows:
        provider = None if row.provider_id.startswith("#") else row.provider_id
        told = Told(
            row.gateway, row.status, provider, row.message_id, row.contact_id, row.reason or ""
        )
        found = _find(session, told, row.received_at)
        if found is not None:
            sql = """UPDATE delivery_reports SET outcome = :outcome, message_id = :message
             WHERE gateway = :gateway AND provider_id = :provider AND status = :status"""
            values = {"gateway": row.gateway, "provider": row.provider_id, "status": row.status}
            values |= {"outcome": _apply(session, found, told, now_ms), "message": found.id}
            run(session, sql, values)


def _find(session: Session, told: Told, came_ms: int) -> Any | None:
    """The text that a report which came then is of, locked; None where that is not sure."""
    values: dict[str, Any] = {"gateway": told.gateway, "came": came_ms}
    if told.message_id is not None:
        rows = run(session, _ROW.replace("{where}", "id = :id"), values | {"id": told.message_id})
        return rows[0] if rows else None
    values["provider"] = told.provider_id
    where = "provider_id = :provider AND gateway = :gateway"
    rows = run(session, _ROW.replace("{where}", where), values)
    if rows or told.contact_id is None:
        return rows[0] if rows else None
    return _only_one(session, values | {"contact": told.contact_id})


def _only_one(session: Session, values: dict[str, Any]) -> Any | None:
    """The unknown text of a phone, where a report by an id that we never got can mean no other.

    Judged as of the moment in which that id was first heard of: a report that is repeated, or
    tried again, means no other text than it did then.
    """
    heard = run(session, _FIRST_HEARD, values)[0].at
    came = values["came"] if heard is None else min(values["came"], heard)
    times = {"came": came, "since": came - UNKNOWN_SETTLES_MS}
    rows = run(session, _WITHOUT_ID, values | times)
    return rows[0] if len(rows) == 1 and rows[0].state == "unknown" else None


def _apply(session: Session, row: Any, told: Told, now_ms: int) -> str:
    if told.gateway not in _tried(row):
        return "contradicts"  # one gateway refused it, and says now that it did not
    if row.segments == 0 and told.status in ("accepted", "delivered"):
        _book(session, row, told.gateway)
    if row.state == told.status:
        return "no_news"
    if row.state in _FINAL:
        return "no_news" if told.status == "accepted" else "contradicts"
    if row.state == "queued" and told.status not in ("accepted", "delivered"):
        return "no_news"  # certainly not taken, as was known: it goes again
    values = {"id": row.id, "state": told.status, "provider": told.provider_id, "now": now_ms}
    values["gateway"] = told.gateway
    failure = told.reason[:40] or told.status if told.status in ("failed", "expired") else None
    run(session, _MOVE, values | {"failure": failure})
    if row.state == "unknown":
        ring_after_commit(session, "sms.deliver")  # it may have held back an answer
    return "placed"


def _tried(row: Any) -> set[str]:
    """The gateways that can tell news of a text: of one that waits, all that it was given."""
    refused = row.refused_by.split(",") if row.state == "queued" else []
    return {row.gateway, *refused}


def _book(session: Session, row: Any, gateway: str) -> None:
    """The gateway had said that it took nothing, and had: what it costs was taken back."""
    rules = Rules.of(json.loads(run(session, _SETTINGS, {"pack": row.pack_id})[0].settings))
    day = local_day(datetime.fromtimestamp(row.sent_at / 1000, UTC), rules.zone)
    counted, price = row.priority in COUNTED, rules.segment_cost_minor
    call = Call(gateway, "", (), (), day, price, counted=counted)
    cost = price * call.segments
    run(session, _BOOK, {"id": row.id, "segments": call.segments, "cost": cost})
    correct(session, call, row.council_id or 0, segments=call.segments, cost_minor=cost)
