"""Staff, badges, the stall register and tariffs by space, day and festival."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


_NO_OVERLAP = """
CREATE TRIGGER occupancies_no_overlap_{when} BEFORE {when} ON occupancies
WHEN EXISTS (
  SELECT 1 FROM occupancies o
  WHERE o.stall_id = NEW.stall_id AND o.share = NEW.share AND o.id <> NEW.id
    AND o.starts_on <= COALESCE(NEW.ends_on, '9999-12-31')
    AND COALESCE(o.ends_on, '9999-12-31') >= NEW.starts_on
)
BEGIN SELECT RAISE(ABORT, 'occupancies overlap'); END
"""


def upgrade() -> None:
    """Create."""
    with op.batch_alter_table("stalls") as stalls:
        stalls.add_column(sa.Column("zone", sa.String(10), server_default="", nullable=False))
        stalls.add_column(sa.Column("kind", sa.String(8), server_default="table", nullable=False))
        stalls.add_column(
            sa.Column("space_class", sa.String(10), server_default="", nullable=False)
        )
        stalls.add_column(sa.Column("goods_class_id", sa.Integer(), nullable=True))
        stalls.add_column(
            sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        stalls.create_foreign_key(
            op.f("fk_stalls_goods_class_id_goods_classes"),
            "goods_classes",
            ["goods_class_id"],
            ["id"],
        )
    with op.batch_alter_table("tariffs") as tariffs:
        for name, length in (("space_class", 10), ("day_type", 8), ("festival", 20)):
            tariffs.add_column(
                sa.Column(name, sa.String(length), server_default="", nullable=False)
            )
        tariffs.add_column(
            sa.Column("accrues", sa.String(6), server_default="traded", nullable=False)
        )
        tariffs.add_column(sa.Column("rank", sa.Integer(), server_default="0", nullable=False))
        tariffs.add_column(sa.Column("bylaw", sa.String(60), server_default="", nullable=False))
        tariffs.create_check_constraint(op.f("ck_tariffs_accrues"), "accrues IN ('held', 'traded')")
        tariffs.create_check_constraint(
            op.f("ck_tariffs_day_type"), "day_type IN ('', 'lumo', 'festival')"
        )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone_hash", sa.String(length=32), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("pin_hash", sa.String(length=160), nullable=True),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("pin_locked_until", sa.BigInteger(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_staff_council_id_councils")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint(
            "council_id", "phone_hash", name=op.f("uq_staff_council_id_phone_hash")
        ),
    )
    op.create_index(op.f("ix_staff_phone_hash"), "staff", ["phone_hash"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=9), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "role IN ('collector', 'master', 'cashier', 'finance', 'admin', 'auditor')",
            name=op.f("ck_assignments_role"),
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_assignments_market_id_markets")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_assignments_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_market", "assignments", ["market_id", "role"], unique=False)
    op.create_index("ix_assignments_staff", "assignments", ["staff_id"], unique=False)
    op.create_table(
        "badges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=5), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_badges_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges")),
        sa.UniqueConstraint("number", name=op.f("uq_badges_number")),
    )
    op.create_index(
        "uq_badges_staff_live",
        "badges",
        ["staff_id"],
        unique=True,
        sqlite_where=sa.text("ends_on IS NULL"),
        postgresql_where=sa.text("ends_on IS NULL"),
    )
    op.create_table(
        "occupancies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stall_id", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("trader_id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_occupancies_order")
        ),
        sa.CheckConstraint("share BETWEEN 1 AND 9", name=op.f("ck_occupancies_share")),
        sa.ForeignKeyConstraint(
            ["stall_id"], ["stalls.id"], name=op.f("fk_occupancies_stall_id_stalls")
        ),
        sa.ForeignKeyConstraint(
            ["trader_id"], ["traders.id"], name=op.f("fk_occupancies_trader_id_traders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancies")),
    )
    op.create_index(
        "ix_occupancies_stall", "occupancies", ["stall_id", "share", "starts_on"], unique=False
    )
    op.create_index("ix_occupancies_trader", "occupancies", ["trader_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_NO_OVERLAP.format(when="INSERT"))
        op.execute(_NO_OVERLAP.format(when="UPDATE"))
        return
    # A trusted extension: the owner of the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(
        "ALTER TABLE occupancies ADD CONSTRAINT ex_occupancies_overlap EXCLUDE USING gist"
        " (stall_id WITH =, share WITH =, daterange(starts_on, ends_on, '[]') WITH &&)"
    )


def downgrade() -> None:
    """Drop."""
    op.drop_index("ix_occupancies_trader", table_name="occupancies")
    op.drop_index("ix_occupancies_stall", table_name="occupancies")
    op.drop_table("occupancies")
    op.drop_index(
        "uq_badges_staff_live",
        table_name="badges",
        sqlite_where=sa.text("ends_on IS NULL"),
        postgresql_where=sa.text("ends_on IS NULL"),
    )
    op.drop_table("badges")
    op.drop_index("ix_assignments_staff", table_name="assignments")
    op.drop_index("ix_assignments_market", table_name="assignments")
    op.drop_table("assignments")
    op.drop_index(op.f("ix_staff_phone_hash"), table_name="staff")
    op.drop_table("staff")
    with op.batch_alter_table("tariffs") as tariffs:
        tariffs.drop_constraint(op.f("ck_tariffs_day_type"), type_="check")
        tariffs.drop_constraint(op.f("ck_tariffs_accrues"), type_="check")
        for name in ("bylaw", "rank", "accrues", "festival", "day_type", "space_class"):
            tariffs.drop_column(name)
    with op.batch_alter_table("stalls") as stalls:
        stalls.drop_constraint(op.f("fk_stalls_goods_class_id_goods_classes"), type_="foreignkey")
        for name in ("retired", "goods_class_id", "space_class", "kind", "zone"):
            stalls.drop_column(name)
