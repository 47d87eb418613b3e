"""Callers, traders, stalls and claims on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create."""
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("phone_hash", sa.String(length=32), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("gender", sa.String(length=1), nullable=True),
        sa.Column("number_shown", sa.String(length=8), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=True),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_version", sa.Integer(), nullable=True),
        sa.Column("leave_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_people_market_id_markets")
        ),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_people_pack_id_packs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("phone_hash", name=op.f("uq_people_phone_hash")),
    )
    op.create_index("ix_people_leave_at", "people", ["leave_at"], unique=False)
    op.create_table(
        "stalls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=6), nullable=False),
        sa.Column("card", sa.String(length=6), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_stalls_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stalls")),
        sa.UniqueConstraint("card", name=op.f("uq_stalls_card")),
        sa.UniqueConstraint("market_id", "number", name=op.f("uq_stalls_market_id_number")),
    )
    op.create_table(
        "days_told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_days_told_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_days_told_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_days_told")),
    )
    op.create_index(op.f("ix_days_told_market_id"), "days_told", ["market_id"], unique=False)
    op.create_table(
        "traders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=True),
        sa.Column("goods_class_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["goods_class_id"],
            ["goods_classes.id"],
            name=op.f("fk_traders_goods_class_id_goods_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_traders_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_traders_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traders")),
        sa.UniqueConstraint("person_id", name=op.f("uq_traders_person_id")),
    )
    op.create_index(op.f("ix_traders_market_id"), "traders", ["market_id"], unique=False)
    op.create_table(
        "stall_claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stall_id", sa.Integer(), nullable=False),
        sa.Column("trader_id", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["stall_id"], ["stalls.id"], name=op.f("fk_stall_claims_stall_id_stalls")
        ),
        sa.ForeignKeyConstraint(
            ["trader_id"], ["traders.id"], name=op.f("fk_stall_claims_trader_id_traders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stall_claims")),
    )
    op.create_index("ix_stall_claims_stall", "stall_claims", ["stall_id"], unique=False)
    op.create_index("ix_stall_claims_trader", "stall_claims", ["trader_id"], unique=False)


def downgrade() -> None:
    """Drop."""
    op.drop_index("ix_stall_claims_trader", table_name="stall_claims")
    op.drop_index("ix_stall_claims_stall", table_name="stall_claims")
    op.drop_table("stall_claims")
    op.drop_index(op.f("ix_traders_market_id"), table_name="traders")
    op.drop_table("traders")
    op.drop_index(op.f("ix_days_told_market_id"), table_name="days_told")
    op.drop_table("days_told")
    op.drop_table("stalls")
    op.drop_index("ix_people_leave_at", table_name="people")
    op.drop_table("people")
