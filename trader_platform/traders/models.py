"""A person is an identity row that erasing empties; a trader is what stays in the books."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import Base, UtcDateTime


class Person(Base):
    """One subscriber who ever chose a language; name and phone live here and nowhere else."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_leave_at", "leave_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    phone_hash: Mapped[str | None] = mapped_column(String(32), unique=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name: Mapped[str | None] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(8))
    gender: Mapped[str | None] = mapped_column(String(1))
    number_shown: Mapped[str] = mapped_column(String(8), default="asked")
    market_id: Mapped[int | None] = mapped_column(ForeignKey("markets.id"))
    consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consent_version: Mapped[int | None]
    leave_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Trader(Base):
    """Somebody who sells: a market, a kind of goods, and what hangs on them."""

    __tablename__ = "traders"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    market_id: Mapped[int | None] = mapped_column(ForeignKey("markets.id"), index=True)
    goods_class_id: Mapped[int] = mapped_column(ForeignKey("goods_classes.id"))
    status: Mapped[str] = mapped_column(String(10), default="active")
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
