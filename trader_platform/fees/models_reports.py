"""What traders report, what a council says it spent, and who asked it to say so."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import BIG_ID, Base


class Report(Base):
    """*Charged too much*, *no ticket*, *not a real collector*; ``trader_id`` empty: no name.

    An anonymous report keeps nobody's number: only who gave a name is answered by text.
    """

    __tablename__ = "fee_reports"
    __table_args__ = (
        UniqueConstraint("ref"),
        CheckConstraint("kind IN ('overcharge', 'no_ticket', 'badge')", name="kind"),
        CheckConstraint("state IN ('open', 'right', 'wrong', 'reopened')", name="state"),
        Index("ix_fee_reports_council", "council_id", "state", "id"),
        Index("ix_fee_reports_badge", "badge", "day"),
        Index("ix_fee_reports_trader", "trader_id", "id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    ref: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(10))
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int | None] = mapped_column(ForeignKey("markets.id"))
    trader_id: Mapped[int | None] = mapped_column(ForeignKey("traders.id"))
    goods_class_id: Mapped[int | None] = mapped_column(ForeignKey("goods_classes.id"))
    badge: Mapped[str | None] = mapped_column(String(5))
    due_minor: Mapped[int | None] = mapped_column(BigInteger)
    paid_minor: Mapped[int | None] = mapped_column(BigInteger)
    day: Mapped[date] = mapped_column(Date)
    answer_by: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8), default="open")
    answered_by: Mapped[str | None] = mapped_column(String(40))
    answered_on: Mapped[date | None] = mapped_column(Date)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    told_at: Mapped[int] = mapped_column(BigInteger)


class Spending(Base):
    """What a council says it spent at a market in a month, or plans to (``due_on``)."""

    __tablename__ = "spending"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_spending_market", "market_id", "month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    month: Mapped[date] = mapped_column(Date)  # its first day
    what: Mapped[str] = mapped_column(String(18))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date | None] = mapped_column(Date)
    entered_by: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[int] = mapped_column(BigInteger)


class SpendingAsked(Base):
    """One person who asked what was spent at a market in a month; nobody's name is kept.

    ``asker`` is a keyed hash of the phone with market and month, emptied later by a job.
    """

    __tablename__ = "spending_asked"
    __table_args__ = (
        UniqueConstraint("market_id", "month", "asker"),
        Index("ix_spending_asked_council", "council_id", "month"),
        Index(
            "ix_spending_asked_kept",
            "asked_on",
            sqlite_where=text("asker IS NOT NULL"),
            postgresql_where=text("asker IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    month: Mapped[date] = mapped_column(Date)  # its first day
    asker: Mapped[str | None] = mapped_column(String(32))
    asked_on: Mapped[date] = mapped_column(Date)
