"""Receipts, allocations (both sealed), adjustments, advances, plans, reports."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create."""
    op.create_table(
        "codes_asked",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("asker", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes_asked")),
    )
    op.create_index("ix_codes_asked_asker", "codes_asked", ["asker", "asked_at"], unique=False)
    op.create_index("ix_codes_asked_day", "codes_asked", ["day"], unique=False)
    op.create_table(
        "receipt_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=24), nullable=False),
        sa.Column("last_serial", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_receipt_series_council_id_councils")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_series")),
        sa.UniqueConstraint(
            "council_id", "year", "holder", name=op.f("uq_receipt_series_council_id_year_holder")
        ),
    )
    op.create_table(
        "spending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=18), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.String(length=40), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_spending_amount")),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_spending_council_id_councils")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_spending_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending")),
    )
    op.create_index("ix_spending_market", "spending", ["market_id", "month"], unique=False)
    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("part_minor", sa.BigInteger(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=5), nullable=False),
        sa.Column("agreed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('live', 'done', 'ended')", name=op.f("ck_plans_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["fee_accounts.id"], name=op.f("fk_plans_account_id_fee_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
    )
    op.create_index(
        "uq_plans_live",
        "plans",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "adjustments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "charge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('rebate', 'penalty', 'waiver', 'correction', 'write_off', 'closed_day')",
            name=op.f("ck_adjustments_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'made', 'refused')", name=op.f("ck_adjustments_state")
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_adjustments_amount")),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_adjustments_charge_id_charges")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_adjustments_entry_id_ledger_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
    )
    op.create_index(
        "ix_adjustments_asked", "adjustments", ["council_id", "state", "id"], unique=False
    )
    op.create_index("ix_adjustments_charge", "adjustments", ["charge_id"], unique=False)
    op.create_table(
        "advances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("left_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.String(length=20), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("days_left", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "left_minor >= 0 AND left_minor <= amount_minor", name=op.f("ck_advances_left")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["fee_accounts.id"], name=op.f("fk_advances_account_id_fee_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_advances_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advances")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_advances_payment_id")),
    )
    op.create_index(
        "ix_advances_open",
        "advances",
        ["account_id", "id"],
        unique=False,
        sqlite_where=sa.text("left_minor > 0"),
        postgresql_where=sa.text("left_minor > 0"),
    )
    op.create_table(
        "allocations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "charge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("undone_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_allocations_amount")),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_allocations_charge_id_charges")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_allocations_entry_id_ledger_entries")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_allocations_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["ledger_entries.id"],
            name=op.f("fk_allocations_undone_by_ledger_entries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
    )
    op.create_index("ix_allocations_charge", "allocations", ["charge_id"], unique=False)
    op.create_index("ix_allocations_payment", "allocations", ["payment_id"], unique=False)
    op.create_table(
        "fee_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=True),
        sa.Column("trader_id", sa.Integer(), nullable=True),
        sa.Column("goods_class_id", sa.Integer(), nullable=True),
        sa.Column("badge", sa.String(length=5), nullable=True),
        sa.Column("due_minor", sa.BigInteger(), nullable=True),
        sa.Column("paid_minor", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('overcharge', 'no_ticket', 'badge')", name=op.f("ck_fee_reports_kind")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'right', 'wrong', 'reopened')", name=op.f("ck_fee_reports_state")
        ),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_fee_reports_council_id_councils")
        ),
        sa.ForeignKeyConstraint(
            ["goods_class_id"],
            ["goods_classes.id"],
            name=op.f("fk_fee_reports_goods_class_id_goods_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_fee_reports_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_fee_reports_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["trader_id"], ["traders.id"], name=op.f("fk_fee_reports_trader_id_traders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_reports")),
        sa.UniqueConstraint("ref", name=op.f("uq_fee_reports_ref")),
    )
    op.create_index("ix_fee_reports_badge", "fee_reports", ["badge", "day"], unique=False)
    op.create_index(
        "ix_fee_reports_council", "fee_reports", ["council_id", "state", "id"], unique=False
    )
    op.create_index("ix_fee_reports_trader", "fee_reports", ["trader_id", "id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=24), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=4), nullable=False),
        sa.Column("voided_on", sa.Date(), nullable=True),
        sa.Column("void_reason", sa.String(length=18), nullable=True),
        sa.CheckConstraint("state IN ('good', 'void')", name=op.f("ck_receipts_state")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_receipts_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["receipt_series.id"], name=op.f("fk_receipts_series_id_receipt_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("code", name=op.f("uq_receipts_code")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_receipts_payment_id")),
        sa.UniqueConstraint("series_id", "serial", name=op.f("uq_receipts_series_id_serial")),
    )
    _seal()


def _seal() -> None:
    name = op.get_bind().dialect.name
    script = Path(__file__).parents[1] / "sql" / f"0009_{name}.sql"
    for statement in script.read_text("utf-8").split("\n--\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Drop; triggers go with their tables."""
    op.drop_table("receipts")
    op.drop_index("ix_fee_reports_trader", table_name="fee_reports")
    op.drop_index("ix_fee_reports_council", table_name="fee_reports")
    op.drop_index("ix_fee_reports_badge", table_name="fee_reports")
    op.drop_table("fee_reports")
    op.drop_index("ix_allocations_payment", table_name="allocations")
    op.drop_index("ix_allocations_charge", table_name="allocations")
    op.drop_table("allocations")
    op.drop_index(
        "ix_advances_open",
        table_name="advances",
        sqlite_where=sa.text("left_minor > 0"),
        postgresql_where=sa.text("left_minor > 0"),
    )
    op.drop_table("advances")
    op.drop_index("ix_adjustments_charge", table_name="adjustments")
    op.drop_index("ix_adjustments_asked", table_name="adjustments")
    op.drop_table("adjustments")
    op.drop_index(
        "uq_plans_live",
        table_name="plans",
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.drop_table("plans")
    op.drop_index("ix_spending_market", table_name="spending")
    op.drop_table("spending")
    op.drop_table("receipt_series")
    op.drop_index("ix_codes_asked_day", table_name="codes_asked")
    op.drop_index("ix_codes_asked_asker", table_name="codes_asked")
    op.drop_table("codes_asked")
