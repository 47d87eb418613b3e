"""What all workers share about a gateway: a circuit breaker and a token bucket. Never commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from trader_platform.messaging.outbox_sql import look, run

# So many failed calls in a row open the breaker; then one call at a time tries whether it is back.
FAILURES_THAT_OPEN: Final = 5
OPEN_MS: Final = 30_000
# The one call that tries: nobody else calls while it may run.
PROBE_MS: Final = 15_000
# A bucket holds two seconds' worth, and at least one call.
BURST_SECONDS: Final = 2

_LEFT_ALONE: Final = """
SELECT name, failures, open_until FROM gateway_states
WHERE failures >= :most OR open_until > :now
"""
_MAKE: Final = """
INSERT INTO gateway_states (name, failures, open_until, tokens, refilled_at)
VALUES (:name, 0, 0, :full, :now) ON CONFLICT (name) DO NOTHING
"""
_PROBE: Final = """
UPDATE gateway_states SET open_until = :until
WHERE name = :name AND failures >= :most AND open_until <= :now RETURNING name
"""
_FAILED: Final = """
UPDATE gateway_states SET failures = failures + :weight,
 open_until = CASE WHEN failures + :weight >= :most THEN :until ELSE open_until END
WHERE name = :name
"""
_PAUSED: Final = """
UPDATE gateway_states SET open_until = CASE WHEN open_until > :until THEN open_until ELSE :until END
WHERE name = :name
"""
_WORKED: Final = """
UPDATE gateway_states SET failures = 0, open_until = 0 WHERE name = :name AND failures > 0
"""
_FILLED: Final = "(tokens + (:now - refilled_at) * :rate)"
_TAKE: Final = f"""
UPDATE gateway_states SET refilled_at = :now,
 tokens = CASE WHEN {_FILLED} > :full THEN :full ELSE {_FILLED} END - :cost
WHERE name = :name AND {_FILLED} >= :cost RETURNING tokens
"""  # noqa: S608 - constants only
_STATE: Final = "SELECT failures, open_until FROM gateway_states WHERE name = :name"
_LEFT: Final = "SELECT tokens, refilled_at FROM gateway_states WHERE name = :name"


@dataclass(frozen=True, slots=True)
class Limits:
    """What composition says of a gateway: texts a second at most, None where it sets no limit."""

    texts_a_second: int | None = None


@dataclass(frozen=True, slots=True)
class Breakers:
    """Gateways that are left alone, and until when; and those whose next call is to try them."""

    open_until: Mapping[str, int]
    on_trial: frozenset[str]


def breakers(connection: Connection, now_ms: int) -> Breakers:
    """What is open or on trial now; a gateway that asked for quiet is left alone as well."""
    rows = look(connection, _LEFT_ALONE, {"most": FAILURES_THAT_OPEN, "now": now_ms})
    left_alone = {row.name: int(row.open_until) for row in rows if row.open_until > now_ms}
    return Breakers(left_alone, frozenset(row.name for row in rows) - left_alone.keys())


def admit(session: Session, name: str, texts: int, limits: Limits, now_ms: int) -> int:
    """0 where a call with so many texts may go now; else how many ms later to ask again.

    Taken tokens are not given back: a call that failed was a call.
    """
    full = max(texts, (limits.texts_a_second or 0) * BURST_SECONDS) * 1000
    state = _state(session, name, full, now_ms)
    if state.open_until > now_ms:
        return int(state.open_until - now_ms)
    if state.failures >= FAILURES_THAT_OPEN:
        probe = {"name": name, "until": now_ms + PROBE_MS, "most": FAILURES_THAT_OPEN}
        if not run(session, _PROBE, probe | {"now": now_ms}):
            return PROBE_MS
    if limits.texts_a_second is None:
        return 0
    cost = texts * 1000
    values = {"name": name, "rate": limits.texts_a_second, "full": full, "now": now_ms}
    if run(session, _TAKE, values | {"cost": cost}):
        return 0
    left = run(session, _LEFT, {"name": name})[0]
    missing = cost - left.tokens - (now_ms - left.refilled_at) * limits.texts_a_second
    return int(max(1, -(-missing // limits.texts_a_second)))


def _state(session: Session, name: str, full: int, now_ms: int) -> Any:
    found = run(session, _STATE, {"name": name})
    if not found:
        run(session, _MAKE, {"name": name, "full": full, "now": now_ms})
        found = run(session, _STATE, {"name": name})
    return found[0]


def note_failure(session: Session, name: str, now_ms: int, *, for_all: bool = False) -> None:
    """A call failed in a way that says something of the gateway, not of its texts.

    ``for_all``: no other call can work either (our account is refused), so the breaker opens now.
    """
    values = {"name": name, "until": now_ms + OPEN_MS, "most": FAILURES_THAT_OPEN}
    run(session, _FAILED, values | {"weight": FAILURES_THAT_OPEN if for_all else 1})


def note_pause(session: Session, name: str, until_ms: int) -> None:
    """The gateway asked for quiet: nobody calls before ``until_ms``."""
    run(session, _PAUSED, {"name": name, "until": until_ms})


def note_success(session: Session, name: str) -> None:
    """A call was answered: the breaker closes."""
    run(session, _WORKED, {"name": name})
