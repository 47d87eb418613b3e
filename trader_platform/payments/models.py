"""Payments and their receipts. Receipts are sealed by triggers: only their state moves, once."""

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


class Payment(Base):
    """Money somebody gave for a fee account; both days and the provider's id, for matching later.

    ``payer`` is the keyed hash of the phone that paid, where one did. ``our_ref`` ends in a check
    digit (Damm).
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("idem_key"),
        UniqueConstraint("our_ref"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("state IN ('booked', 'void_asked', 'reversed')", name="state"),
        Index(
            "uq_payments_provider_txid",
            "provider",
            "provider_txid",
            unique=True,
            sqlite_where=text("provider_txid IS NOT NULL"),
            postgresql_where=text("provider_txid IS NOT NULL"),
        ),
        Index("ix_payments_account", "account_id", "id"),
        Index("ix_payments_badge", "badge_id", "paid_on", "id"),
        Index("ix_payments_council", "council_id", "paid_on", "id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    idem_key: Mapped[str] = mapped_column(String(160))
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("fee_accounts.id"))
    channel: Mapped[str] = mapped_column(String(10))  # cash, or a wallet later
    provider: Mapped[str | None] = mapped_column(String(24))
    provider_txid: Mapped[str | None] = mapped_column(String(80))
    our_ref: Mapped[str] = mapped_column(String(16))
    payer: Mapped[str | None] = mapped_column(String(32))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    fee_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    badge_id: Mapped[int | None] = mapped_column(ForeignKey("badges.id"))
    source: Mapped[str] = mapped_column(String(10))  # ussd, web, statement
    paid_on: Mapped[date] = mapped_column(Date)
    paid_at: Mapped[int] = mapped_column(BigInteger)  # ms since 1970
    recorded_at: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default="booked")
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    reversal_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"))


class ReceiptSeries(Base):
    """A gapless row of numbers: of a council, a year and a badge, device or channel."""

    __tablename__ = "receipt_series"
    __table_args__ = (UniqueConstraint("council_id", "year", "holder"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    year: Mapped[int]
    holder: Mapped[str] = mapped_column(String(24))
    last_serial: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[str] = mapped_column(String(64), default="")


class Receipt(Base):
    """Proof of one payment. ``code`` is what people type; ``content`` what was signed (JSON)."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("series_id", "serial"),
        UniqueConstraint("code"),
        UniqueConstraint("payment_id"),
        CheckConstraint("state IN ('good', 'void')", name="state"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("receipt_series.id"))
    serial: Mapped[int]
    code: Mapped[str] = mapped_column(String(8))
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    council_id: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))  # over content and the one before
    key_id: Mapped[str] = mapped_column(String(24))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(4), default="good")
    voided_on: Mapped[date | None] = mapped_column(Date)
    void_reason: Mapped[str | None] = mapped_column(String(18))


class CodeAsked(Base):
    """A well-formed code that no receipt has: a forgery or a guess, kept for the council."""

    __tablename__ = "codes_asked"
    __table_args__ = (
        Index("ix_codes_asked_day", "day"),
        Index("ix_codes_asked_asker", "asker", "asked_at"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    day: Mapped[date] = mapped_column(Date)
    asked_at: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(10))
    asker: Mapped[str | None] = mapped_column(String(32))  # keyed hash of phone or address
