"""Tariffs: never edited, only followed by another row with a later date."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import Base


class Tariff(Base):
    """What a council asks for one kind of fee; an empty market, class or day type means all.

    ``accrues`` says whether a day's fee is owed by holding the stall or by trading that day.
    ``rank`` orders fees when a payment is apportioned: lower first.
    """

    __tablename__ = "tariffs"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("accrues IN ('held', 'traded')", name="accrues"),
        CheckConstraint("day_type IN ('', 'lumo', 'festival')", name="day_type"),
        Index("ix_tariffs_key", "council_id", "fee", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int | None] = mapped_column(ForeignKey("markets.id"))
    goods_class_id: Mapped[int | None] = mapped_column(ForeignKey("goods_classes.id"))
    space_class: Mapped[str] = mapped_column(String(10), default="", server_default="")
    day_type: Mapped[str] = mapped_column(String(8), default="", server_default="")
    festival: Mapped[str] = mapped_column(String(20), default="", server_default="")
    fee: Mapped[str] = mapped_column(String(20))
    per: Mapped[str] = mapped_column(String(10))
    accrues: Mapped[str] = mapped_column(String(6), default="traded", server_default="traded")
    rank: Mapped[int] = mapped_column(default=0, server_default="0")
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    valid_from: Mapped[date] = mapped_column(Date)
    date_precision: Mapped[str] = mapped_column(String(5))
    bylaw: Mapped[str] = mapped_column(String(60), default="", server_default="")
    source_date: Mapped[date | None] = mapped_column(Date)
    certainty: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)
