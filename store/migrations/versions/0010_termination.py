"""Orders to end agreements early, and when registered agreements end by them."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "termination",
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("registry_no", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.String(length=200), nullable=True),
        sa.Column("revoked_because", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("order_id"),
    )
    with op.batch_alter_table("termination", schema=None) as batch_op:
        batch_op.create_index("uq_termination_event", ["source", "event_id"], unique=True)
        batch_op.create_index("ix_termination_agreement", ["registry_no", "received_at"], unique=False)
        batch_op.create_index("ix_termination_state", ["state"], unique=False)

    with op.batch_alter_table("registry_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("terminates_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("legal_hold", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("registry_entry", schema=None) as batch_op:
        batch_op.drop_column("legal_hold")
        batch_op.drop_column("terminates_at")
    with op.batch_alter_table("termination", schema=None) as batch_op:
        batch_op.drop_index("ix_termination_state")
        batch_op.drop_index("ix_termination_agreement")
        batch_op.drop_index("uq_termination_event")
    op.drop_table("termination")
