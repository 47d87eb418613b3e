"""Dialogues, acts that are done once, and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create."""
    op.create_table(
        "acts",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("content_hash", sa.String(length=32), nullable=False),
        sa.Column("screen", sa.String(length=60), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_done_at"), "acts", ["done_at"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "ussd_sessions",
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.Column("phone_hash", sa.String(length=32), nullable=False),
        sa.Column("service_code", sa.String(length=24), nullable=False),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("redial", sa.String(length=2), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("trail", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "session_id", name=op.f("pk_ussd_sessions")),
    )
    op.create_index(
        "ix_ussd_sessions_phone", "ussd_sessions", ["phone_hash", "started_at"], unique=False
    )
    op.create_index("ix_ussd_sessions_started", "ussd_sessions", ["started_at"], unique=False)


def downgrade() -> None:
    """Drop."""
    op.drop_index("ix_ussd_sessions_started", table_name="ussd_sessions")
    op.drop_index("ix_ussd_sessions_phone", table_name="ussd_sessions")
    op.drop_table("ussd_sessions")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index(op.f("ix_audit_at"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_acts_done_at"), table_name="acts")
    op.drop_table("acts")
    # ### end Alembic commands ###
