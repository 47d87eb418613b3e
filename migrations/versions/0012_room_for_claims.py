"""Room in a page for what a drain changes: a claim writes no index where its row stays in its page.

PostgreSQL only. A claim leases hundreds of neighbours at once, so the room that its rows need is
as large as the rows.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of pages that are written from now on; those that are full stay as they are."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE messages SET (fillfactor = 50)")


def downgrade() -> None:
    """As it was."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE messages SET (fillfactor = 80)")
