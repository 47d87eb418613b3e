"""Packs, councils, places, goods, units and tariffs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create."""
    op.create_table(
        "packs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packs")),
        sa.UniqueConstraint("slug", name=op.f("uq_packs_slug")),
    )
    op.create_table(
        "councils",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("short_name", sa.String(length=12), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("charging", sa.Boolean(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_councils_pack_id_packs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_councils")),
        sa.UniqueConstraint("pack_id", "slug", name=op.f("uq_councils_pack_id_slug")),
    )
    op.create_table(
        "goods_classes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["packs.id"], name=op.f("fk_goods_classes_pack_id_packs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_classes")),
        sa.UniqueConstraint("pack_id", "slug", name=op.f("uq_goods_classes_pack_id_slug")),
    )
    op.create_table(
        "service_codes",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["packs.id"], name=op.f("fk_service_codes_pack_id_packs")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service_codes")),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=True),
        sa.Column("millilitres", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_units_pack_id_packs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("pack_id", "slug", name=op.f("uq_units_pack_id_slug")),
    )
    op.create_table(
        "markets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("short_name", sa.String(length=14), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('daily', 'lumo', 'price_only')", name=op.f("ck_markets_kind")),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_markets_council_id_councils")
        ),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_markets_pack_id_packs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_markets")),
        sa.UniqueConstraint("pack_id", "slug", name=op.f("uq_markets_pack_id_slug")),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("goods_class_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("perishable", sa.Boolean(), nullable=False),
        sa.Column("season", sa.String(length=40), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["goods_class_id"],
            ["goods_classes.id"],
            name=op.f("fk_products_goods_class_id_goods_classes"),
        ),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_products_pack_id_packs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("pack_id", "slug", name=op.f("uq_products_pack_id_slug")),
    )
    op.create_table(
        "unit_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_unit_aliases_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_aliases")),
        sa.UniqueConstraint(
            "unit_id", "language", "word", name=op.f("uq_unit_aliases_unit_id_language_word")
        ),
    )
    op.create_table(
        "conversions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("certainty", sa.String(length=10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("grams > 0", name=op.f("ck_conversions_grams")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_conversions_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_conversions_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversions")),
        sa.UniqueConstraint(
            "product_id", "unit_id", name=op.f("uq_conversions_product_id_unit_id")
        ),
    )
    op.create_table(
        "market_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_market_aliases_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_aliases")),
        sa.UniqueConstraint("market_id", "word", name=op.f("uq_market_aliases_market_id_word")),
    )
    op.create_table(
        "market_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("moved_to", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=120), nullable=True),
        sa.CheckConstraint("kind IN ('closure', 'move')", name=op.f("ck_market_changes_kind")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_market_changes_order")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_market_changes_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_changes")),
        sa.UniqueConstraint(
            "market_id",
            "kind",
            "starts_on",
            name=op.f("uq_market_changes_market_id_kind_starts_on"),
        ),
    )
    op.create_index(op.f("ix_market_changes_ends_on"), "market_changes", ["ends_on"], unique=False)
    op.create_table(
        "market_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_market_days_weekday")),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_market_days_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_days")),
        sa.UniqueConstraint("market_id", "weekday", name=op.f("uq_market_days_market_id_weekday")),
    )
    op.create_table(
        "product_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("certainty", sa.String(length=10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_aliases_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_aliases")),
        sa.UniqueConstraint(
            "product_id",
            "language",
            "word",
            name=op.f("uq_product_aliases_product_id_language_word"),
        ),
    )
    op.create_table(
        "product_units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_units_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_product_units_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_units")),
        sa.UniqueConstraint(
            "product_id", "unit_id", name=op.f("uq_product_units_product_id_unit_id")
        ),
    )
    op.create_table(
        "tariffs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=True),
        sa.Column("goods_class_id", sa.Integer(), nullable=True),
        sa.Column("fee", sa.String(length=20), nullable=False),
        sa.Column("per", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("date_precision", sa.String(length=5), nullable=False),
        sa.Column("source_date", sa.Date(), nullable=True),
        sa.Column("certainty", sa.String(length=10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_tariffs_amount")),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_tariffs_council_id_councils")
        ),
        sa.ForeignKeyConstraint(
            ["goods_class_id"],
            ["goods_classes.id"],
            name=op.f("fk_tariffs_goods_class_id_goods_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_tariffs_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs")),
    )
    op.create_index("ix_tariffs_key", "tariffs", ["council_id", "fee", "valid_from"], unique=False)


def downgrade() -> None:
    """Drop."""
    op.drop_index("ix_tariffs_key", table_name="tariffs")
    op.drop_table("tariffs")
    op.drop_table("product_units")
    op.drop_table("product_aliases")
    op.drop_table("market_days")
    op.drop_index(op.f("ix_market_changes_ends_on"), table_name="market_changes")
    op.drop_table("market_changes")
    op.drop_table("market_aliases")
    op.drop_table("conversions")
    op.drop_table("unit_aliases")
    op.drop_table("products")
    op.drop_table("markets")
    op.drop_table("units")
    op.drop_table("service_codes")
    op.drop_table("goods_classes")
    op.drop_table("councils")
    op.drop_table("packs")
