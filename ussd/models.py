"""The table of dialogues. The hop path reads and writes it by its own statements (``store``)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import Base


class UssdSession(Base):
    """One dialogue: a row per gateway session, swapped forward hop by hop.

    ``state`` is the sealed draft, transcript mark and last reply, emptied when pruned; ``trail``
    (screen ids and seconds, nothing personal) stays for statistics. Times are milliseconds.
    A hop changes no indexed column, so that its swap rewrites no index.
    """

    __tablename__ = "ussd_sessions"
    __table_args__ = (
        Index("ix_ussd_sessions_phone", "phone_hash", "started_at"),
        Index("ix_ussd_sessions_started", "started_at"),
    )

    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    phone_hash: Mapped[str] = mapped_column(String(32))
    service_code: Mapped[str] = mapped_column(String(24))
    hop: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    redial: Mapped[str] = mapped_column(String(2))
    state: Mapped[bytes | None] = mapped_column(LargeBinary)
    trail: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8))
    pack_id: Mapped[int]
    council_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10), default="open")
    started_at: Mapped[int] = mapped_column(BigInteger)
    touched_at: Mapped[int] = mapped_column(BigInteger)
