"""What people do at the market: offers, sales, prices seen."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import BIG_ID, Base, UtcDateTime


class Listing(Base):
    """Goods offered by a trader; the price is for one unit."""

    __tablename__ = "listings"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND quantity_left >= 0", name="quantity"),
        CheckConstraint("price_minor > 0", name="price"),
        CheckConstraint("status IN ('open', 'sold', 'stopped')", name="status"),
        Index(
            "ix_listings_for_sale",
            "product_id",
            "market_id",
            "expires_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_listings_trader", "trader_id", "id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    trader_id: Mapped[int] = mapped_column(ForeignKey("traders.id"))
    council_id: Mapped[int | None]
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    quantity: Mapped[int]
    quantity_left: Mapped[int]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(8), default="open")
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_on: Mapped[date] = mapped_column(Date)
    channel: Mapped[str] = mapped_column(String(10))


class Transaction(Base):
    """A sale that the trader recorded; taken out by a mark, never by deletion."""

    __tablename__ = "transactions"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_transactions_trader_day", "trader_id", "sold_on"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    trader_id: Mapped[int] = mapped_column(ForeignKey("traders.id"))
    council_id: Mapped[int | None]
    market_id: Mapped[int | None] = mapped_column(ForeignKey("markets.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    quantity: Mapped[int | None]
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listings.id"), index=True)
    sold_on: Mapped[date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(8), default="counted")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(String(10))


class PriceReport(Base):
    """One price, of one unit, seen at one place on one day.

    ``source_key`` names it for ever (an import row, an act), so that reading a file twice adds
    nothing. ``state`` is what the filters said: counted, or held with the reason in ``held_for``.
    """

    __tablename__ = "price_reports"
    __table_args__ = (
        CheckConstraint("price_minor > 0", name="price"),
        Index("ix_price_reports_place", "market_id", "product_id", "unit_id", "seen_on"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    source_key: Mapped[str] = mapped_column(String(120), unique=True)
    source: Mapped[str] = mapped_column(String(10))
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    per_kilo_minor: Mapped[int | None]
    wholesale: Mapped[bool] = mapped_column(default=False)
    seen_on: Mapped[date] = mapped_column(Date)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(8), default="counted")
    held_for: Mapped[str | None] = mapped_column(String(20))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PriceWeek(Base):
    """Low, usual and high of a product, a unit and a place in one ISO week, from counted reports.

    Derived: ``prices.rebuild`` can drop and remake every row from the reports alone.
    """

    __tablename__ = "price_weeks"
    __table_args__ = (
        Index("ix_price_weeks_product", "product_id", "unit_id", "week_of"),
        Index("ix_price_weeks_recent", "market_id", "week_of"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    wholesale: Mapped[bool] = mapped_column(primary_key=True)
    week_of: Mapped[date] = mapped_column(Date, primary_key=True)
    reports: Mapped[int]
    low_minor: Mapped[int]
    first_quartile_minor: Mapped[int]
    median_minor: Mapped[int]
    third_quartile_minor: Mapped[int]
    high_minor: Mapped[int]
    median_per_kilo_minor: Mapped[int | None]
    last_seen_on: Mapped[date] = mapped_column(Date)


class CallRequest(Base):
    """A buyer gave her number to one seller, once (CALL n): at most so many a day."""

    __tablename__ = "call_requests"
    __table_args__ = (
        UniqueConstraint("contact_id", "listing_id"),
        Index("ix_call_requests_day", "contact_id", "asked_on"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    council_id: Mapped[int | None]
    asked_on: Mapped[date] = mapped_column(Date)
    channel: Mapped[str] = mapped_column(String(10))
