"""When a clock's ticket was created, so that the volume an agreement is for is counted from one index of its own; and which are open.

Two indexes that no statement reads any more are dropped: a clock is written more often than it is counted.
"""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


_IS_OPEN = "state IN ('PENDING', 'RUNNING', 'PAUSED')"


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.add_column(sa.Column("created_at", Instant(), nullable=True))
    op.execute("UPDATE ticket_clock SET created_at = (SELECT created_at FROM ticket WHERE ticket.subject = ticket_clock.subject)")
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.alter_column("created_at", existing_type=Instant(), nullable=False)
        batch_op.drop_index("ix_clock_due")
        batch_op.drop_index("ix_clock_breach")
        batch_op.create_index(
            "ix_clock_open", ["agreement", "subject"], unique=False, sqlite_where=sa.text(_IS_OPEN), postgresql_where=sa.text(_IS_OPEN)
        )
        batch_op.create_index("ix_clock_created", ["agreement", "created_at", "subject"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.drop_index("ix_clock_created")
        batch_op.drop_index("ix_clock_open")
        batch_op.create_index("ix_clock_breach", ["breach_at"], unique=False)
        batch_op.create_index("ix_clock_due", ["state", "due_at"], unique=False)
        batch_op.drop_column("created_at")
