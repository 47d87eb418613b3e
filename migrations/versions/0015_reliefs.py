"""Relief from duty for a market's days, asked by one officer and granted by another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table, and what the job looks for of a day that was let off as closed."""
    op.create_table(
        "reliefs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(10), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(7), nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("approved_by", sa.String(40), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason IN ('flood', 'no_sale')", name=op.f("ck_reliefs_reason")),
        sa.CheckConstraint(
            "state IN ('asked', 'granted', 'refused', 'done')", name=op.f("ck_reliefs_state")
        ),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_reliefs_order")),
        sa.ForeignKeyConstraint(
            ["council_id"], ["councils.id"], name=op.f("fk_reliefs_council_id_councils")
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name=op.f("fk_reliefs_market_id_markets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reliefs")),
    )
    op.create_index("ix_reliefs_state", "reliefs", ["council_id", "state", "id"])
    op.create_index("ix_adjustments_day", "adjustments", ["council_id", "day"])


def downgrade() -> None:
    """Forget what was asked and granted; what was let off stays so in the books."""
    op.drop_index("ix_adjustments_day", "adjustments")
    op.drop_table("reliefs")
