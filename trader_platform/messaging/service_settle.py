"""Recording what a gateway said of the texts of a call, in sets. Flushes, never commits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.orm import Session

from trader_platform.messaging.outbox_sql import ids, run, run_many
from trader_platform.messaging.service_claim import Call, Claimed, book, correct, uncount
from trader_platform.messaging.service_reports import place_early

# After so many attempts at one gateway it counts as refused there. The waits are seconds.
RETRY_SECONDS: Final = (5, 60, 300, 900, 3600)
# Waits differ by this part of themselves, so that what failed at once does not come back at once.
JITTER: Final = 0.25

# A report may have been quicker than the answer to the call: its state stays.
_ACCEPTED: Final = """
UPDATE messages SET provider_id = r.provider, cost_minor = r.cost, lease_until = NULL,
 state = CASE WHEN state IN ('sending', 'unknown') THEN 'accepted' ELSE state END,
 failure = CASE WHEN state IN ('sending', 'unknown') THEN NULL ELSE failure END,
 settled_at = CASE WHEN state IN ('sending', 'unknown') THEN :now ELSE settled_at END
FROM {results} AS r WHERE messages.id = r.id
"""
_MINE: Final = "SELECT id FROM messages WHERE id IN {ids} AND state = 'sending' {for_update}"
_UNKNOWN: Final = """
UPDATE messages SET state = 'unknown', failure = :why, provider_id = :provider, cost_minor = :cost,
 lease_until = NULL, settled_at = :now WHERE id = :id AND state = 'sending'
"""
_FAILED: Final = """
UPDATE messages SET state = 'failed', failure = :why, refused_by = :refused_by, lease_until = NULL,
 segments = 0, settled_at = :now WHERE id = :id AND state = 'sending'
"""
# Gateway and moment of the try stay: a report may yet say that it was taken.
_AGAIN: Final = """
UPDATE messages SET state = 'queued', due_at = :due, failure = :why, refused_by = :refused_by,
 lease_until = NULL, attempts = :attempts, segments = 0
WHERE id = :id AND state = 'sending'
"""


class Outcome(StrEnum):
    """What became of one text of a call."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # certainly not taken, and never will be by this gateway
    RETRY = "retry"  # certainly not taken now
    UNKNOWN = "unknown"  # may have been taken


@dataclass(frozen=True, slots=True)
class Said:
    """What the gateway said of one text. ``cost_minor`` is None where it names no price of ours.

    ``others`` are the gateways of its route that might still take it. ``again_ms`` is when the
    gateway may be tried again, where it is known (then the attempt is not counted: the text is
    not the reason; it is due at once where the plan can go round that gateway).
    """

    text: Claimed
    outcome: Outcome
    provider_id: str | None = None
    why: str = ""
    cost_minor: int | None = None
    others: Sequence[str] = ()
    again_ms: int | None = None


Settled = tuple[Call, Sequence[Said]]


def settle(session: Session, calls: Sequence[Settled], now_ms: int) -> None:
    """Record the outcome of every text of calls that ``begin`` marked. Safe to repeat.

    What was certainly not taken goes to the next gateway of its route, or waits and tries again,
    or has failed; what may have been taken is unknown, for a report or a person to settle.
    """
    accepted: list[tuple[int, str | None, int]] = []
    known: dict[str, list[str]] = {}
    for call, said in calls:
        for one in said:
            if one.outcome is Outcome.ACCEPTED:
                accepted.append((one.text.id, one.provider_id, _cost(call, one)))
                if one.provider_id:
                    known.setdefault(call.gateway, []).append(one.provider_id)
    if accepted:
        run(session, _ACCEPTED, {"results": ids(accepted), "now": now_ms})
    for call, said in calls:
        _settle_rest(session, call, said, now_ms)
    for gateway, provider_ids in sorted(known.items()):
        place_early(session, gateway, provider_ids, now_ms)


def _settle_rest(session: Session, call: Call, said: Sequence[Said], now_ms: int) -> None:
    unknown = [one for one in said if one.outcome is Outcome.UNKNOWN]
    not_taken = [one for one in said if one.outcome in (Outcome.REFUSED, Outcome.RETRY)]
    if not_taken:
        # A lease may have run out, or a report come first: then the text and its cost stay.
        mine = run(session, _MINE, {"ids": ids(one.text.id for one in not_taken)})
        in_call = {row.id for row in mine}
        not_taken = [one for one in not_taken if one.text.id in in_call]
    run_many(session, _UNKNOWN, [_taken(call, one, now_ms) for one in unknown])
    again, failed = _sorted(call, not_taken, now_ms)
    run_many(session, _AGAIN, again)
    run_many(session, _FAILED, failed)
    if not_taken:
        if call.counted:
            uncount(session, [one.text.contact_id for one in not_taken], call.day)
        book(session, call, [one.text for one in not_taken], sign=-1)
    taken = (Outcome.ACCEPTED, Outcome.UNKNOWN)
    _correct_costs(session, call, [one for one in said if one.outcome in taken])


def _taken(call: Call, one: Said, now_ms: int) -> dict[str, Any]:
    return {
        "id": one.text.id,
        "provider": one.provider_id,
        "cost": _cost(call, one),
        "now": now_ms,
        "why": one.why[:40] or None,
    }


def _cost(call: Call, one: Said) -> int:
    return call.price_minor * call.segments if one.cost_minor is None else one.cost_minor


def _correct_costs(session: Session, call: Call, taken: Sequence[Said]) -> None:
    """Booked was the pack's price; the gateway may ask another."""
    expected = call.price_minor * call.segments
    wrong: dict[int, int] = {}
    for one in taken:
        council = one.text.council_id or 0
        wrong[council] = wrong.get(council, 0) + _cost(call, one) - expected
    for council, cost_minor in sorted(wrong.items()):
        if cost_minor:
            correct(session, call, council, segments=0, cost_minor=cost_minor)


def _sorted(
    call: Call, not_taken: Sequence[Said], now_ms: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Those that are tried again, and those that have failed."""
    again: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for one in not_taken:
        values = _next_try(call.gateway, one, now_ms)
        (again if values["due"] is not None else failed).append(values)
    return again, failed


def _next_try(gateway: str, one: Said, now_ms: int) -> dict[str, Any]:
    attempts, refused_by = one.text.attempts + 1, one.text.refused_by
    due: int | None = None
    if one.outcome is Outcome.RETRY and one.again_ms is not None:
        attempts = one.text.attempts
        due = now_ms if one.others else one.again_ms + _jittered(5)
    elif one.outcome is Outcome.RETRY and attempts <= len(RETRY_SECONDS):
        due = now_ms + _jittered(RETRY_SECONDS[attempts - 1])
    else:
        refused_by = f"{refused_by},{gateway}".lstrip(",")
        if one.others:
            attempts, due = 0, now_ms
    return {
        "id": one.text.id,
        "due": due,
        "why": one.why[:40] or one.outcome.value,
        "refused_by": refused_by,
        "attempts": attempts,
        "now": now_ms,
    }


def _jittered(seconds: int) -> int:
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
    return int(seconds * 1000 * spread)
