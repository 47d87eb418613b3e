"""Reads about who texts and what was texted: for the answer, and for what digits mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, and_, bindparam, select

from trader_platform.messaging.kinds import KINDS
from trader_platform.messaging.models import Contact, InboundText, Message
from trader_platform.messaging.types import State
from trader_platform.traders.models import Person, Trader

# The newest list is among the last texts of a phone: notices have no digits to speak of.
_LATEST: Final = 8
# A text that is in its call may be on the phone already.
_SENT: Final = (State.SENDING, State.ACCEPTED, State.DELIVERED, State.UNKNOWN)


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


c, p, t, i, m = Contact, Person, Trader, InboundText, Message
_TEXTER: Final[tuple[Any, ...]] = (
    *(c.id, c.phone_hash, c.phone_sealed, c.stopped, c.stopped_topics, c.opted_out, c.misses),
    *(c.told_stopped_at, p.id, p.pack_id, p.language, p.market_id, p.leave_at, p.held),
    *(t.id, t.market_id, t.goods_class_id),
)
_ANSWERED: Final[tuple[Any, ...]] = (i.words_hash, i.outcome, i.received_at, i.answered_at)
_OF_CONTACT: Final[BindParameter[int]] = bindparam("contact")
# Built once: building a statement takes longer than running it.
_WHO: Final = (
    select(*_TEXTER)
    .outerjoin(p, p.phone_hash == c.phone_hash)
    .outerjoin(t, and_(t.person_id == p.id, t.status == "active"))
    .where(c.id == _OF_CONTACT)
)
_LISTS: Final = (
    select(m.kind, m.offers, m.sent_at)
    .where(
        m.contact_id == _OF_CONTACT,
        m.offers.is_not(None),
        m.sent_at.is_not(None),
        m.state.in_(_SENT),
    )
    .order_by(m.id.desc())
    .limit(_LATEST)
)
_EARLIER: Final = (
    select(*_ANSWERED)
    .where(i.contact_id == _OF_CONTACT, i.state == "answered", i.answered_at > bindparam("since"))
    .order_by(i.id.desc())
    .limit(bindparam("most"))
)
_BEFORE: Final = (
    select(i.id).where(i.contact_id == _OF_CONTACT, i.id < bindparam("inbound")).limit(1)
)


def texter(connection: Connection, contact_id: int) -> Texter:
    """A contact and its person; raises NoResultFound for no contact."""
    return Texter(*connection.execute(_WHO, {"contact": contact_id}).one())


def open_list(connection: Connection, contact_id: int, now_ms: int) -> OpenList | None:
    """The newest text with offers that this phone was sent, while its digits are answered.

    Once that lapsed, an older one does not come back. Texts that still wait do not count, nor do
    those that the phone never got (failed, expired): it still shows the list before.
    """
    rows = connection.execute(_LISTS, {"contact": contact_id}).all()
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
    values = {"contact": contact_id, "since": since_ms, "most": limit}
    return [Answered(*row) for row in connection.execute(_EARLIER, values)]


def is_first(connection: Connection, contact_id: int, inbound_id: int) -> bool:
    """Whether a text is the first that its phone sent us."""
    values = {"contact": contact_id, "inbound": inbound_id}
    return connection.execute(_BEFORE, values).first() is None
