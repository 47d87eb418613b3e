"""Listings, sales, price reports and their weeks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create."""
    op.create_table(
        "price_weeks",
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("wholesale", sa.Boolean(), nullable=False),
        sa.Column("week_of", sa.Date(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("low_minor", sa.Integer(), nullable=False),
        sa.Column("first_quartile_minor", sa.Integer(), nullable=False),
        sa.Column("median_minor", sa.Integer(), nullable=False),
        sa.Column("third_quartile_minor", sa.Integer(), nullable=False),
        sa.Column("high_minor", sa.Integer(), nullable=False),
        sa.Column("median_per_kilo_minor", sa.Integer(), nullable=True),
        sa.Column("last_seen_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_price_weeks_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_price_weeks_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_price_weeks_unit_id_units")
        ),
        sa.PrimaryKeyConstraint(
            "market_id",
            "product_id",
            "unit_id",
            "wholesale",
            "week_of",
            name=op.f("pk_price_weeks"),
        ),
    )
    op.create_index(
        "ix_price_weeks_product", "price_weeks", ["product_id", "unit_id", "week_of"], unique=False
    )
    op.create_index("ix_price_weeks_recent", "price_weeks", ["market_id", "week_of"], unique=False)
    op.create_table(
        "price_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_key", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("per_kilo_minor", sa.Integer(), nullable=True),
        sa.Column("wholesale", sa.Boolean(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("held_for", sa.String(length=20), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_price_reports_price")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_price_reports_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_price_reports_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_price_reports_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_price_reports_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_reports")),
        sa.UniqueConstraint("source_key", name=op.f("uq_price_reports_source_key")),
    )
    op.create_index(
        "ix_price_reports_place",
        "price_reports",
        ["market_id", "product_id", "unit_id", "seen_on"],
        unique=False,
    )
    op.create_table(
        "listings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trader_id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=True),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_left", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'sold', 'stopped')", name=op.f("ck_listings_status")
        ),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_listings_price")),
        sa.CheckConstraint(
            "quantity > 0 AND quantity_left >= 0", name=op.f("ck_listings_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_listings_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_listings_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["trader_id"], ["traders.id"], name=op.f("fk_listings_trader_id_traders")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_listings_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
    )
    op.create_index(
        "ix_listings_for_sale",
        "listings",
        ["product_id", "market_id", "expires_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_listings_trader", "listings", ["trader_id", "id"], unique=False)
    op.create_table(
        "transactions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trader_id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=True),
        sa.Column("market_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_transactions_amount")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_transactions_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_transactions_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_transactions_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["trader_id"], ["traders.id"], name=op.f("fk_transactions_trader_id_traders")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_transactions_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
    )
    op.create_index(
        op.f("ix_transactions_listing_id"), "transactions", ["listing_id"], unique=False
    )
    op.create_index(
        "ix_transactions_trader_day", "transactions", ["trader_id", "sold_on"], unique=False
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    """Drop."""
    op.drop_index("ix_transactions_trader_day", table_name="transactions")
    op.drop_index(op.f("ix_transactions_listing_id"), table_name="transactions")
    op.drop_table("transactions")
    op.drop_index("ix_listings_trader", table_name="listings")
    op.drop_index(
        "ix_listings_for_sale",
        table_name="listings",
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_table("listings")
    op.drop_index("ix_price_reports_place", table_name="price_reports")
    op.drop_table("price_reports")
    op.drop_index("ix_price_weeks_recent", table_name="price_weeks")
    op.drop_index("ix_price_weeks_product", table_name="price_weeks")
    op.drop_table("price_weeks")
