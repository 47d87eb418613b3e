"""Fee accounts, charges and payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create."""
    op.create_table(
        "fee_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("stall_id", sa.Integer(), nullable=True),
        sa.Column("trader_id", sa.Integer(), nullable=True),
        sa.Column("goods_class_id", sa.Integer(), nullable=False),
        sa.Column("space_class", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_fee_accounts_council_id_councils")
        ),
        sa.ForeignKeyConstraint(
            ["goods_class_id"],
            ["goods_classes.id"],
            name=op.f("fk_fee_accounts_goods_class_id_goods_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_fee_accounts_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["stall_id"], ["stalls.id"], name=op.f("fk_fee_accounts_stall_id_stalls")
        ),
        sa.ForeignKeyConstraint(
            ["trader_id"], ["traders.id"], name=op.f("fk_fee_accounts_trader_id_traders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_accounts")),
        sa.UniqueConstraint("key", name=op.f("uq_fee_accounts_key")),
    )
    op.create_index("ix_fee_accounts_market", "fee_accounts", ["market_id", "id"], unique=False)
    op.create_index("ix_fee_accounts_stall", "fee_accounts", ["stall_id"], unique=False)
    op.create_index("ix_fee_accounts_trader", "fee_accounts", ["trader_id"], unique=False)
    op.create_table(
        "charges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("fee", sa.String(length=20), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("unit_no", sa.BigInteger(), nullable=False),
        sa.Column("tariff_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=9), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('live', 'cancelled')", name=op.f("ck_charges_status")),
        sa.CheckConstraint(
            "amount_minor >= 0 AND outstanding_minor >= 0", name=op.f("ck_charges_amounts")
        ),
        sa.CheckConstraint(
            "outstanding_minor <= amount_minor", name=op.f("ck_charges_outstanding")
        ),
        sa.CheckConstraint("period_to >= period_from", name=op.f("ck_charges_period")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["fee_accounts.id"], name=op.f("fk_charges_account_id_fee_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_charges_council_id_councils")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_charges_entry_id_ledger_entries")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_charges_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["tariff_id"], ["tariffs.id"], name=op.f("fk_charges_tariff_id_tariffs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
    )
    op.create_index(
        "ix_charges_open",
        "charges",
        ["account_id", "period_from"],
        unique=False,
        sqlite_where=sa.text("status = 'live' AND outstanding_minor > 0"),
        postgresql_where=sa.text("status = 'live' AND outstanding_minor > 0"),
    )
    op.create_index(
        "ix_charges_period", "charges", ["council_id", "period_from", "market_id"], unique=False
    )
    op.create_index(
        "uq_charges_live",
        "charges",
        ["account_id", "fee", "period_from", "period_to", "unit_no"],
        unique=True,
        sqlite_where=sa.text("status = 'live'"),
        postgresql_where=sa.text("status = 'live'"),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("idem_key", sa.String(length=160), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("provider", sa.String(length=24), nullable=True),
        sa.Column("provider_txid", sa.String(length=80), nullable=True),
        sa.Column("our_ref", sa.String(length=16), nullable=False),
        sa.Column("payer", sa.String(length=32), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("badge_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("paid_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "reversal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "state IN ('booked', 'void_asked', 'reversed')", name=op.f("ck_payments_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["fee_accounts.id"], name=op.f("fk_payments_account_id_fee_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badges.id"], name=op.f("fk_payments_badge_id_badges")
        ),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_payments_council_id_councils")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_payments_entry_id_ledger_entries")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_payments_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_id"],
            ["ledger_entries.id"],
            name=op.f("fk_payments_reversal_id_ledger_entries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("idem_key", name=op.f("uq_payments_idem_key")),
        sa.UniqueConstraint("our_ref", name=op.f("uq_payments_our_ref")),
    )
    op.create_index("ix_payments_account", "payments", ["account_id", "id"], unique=False)
    op.create_index("ix_payments_badge", "payments", ["badge_id", "paid_on", "id"], unique=False)
    op.create_index(
        "ix_payments_council", "payments", ["council_id", "paid_on", "id"], unique=False
    )
    op.create_index(
        "uq_payments_provider_txid",
        "payments",
        ["provider", "provider_txid"],
        unique=True,
        sqlite_where=sa.text("provider_txid IS NOT NULL"),
        postgresql_where=sa.text("provider_txid IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop."""
    op.drop_index(
        "uq_payments_provider_txid",
        table_name="payments",
        sqlite_where=sa.text("provider_txid IS NOT NULL"),
        postgresql_where=sa.text("provider_txid IS NOT NULL"),
    )
    op.drop_index("ix_payments_council", table_name="payments")
    op.drop_index("ix_payments_badge", table_name="payments")
    op.drop_index("ix_payments_account", table_name="payments")
    op.drop_table("payments")
    op.drop_index(
        "uq_charges_live",
        table_name="charges",
        sqlite_where=sa.text("status = 'live'"),
        postgresql_where=sa.text("status = 'live'"),
    )
    op.drop_index("ix_charges_period", table_name="charges")
    op.drop_index(
        "ix_charges_open",
        table_name="charges",
        sqlite_where=sa.text("status = 'live' AND outstanding_minor > 0"),
        postgresql_where=sa.text("status = 'live' AND outstanding_minor > 0"),
    )
    op.drop_table("charges")
    op.drop_index("ix_fee_accounts_trader", table_name="fee_accounts")
    op.drop_index("ix_fee_accounts_stall", table_name="fee_accounts")
    op.drop_index("ix_fee_accounts_market", table_name="fee_accounts")
    op.drop_table("fee_accounts")
