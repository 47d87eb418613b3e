"""Festivals in the market calendar: the days on which a council asks other fees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KIND, _NAMED = "ck_market_changes_kind", "ck_market_changes_festival"
_ONCE = "uq_market_changes_market_id_kind_starts_on"
_BEFORE = "kind IN ('closure', 'move')"
_AFTER = "kind IN ('closure', 'move', 'festival')"


def upgrade() -> None:
    """Widen; SQLite makes the table anew for it."""
    column = sa.Column("festival", sa.String(length=20), server_default="", nullable=False)
    with op.batch_alter_table("market_changes") as batch:
        batch.add_column(column)
        batch.drop_constraint(op.f(_KIND), type_="check")
        batch.create_check_constraint(op.f(_KIND), _AFTER)
        batch.drop_constraint(op.f(_ONCE), type_="unique")
        batch.create_unique_constraint(
            op.f(f"{_ONCE}_festival"), ["market_id", "kind", "starts_on", "festival"]
        )
        batch.create_check_constraint(op.f(_NAMED), "(kind = 'festival') = (festival <> '')")


def downgrade() -> None:
    """Narrow; festivals are lost."""
    op.execute(sa.text("DELETE FROM market_changes WHERE kind = 'festival'"))
    with op.batch_alter_table("market_changes") as batch:
        batch.drop_constraint(op.f(_NAMED), type_="check")
        batch.drop_constraint(op.f(_KIND), type_="check")
        batch.create_check_constraint(op.f(_KIND), _BEFORE)
        batch.drop_constraint(op.f(f"{_ONCE}_festival"), type_="unique")
        batch.create_unique_constraint(op.f(_ONCE), ["market_id", "kind", "starts_on"])
        batch.drop_column("festival")
