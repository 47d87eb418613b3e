"""Tariffs: never edited, only followed by another row with a later date."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import Base


class Tariff(Base):
    """What a council asks for one kind of fee; an empty market or goods class means all."""

    __tablename__ = "tariffs"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount"),
        Index("ix_tariffs_key", "council_id", "fee", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int | None] = mapped_column(ForeignKey("markets.id"))
    goods_class_id: Mapped[int | None] = mapped_column(ForeignKey("goods_classes.id"))
    fee: Mapped[str] = mapped_column(String(20))
    per: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    valid_from: Mapped[date] = mapped_column(Date)
    date_precision: Mapped[str] = mapped_column(String(5))
    source_date: Mapped[date | None] = mapped_column(Date)
    certainty: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)
