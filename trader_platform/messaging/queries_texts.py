"""Reads about who texts and what was texted: for the answer, and for what digits mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, select

from trader_platform.messaging.kinds import KINDS
from trader_platform.messaging.models import Contact, InboundText, Message
from trader_platform.messaging.types import State
from trader_platform.traders.models import Person, Trader

# The newest list is among the last texts of a phone: notices have no digits to speak of.
_LATEST: Final = 8
_SENT: Final = (State.ACCEPTED, State.DELIVERED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Texter:
    """Who texts: the phone, what its owner said about texts, and the person who owns it."""

    contact_id: int
    phone_hash: str | None
    phone_sealed: bytes | None
    stopped: str
    stopped_topics: str
    opted_out: bool
    misses: int
    told_stopped_at: int | None
    person_id: int | None
    person_pack_id: int | None
    language: str | None
    market_id: int | None
    leave_at: datetime | None
    held: bool | None
    trader_id: int | None
    trader_market_id: int | None
    goods_class_id: int | None


@dataclass(frozen=True, slots=True)
class OpenList:
    """What the digits, MORE and CALL n mean: the offers of the newest text that had any.

    ``sent_at`` and ``until`` are milliseconds since 1970.
    """

    kind: str
    offers: Mapping[str, Any]
    sent_at: int
    until: int


@dataclass(frozen=True, slots=True)
class Answered:
    """An earlier text of the same phone that was answered."""

    words_hash: str
    outcome: str
    received_at: int
    answered_at: int


c, p, t, i = Contact, Person, Trader, InboundText
_TEXTER: Final[tuple[Any, ...]] = (
    *(c.id, c.phone_hash, c.phone_sealed, c.stopped, c.stopped_topics, c.opted_out, c.misses),
    *(c.told_stopped_at, p.id, p.pack_id, p.language, p.market_id, p.leave_at, p.held),
    *(t.id, t.market_id, t.goods_class_id),
)
_ANSWERED: Final[tuple[Any, ...]] = (i.words_hash, i.outcome, i.received_at, i.answered_at)


def texter(connection: Connection, contact_id: int) -> Texter:
    """A contact and its person; raises NoResultFound for no contact."""
    row = connection.execute(
        select(*_TEXTER)
        .outerjoin(p, p.phone_hash == c.phone_hash)
        .outerjoin(t, and_(t.person_id == p.id, t.status == "active"))
        .where(c.id == contact_id)
    ).one()
    return Texter(*row)


def open_list(connection: Connection, contact_id: int, now_ms: int) -> OpenList | None:
    """The newest text with offers that this phone was sent, while its digits are answered.

    Once that lapsed, an older one does not come back; texts that still wait do not count.
    """
    m = Message
    rows = connection.execute(
        select(m.kind, m.offers, m.sent_at)
        .where(
            m.contact_id == contact_id,
            m.offers.is_not(None),
            m.sent_at.is_not(None),
            m.state.in_(_SENT),
        )
        .order_by(m.id.desc())
        .limit(_LATEST)
    ).all()
    newest = max(rows, key=lambda row: row.sent_at, default=None)
    if newest is None:
        return None
    until = newest.sent_at + KINDS[newest.kind].offers_seconds * 1000
    if now_ms >= until:
        return None
    return OpenList(newest.kind, json.loads(newest.offers), newest.sent_at, until)


def answered_since(
    connection: Connection, contact_id: int, since_ms: int, *, limit: int
) -> list[Answered]:
    """A phone's texts that were answered since a moment, the newest first."""
    rows = connection.execute(
        select(*_ANSWERED)
        .where(i.contact_id == contact_id, i.state == "answered", i.answered_at > since_ms)
        .order_by(i.id.desc())
        .limit(limit)
    )
    return [Answered(*row) for row in rows]


def is_first(connection: Connection, contact_id: int, inbound_id: int) -> bool:
    """Whether a text is the first that its phone sent us."""
    earlier = select(InboundText.id).where(
        InboundText.contact_id == contact_id, InboundText.id < inbound_id
    )
    return connection.execute(earlier.limit(1)).first() is None
