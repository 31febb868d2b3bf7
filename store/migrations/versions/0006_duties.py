"""duties of both sides, and the limit each clock has."""

import sqlalchemy as sa
from alembic import op

from store.tables import ROW_ID, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.add_column(sa.Column("limit_seconds", sa.BigInteger(), nullable=True))

    op.create_table(
        "duty",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("registry_no", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("obligation", sa.String(length=100), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("reported_by", sa.String(length=100), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index("ix_duty_agreement", ["registry_no", "at"], unique=False)
        batch_op.create_index("uq_duty", ["source", "name"], unique=True)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.drop_index("uq_duty")
        batch_op.drop_index("ix_duty_agreement")

    op.drop_table("duty")
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.drop_column("limit_seconds")
