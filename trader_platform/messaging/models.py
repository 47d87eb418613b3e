"""Tables of texts. Moments are milliseconds since 1970: a drain reads and writes them by the
hundred thousand, and converting them to and from ``datetime`` would cost more than the rows.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import BIG_ID, Base


class Contact(Base):
    """One phone that texted us or may be texted, and what its owner said about being texted.

    A person with the same ``phone_hash`` is its owner; erasing empties hash and seal of both:
    of the contact once its last text, ``goodbye_id``, has left or was given up.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        CheckConstraint("stopped IN ('', 'most', 'all')", name="stopped"),
        Index(
            "ix_contacts_goodbye",
            "goodbye_id",
            sqlite_where=text("goodbye_id IS NOT NULL"),
            postgresql_where=text("goodbye_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    phone_hash: Mapped[str | None] = mapped_column(String(32), unique=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # bound to phone_hash
    stopped: Mapped[str] = mapped_column(String(4), default="")  # STOP, STOP ALL
    stopped_topics: Mapped[str] = mapped_column(String(120), default="")  # comma-separated
    opted_out: Mapped[bool] = mapped_column(default=False)  # by the gateway: nothing is sent
    misses: Mapped[int] = mapped_column(default=0)  # texts in a row that nobody understood
    capped_on: Mapped[date | None] = mapped_column(Date)  # the day that ``capped_count`` is of
    capped_count: Mapped[int] = mapped_column(default=0)
    told_stopped_at: Mapped[int | None] = mapped_column(BigInteger)
    goodbye_id: Mapped[int | None] = mapped_column(BIG_ID)
    created_at: Mapped[int] = mapped_column(BigInteger)


class InboundText(Base):
    """A text as it came in, stored before it is acknowledged; answered in order for each contact.

    ``words`` is sealed, bound to ``gateway:provider_id``, and emptied after 90 days.
    ``words_hash`` tells a text sent twice within two minutes. ``contact_id`` is empty for a sender
    that is no phone.
    """

    __tablename__ = "inbound_texts"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_id"),
        CheckConstraint("state IN ('waiting', 'answered', 'silent')", name="state"),
        Index(
            "ix_inbound_texts_waiting",
            "contact_id",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_inbound_texts_oldest",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_inbound_texts_contact", "contact_id", "id"),
        Index(
            "ix_inbound_texts_kept_words",
            "received_at",
            sqlite_where=text("words IS NOT NULL"),
            postgresql_where=text("words IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(24))
    provider_id: Mapped[str] = mapped_column(String(96))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    council_id: Mapped[int | None]
    texted: Mapped[str] = mapped_column(String(24), default="")  # the number that was texted
    network: Mapped[str | None] = mapped_column(String(24))
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    words_hash: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    outcome: Mapped[str | None] = mapped_column(String(32))  # the kind answered, or why silent
    received_at: Mapped[int] = mapped_column(BigInteger)
    answered_at: Mapped[int | None] = mapped_column(BigInteger)


class Message(Base):
    """One outgoing text: a kind and its parameters, worded only when it is sent.

    ``priority`` is the message class. ``lease_until`` marks a claim; ``refused_by`` names gateways
    that certainly did not take it. ``segments`` is 0 as long as no gateway can have it.
    ``gateway`` and ``sent_at`` are of the last try, also of one that certainly failed.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'sending', 'accepted', 'delivered', 'failed', 'expired',"
            " 'unknown')",
            name="state",
        ),
        CheckConstraint("priority BETWEEN 0 AND 3", name="priority"),
        Index(
            "ix_messages_due",
            "priority",
            "due_at",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_messages_in_flight",  # not by lease: to change an indexed column costs every index
            "id",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(
            "ix_messages_unknown",
            "contact_id",
            "settled_at",
            sqlite_where=text("state = 'unknown'"),
            postgresql_where=text("state = 'unknown'"),
        ),
        Index(
            "ix_messages_open_answers",
            "contact_id",
            "id",
            sqlite_where=text("priority = 0 AND state IN ('queued', 'sending')"),
            postgresql_where=text("priority = 0 AND state IN ('queued', 'sending')"),
        ),
        Index(
            "ix_messages_kept_params",
            "act_at",
            sqlite_where=text("priority = 0 AND params <> '{}'"),
            postgresql_where=text("priority = 0 AND params <> '{}'"),
        ),
        Index("ix_messages_contact", "contact_id", "id"),
        Index(
            "ix_messages_provider",
            "provider_id",
            "gateway",
            sqlite_where=text("provider_id IS NOT NULL"),
            postgresql_where=text("provider_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    reason: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    priority: Mapped[int]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    council_id: Mapped[int | None]
    day: Mapped[date] = mapped_column(Date)
    params: Mapped[str] = mapped_column(Text)
    offers: Mapped[str | None] = mapped_column(Text)
    act_at: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(9), default="queued")
    lease_until: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    gateway: Mapped[str | None] = mapped_column(String(24))
    provider_id: Mapped[str | None] = mapped_column(String(96))
    refused_by: Mapped[str] = mapped_column(String(120), default="")
    segments: Mapped[int] = mapped_column(default=0)
    cost_minor: Mapped[int | None]
    failure: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[int | None] = mapped_column(BigInteger)
    settled_at: Mapped[int | None] = mapped_column(BigInteger)


class DeliveryReport(Base):
    """What a gateway said of a text, once for each status; ``placed`` once it moved one."""

    __tablename__ = "delivery_reports"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_id", "status"),
        Index("ix_delivery_reports_received", "received_at"),
        Index(
            "ix_delivery_reports_early",
            "received_at",
            sqlite_where=text("outcome = 'early'"),
            postgresql_where=text("outcome = 'early'"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(24))
    provider_id: Mapped[str] = mapped_column(String(96))
    status: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str | None] = mapped_column(String(40))
    message_id: Mapped[int | None] = mapped_column(BIG_ID)
    contact_id: Mapped[int | None] = mapped_column(BIG_ID)
    outcome: Mapped[str] = mapped_column(String(12))  # placed, early, repeated, contradicts ...
    seen: Mapped[int] = mapped_column(default=1)
    received_at: Mapped[int] = mapped_column(BigInteger)


class TextSpend(Base):
    """Segments and cost of a council's texts on a day; council 0 is the service itself.

    Booked before a text is handed over, corrected when it was not taken. ``counted_minor`` is the
    part of notices and campaigns, which the council's budget bounds.
    """

    __tablename__ = "text_spend"

    council_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(24), primary_key=True)
    segments: Mapped[int] = mapped_column(BigInteger, default=0)
    cost_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    counted_minor: Mapped[int] = mapped_column(BigInteger, default=0)


class GatewayState(Base):
    """What all workers share about a gateway: its breaker and its token bucket.

    ``failures`` in a row open the breaker until ``open_until``; ``tokens`` are thousandths of a
    text, as of ``refilled_at``.
    """

    __tablename__ = "gateway_states"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    refilled_at: Mapped[int] = mapped_column(BigInteger, default=0)
