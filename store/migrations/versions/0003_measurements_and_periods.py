"""measurements, and what periods came to."""

import sqlalchemy as sa
from alembic import op

from store.tables import ROW_ID, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "measurement",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("registry_no", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("reported_by", sa.String(length=100), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("measurement", schema=None) as batch_op:
        batch_op.create_index("ix_measurement_target", ["registry_no", "starts_at"], unique=False)
        batch_op.create_index("uq_measurement", ["source", "name"], unique=True)

    op.create_table(
        "feedback",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("registry_no", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reported_by", sa.String(length=100), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_agreement", ["registry_no", "at"], unique=False)
        batch_op.create_index("uq_feedback", ["source", "name"], unique=True)

    op.create_table(
        "period_result",
        sa.Column("registry_no", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("closed_by", sa.String(length=100), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("registry_no", "period", "version"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("period_result")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index("uq_feedback")
        batch_op.drop_index("ix_feedback_agreement")

    op.drop_table("feedback")
    with op.batch_alter_table("measurement", schema=None) as batch_op:
        batch_op.drop_index("uq_measurement")
        batch_op.drop_index("ix_measurement_target")

    op.drop_table("measurement")
