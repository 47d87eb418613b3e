"""What is owed and what paid it: accounts, charges, adjustments, allocations, plans.

``outstanding_minor`` of a charge and ``left_minor`` of an advance are kept beside the rows they
follow from, because a duty screen reads them; ``check ledger`` derives them again.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    and_,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from trader_platform.core.db import BIG_ID, Base

_LIVE = text("status = 'live'")
_OPEN = text("status = 'live' AND outstanding_minor > 0")


class FeeAccount(Base):
    """Who owes: a trader at a stall, a trader without one, or the walk-ups of a goods class.

    ``key`` is the natural name (``stall:7:trader:3``, ``trader:3:market:1``, ``walkup:1:goods:4``).
    """

    __tablename__ = "fee_accounts"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_fee_accounts_trader", "trader_id"),
        Index("ix_fee_accounts_stall", "stall_id"),
        Index("ix_fee_accounts_market", "market_id", "id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    stall_id: Mapped[int | None] = mapped_column(ForeignKey("stalls.id"))
    trader_id: Mapped[int | None] = mapped_column(ForeignKey("traders.id"))
    goods_class_id: Mapped[int] = mapped_column(ForeignKey("goods_classes.id"))
    space_class: Mapped[str] = mapped_column(String(10), default="")


class Charge(Base):
    """One fee of one period for one account; raised once, never edited, answered by adjustments.

    ``price_minor`` is the tariff's; ``amount_minor`` what it comes to after adjustments.
    ``unit_no`` tells apart what is charged more than once in a period (walk-ups, toilets).
    """

    __tablename__ = "charges"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0 AND outstanding_minor >= 0", name="amounts"),
        CheckConstraint("outstanding_minor <= amount_minor", name="outstanding"),
        CheckConstraint("period_to >= period_from", name="period"),
        CheckConstraint("status IN ('live', 'cancelled')", name="status"),
        Index(
            "uq_charges_live",
            "account_id",
            "fee",
            "period_from",
            "period_to",
            "unit_no",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_charges_open",
            "account_id",
            "period_from",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_charges_period", "council_id", "period_from", "market_id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("fee_accounts.id"))
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    fee: Mapped[str] = mapped_column(String(20))
    period_from: Mapped[date] = mapped_column(Date)
    period_to: Mapped[date] = mapped_column(Date)
    unit_no: Mapped[int] = mapped_column(BigInteger, default=0)
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariffs.id"))
    rank: Mapped[int] = mapped_column(default=0)
    price_minor: Mapped[int] = mapped_column(BigInteger)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    outstanding_minor: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(9), default="live")
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    raised_at: Mapped[int] = mapped_column(BigInteger)


class Adjustment(Base):
    """A change of a charge with its reason; above a limit it waits for a second person."""

    __tablename__ = "adjustments"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('rebate', 'penalty', 'waiver', 'correction', 'write_off', 'closed_day')",
            name="kind",
        ),
        CheckConstraint("state IN ('asked', 'made', 'refused')", name="state"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        Index("ix_adjustments_charge", "charge_id"),
        Index("ix_adjustments_asked", "council_id", "state", "id"),
        Index("ix_adjustments_day", "council_id", "day"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    council_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int] = mapped_column(BigInteger)  # added to the charge: negative lowers it
    reason: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(7))
    made_by: Mapped[str] = mapped_column(String(40))
    approved_by: Mapped[str | None] = mapped_column(String(40))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"))
    day: Mapped[date] = mapped_column(Date)
    made_at: Mapped[int] = mapped_column(BigInteger)


class Relief(Base):
    """Days whose duty a council lets off in a market (or one zone): asked by one, granted by two.

    ``granted`` ones are let off by the job, charge by charge, and are ``done`` then.
    """

    __tablename__ = "reliefs"
    __table_args__ = (
        CheckConstraint("reason IN ('flood', 'no_sale')", name="reason"),
        CheckConstraint("state IN ('asked', 'granted', 'refused', 'done')", name="state"),
        CheckConstraint("last_day >= first_day", name="order"),
        Index("ix_reliefs_state", "council_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("councils.id"))
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    zone: Mapped[str] = mapped_column(String(10), default="")  # empty: the whole market
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(7))
    state: Mapped[str] = mapped_column(String(7))
    made_by: Mapped[str] = mapped_column(String(40))
    approved_by: Mapped[str | None] = mapped_column(String(40))
    asked_at: Mapped[int] = mapped_column(BigInteger)


class Allocation(Base):
    """So much of a payment (or of an account's advance) went to a charge. Undone, not deleted."""

    __tablename__ = "allocations"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_allocations_payment", "payment_id"),
        Index("ix_allocations_charge", "charge_id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    council_id: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"))
    made_at: Mapped[int] = mapped_column(BigInteger)


class Advance(Base):
    """What a payment left over, or paid for days ahead; the account's charges draw on it in order.

    ``price_minor`` is the day's price it was bought at (0: plain credit), ``days`` how many.
    """

    __tablename__ = "advances"
    __table_args__ = (
        CheckConstraint("left_minor >= 0 AND left_minor <= amount_minor", name="left"),
        UniqueConstraint("payment_id"),
        Index(
            "ix_advances_open",
            "account_id",
            "id",
            sqlite_where=text("left_minor > 0"),
            postgresql_where=text("left_minor > 0"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("fee_accounts.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    council_id: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    left_minor: Mapped[int] = mapped_column(BigInteger)
    fee: Mapped[str] = mapped_column(String(20), default="")
    price_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    days: Mapped[int] = mapped_column(default=0)
    days_left: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[int] = mapped_column(BigInteger)


class Plan(Base):
    """Old duty in parts, agreed by the trader; ended when paid, or given up."""

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint("state IN ('live', 'done', 'ended')", name="state"),
        Index(
            "uq_plans_live",
            "account_id",
            unique=True,
            sqlite_where=text("state = 'live'"),
            postgresql_where=text("state = 'live'"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("fee_accounts.id"))
    council_id: Mapped[int]
    total_minor: Mapped[int] = mapped_column(BigInteger)
    part_minor: Mapped[int] = mapped_column(BigInteger)
    weeks: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(5), default="live")
    agreed_at: Mapped[int] = mapped_column(BigInteger)


# What the partial indexes are of, written out as they are: beside a bound value neither database
# knows that its index holds all that is asked for.
_c: Final[Table] = Charge.__table__  # type: ignore[assignment]
_a: Final[Table] = Advance.__table__  # type: ignore[assignment]
IS_LIVE: Final[ColumnElement[bool]] = _c.c.status == literal_column("'live'")
IS_OPEN: Final[ColumnElement[bool]] = and_(IS_LIVE, _c.c.outstanding_minor > literal_column("0"))
HAS_LEFT: Final[ColumnElement[bool]] = _a.c.left_minor > literal_column("0")
