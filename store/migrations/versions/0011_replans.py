"""Re-plans, and what became of each ticket; versions of calendars."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


_IS_RUNNING = "state = 'RUNNING'"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "replan",
        sa.Column("replan", sa.String(length=40), nullable=False),
        sa.Column("agreement", sa.String(length=100), nullable=False),
        sa.Column("from_version", sa.String(length=20), nullable=True),
        sa.Column("to_version", sa.String(length=20), nullable=False),
        sa.Column("terms", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("confirms", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("after", sa.String(length=310), nullable=False),
        sa.PrimaryKeyConstraint("replan"),
    )
    with op.batch_alter_table("replan", schema=None) as batch_op:
        batch_op.create_index(
            "uq_replan_running", ["agreement"], unique=True, sqlite_where=sa.text(_IS_RUNNING), postgresql_where=sa.text(_IS_RUNNING)
        )
        batch_op.create_index("ix_replan_agreement", ["agreement", "asked_at"], unique=False)
    op.create_table(
        "replan_move",
        sa.Column("replan", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=310), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("left", sa.String(length=20), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("clocks", sa.JSON(), nullable=False),
        sa.Column("new_due_at", Instant(), nullable=True),
        sa.Column("changes", sa.Boolean(), nullable=False),
        sa.Column("breaches", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("replan", "subject"),
    )
    with op.batch_alter_table("replan_move", schema=None) as batch_op:
        batch_op.create_index("ix_replan_move_subject", ["subject", "at"], unique=False)
    op.create_table(
        "calendar_version",
        sa.Column("calendar", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_by", sa.String(length=100), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=100), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("calendar", "version"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("calendar_version")
    op.drop_table("replan_move")
    op.drop_table("replan")
