"""Staff of councils. A name is plain: traders are told who may take duty. A phone is sealed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import Base, UtcDateTime


class Staff(Base):
    """One person who works for a council; the same phone may work for two."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("council_id", "phone_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    name: Mapped[str] = mapped_column(String(60))
    phone_hash: Mapped[str | None] = mapped_column(String(32), index=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pin_hash: Mapped[str | None] = mapped_column(String(160))
    pin_failures: Mapped[int] = mapped_column(default=0)
    pin_locked_until: Mapped[int | None] = mapped_column(BigInteger)  # ms since 1970
    demo: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Assignment(Base):
    """A role from a day to a day (both held), at one market or in the whole council."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint(
            "role IN ('collector', 'master', 'cashier', 'finance', 'admin', 'auditor')",
            name="role",
        ),
        Index("ix_assignments_staff", "staff_id"),
        Index("ix_assignments_market", "market_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    council_id: Mapped[int]
    role: Mapped[str] = mapped_column(String(9))
    market_id: Mapped[int | None] = mapped_column(ForeignKey("markets.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)


class Badge(Base):
    """Four digits and a check digit (Damm) that a trader can ask about; never given out again."""

    __tablename__ = "badges"
    __table_args__ = (
        UniqueConstraint("number"),
        Index(
            "uq_badges_staff_live",
            "staff_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    number: Mapped[str] = mapped_column(String(5))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
