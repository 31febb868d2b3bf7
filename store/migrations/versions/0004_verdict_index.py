"""the instant and the outcome of a clock's verdict, and indexes that periods are read from alone."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("ticket_clock", sa.Column("verdict_at", Instant(), nullable=True))
    op.add_column("ticket_clock", sa.Column("is_met", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE ticket_clock SET verdict_at = coalesce(breach_at, CASE WHEN state = 'RUNNING' THEN due_at ELSE completed_at END),"
        " is_met = (state = 'COMPLETED' AND breach_at IS NULL AND NOT executed_early) WHERE state NOT IN ('CANCELLED', 'VOIDED')"
    )
    op.create_index("ix_clock_verdict", "ticket_clock", ["agreement", "verdict_at", "subject", "clock", "target", "is_met"])
    op.drop_index("ix_clock_agreement", "ticket_clock")
    op.drop_index("ix_measurement_target", "measurement")
    op.create_index("ix_measurement_target", "measurement", ["registry_no", "target", "ends_at", "starts_at", "kind"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_measurement_target", "measurement")
    op.create_index("ix_measurement_target", "measurement", ["registry_no", "starts_at"])
    op.create_index("ix_clock_agreement", "ticket_clock", ["agreement", "target"])
    op.drop_index("ix_clock_verdict", "ticket_clock")
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.drop_column("is_met")
        batch_op.drop_column("verdict_at")
