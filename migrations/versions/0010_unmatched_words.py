"""Words that were asked for and mean nothing to the search yet, counted by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create."""
    op.create_table(
        "unmatched_words",
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["packs.id"], name=op.f("fk_unmatched_words_pack_id_packs")
        ),
        sa.PrimaryKeyConstraint("pack_id", "word", "day", name=op.f("pk_unmatched_words")),
    )
    op.create_index("ix_unmatched_words_day", "unmatched_words", ["day"], unique=False)


def downgrade() -> None:
    """Drop."""
    op.drop_index("ix_unmatched_words_day", table_name="unmatched_words")
    op.drop_table("unmatched_words")
