"""What services cost in a month, as finance states it."""

import sqlalchemy as sa
from alembic import op

from store.tables import ROW_ID, Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "actual_cost",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("service", sa.String(length=100), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("stated_by", sa.String(length=100), nullable=False),
        sa.Column("stated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("actual_cost", schema=None) as batch_op:
        batch_op.create_index("ix_actual_cost", ["month", "service", "kind", "id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("actual_cost")
