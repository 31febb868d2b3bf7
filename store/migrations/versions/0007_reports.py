"""When each clock's promise is decided, and how, so that results are counted and paged from one index."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verdict_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("is_met", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        """
        UPDATE ticket_clock SET
            verdict_at = CASE
                WHEN state IN ('CANCELLED', 'VOIDED') THEN NULL
                ELSE COALESCE(breach_at, completed_at, CASE WHEN state = 'RUNNING' THEN due_at END)
            END,
            is_met = (state = 'COMPLETED' AND breach_at IS NULL AND NOT executed_early)
        """
    )
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.drop_index("ix_clock_agreement")
        batch_op.create_index("ix_clock_verdict", ["agreement", "verdict_at", "subject", "clock", "target", "is_met"], unique=False)
    with op.batch_alter_table("measurement", schema=None) as batch_op:
        batch_op.drop_index("ix_measurement_target")
        batch_op.create_index("ix_measurement_target", ["registry_no", "target", "ends_at", "starts_at", "kind"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("measurement", schema=None) as batch_op:
        batch_op.drop_index("ix_measurement_target")
        batch_op.create_index("ix_measurement_target", ["registry_no", "starts_at"], unique=False)
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.drop_index("ix_clock_verdict")
        batch_op.create_index("ix_clock_agreement", ["agreement", "target"], unique=False)
        batch_op.drop_column("is_met")
        batch_op.drop_column("verdict_at")
