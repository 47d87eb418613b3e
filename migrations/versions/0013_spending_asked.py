"""People who ask a council to tell what it spent: counted once each, nobody's name kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLE = "spending_asked"
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = sa.text("asker IS NOT NULL")


def upgrade() -> None:
    """The table, its count by council, and what the retention job looks for."""
    op.create_table(
        _TABLE,
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("asker", sa.String(length=32), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_spending_asked_council_id_councils")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_spending_asked_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_asked")),
        sa.UniqueConstraint(
            "market_id", "month", "asker", name=op.f("uq_spending_asked_market_id_month_asker")
        ),
    )
    op.create_index("ix_spending_asked_council", _TABLE, ["council_id", "month"])
    op.create_index(
        "ix_spending_asked_kept",
        _TABLE,
        ["asked_on"],
        sqlite_where=_KEPT,
        postgresql_where=_KEPT,
    )


def downgrade() -> None:
    """Forget who asked."""
    op.drop_table(_TABLE)
