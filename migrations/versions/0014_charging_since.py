"""The day since which a council charges through us: nothing of a time before is raised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# So far back the job looked till now: what a stopped worker missed is still raised.
_BACK = timedelta(days=7)


def upgrade() -> None:
    """The column; who charges already goes on as it did."""
    since = sa.column("charging_since", sa.Date)
    op.add_column("councils", sa.Column(since.name, sa.Date(), nullable=True))
    councils = sa.table("councils", sa.column("charging", sa.Boolean), since)
    charging = sa.update(councils).where(councils.c.charging)
    op.execute(charging.values(charging_since=datetime.now(UTC).date() - _BACK))


def downgrade() -> None:
    """Forget since when."""
    with op.batch_alter_table("councils") as batch:
        batch.drop_column("charging_since")
