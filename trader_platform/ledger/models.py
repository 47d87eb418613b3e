"""The books. Triggers seal every row here on both databases (see migration 0007): an entry is
posted once, with postings that balance, and nothing of it changes afterwards.
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
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import BIG_ID, Base


class LedgerAccount(Base):
    """One account of a council. ``guarded`` ones (cash in a hand, advances) may not go below zero.

    ``code`` is the chart's number, with the holder where there is one: ``1200:48217``.
    """

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("council_id", "code"),
        CheckConstraint("kind IN ('asset', 'liability', 'income', 'expense')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    code: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(9))
    currency: Mapped[str] = mapped_column(String(3))
    guarded: Mapped[bool] = mapped_column(default=False)


class GuardedBalance(Base):
    """What a guarded account holds in its own direction; rebuilt from postings at any time.

    It exists to refuse a negative balance in the statement that would make one.
    """

    __tablename__ = "guarded_balances"
    __table_args__ = (CheckConstraint("held_minor >= 0", name="held"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    held_minor: Mapped[int] = mapped_column(BigInteger, default=0)


class Entry(Base):
    """One booking. ``idem_key`` is kept for ever with the keyed hash of what was asked."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("idem_key"),
        UniqueConstraint("reverses"),
        Index("ix_ledger_entries_council", "council_id", "id"),
        Index("ix_ledger_entries_day", "council_id", "effective_date"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    kind: Mapped[str] = mapped_column(String(24))
    idem_key: Mapped[str] = mapped_column(String(160))
    request_hash: Mapped[str] = mapped_column(String(32))
    effective_date: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[int] = mapped_column(BigInteger)  # ms since 1970
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(String(40))
    reverses: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"))
    posted: Mapped[bool] = mapped_column(default=False)


class Posting(Base):
    """One line of an entry: debits are positive, credits negative, in minor units."""

    __tablename__ = "postings"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount"),
        Index("ix_postings_entry", "entry_id"),
        Index("ix_postings_account", "account_id", "day"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    council_id: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class ChainLink(Base):
    """The place of an entry in its council's chain; written after the commit, in order."""

    __tablename__ = "ledger_chain"
    __table_args__ = (UniqueConstraint("council_id", "seq"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"), primary_key=True)
    council_id: Mapped[int]
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))  # of the link before and this entry's content


class DailyHead(Base):
    """The last link when a council's day was over, signed: it proves what the books said then."""

    __tablename__ = "daily_heads"

    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(24))
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class SigningKey(Base):
    """Public halves of the keys that ever signed, published and kept."""

    __tablename__ = "signing_keys"

    key_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    first_seen: Mapped[int] = mapped_column(BigInteger)
