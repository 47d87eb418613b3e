"""Words of the outbox: classes, states, and what a text is before it is worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class MessageClass(IntEnum):
    """Why a text is sent; it decides cap, quiet hours, STOP and budget, and who goes first."""

    ANSWER = 0
    TRANSACTIONAL = 1
    NOTICE = 2
    CAMPAIGN = 3


class State(StrEnum):
    """Where an outgoing text is; it only moves forward.

    ``SENDING`` is committed before a gateway is called, so that after a kill only what may really
    have been handed over is ``UNKNOWN``. Unknown is never sent again.
    """

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A text to queue: a kind and its parameters, to whom and why.

    ``reason`` is unique for ever: a second text with it is not queued. ``params`` hold ids and
    numbers (and at most a word that the reader typed herself), never a name or a phone number.
    ``offers`` is what the digits 1-9, MORE and CALL n mean once this text was sent.
    ``act_at`` is when the act was done that causes the text; ``due_at`` when it may go at the
    earliest (else at once), ``expires_at`` when it is worth nothing any more.
    """

    kind: str
    contact_id: int
    pack_id: int
    reason: str
    act_at: datetime
    params: Mapping[str, Any] = field(default_factory=dict)
    offers: Mapping[str, Any] | None = None
    council_id: int | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
