"""What agreements that are not signed yet would bring, as people state it."""

import sqlalchemy as sa
from alembic import op

from store.tables import ROW_ID, Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "expected_volume",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=100), nullable=False),
        sa.Column("service", sa.String(length=100), nullable=False),
        sa.Column("region", sa.String(length=100), nullable=False),
        sa.Column("volume", sa.JSON(), nullable=False),
        sa.Column("stated_by", sa.String(length=100), nullable=False),
        sa.Column("stated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_expected_volume", "expected_volume", ["case_id", "service", "region", "id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_expected_volume", table_name="expected_volume")
    op.drop_table("expected_volume")
