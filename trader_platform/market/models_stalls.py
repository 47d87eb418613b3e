"""Who holds a stall from when to when; the database refuses an overlap on the same share."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import Base


class Occupancy(Base):
    """A trader holds a stall, or one share of it, from a day to a day (both included).

    ``ends_on`` is empty while it lasts. Migration 0006 seals it against overlaps: an exclusion
    constraint on PostgreSQL, triggers on SQLite.
    """

    __tablename__ = "occupancies"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="order"),
        CheckConstraint("share BETWEEN 1 AND 9", name="share"),
        Index("ix_occupancies_stall", "stall_id", "share", "starts_on"),
        Index("ix_occupancies_trader", "trader_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stall_id: Mapped[int] = mapped_column(ForeignKey("stalls.id"))
    share: Mapped[int] = mapped_column(default=1)
    trader_id: Mapped[int] = mapped_column(ForeignKey("traders.id"))
    council_id: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    entered_by: Mapped[str] = mapped_column(String(40))
