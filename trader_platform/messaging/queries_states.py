"""What became of texts, found by the ids that their gateway gave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from trader_platform.messaging.models import InboundText, Message


@dataclass(frozen=True, slots=True)
class SentState:
    """An outgoing text; ``cost_minor`` is of all its segments, None where the gateway told none."""

    provider_id: str | None
    kind: str
    state: str
    segments: int
    cost_minor: int | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class HeardState:
    """A text that came in; ``outcome`` is the kind that answered it, or why nothing did."""

    provider_id: str
    state: str
    outcome: str | None


def sent_states(
    connection: Connection, gateway: str, provider_ids: Sequence[str]
) -> list[SentState]:
    """Those of these texts that the gateway took from us, in no order."""
    m = Message
    columns = (m.provider_id, m.kind, m.state, m.segments, m.cost_minor, m.failure)
    rows = connection.execute(
        select(*columns).where(m.provider_id.in_(provider_ids), m.gateway == gateway)
    )
    return [SentState(*row) for row in rows]


def heard_states(
    connection: Connection, gateway: str, provider_ids: Sequence[str]
) -> list[HeardState]:
    """Those of these texts that were stored, in no order."""
    i = InboundText
    rows = connection.execute(
        select(i.provider_id, i.state, i.outcome).where(
            i.gateway == gateway, i.provider_id.in_(provider_ids)
        )
    )
    return [HeardState(*row) for row in rows]
