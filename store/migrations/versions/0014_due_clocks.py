"""What is due next, what is near its limit, what was breached or closed of late, and where cases stand, each from an index of its own.

A clock that runs keeps the instant of its first warning; of those that run already it is known where the warning was told.
"""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INDEXES = {
    "ticket": (
        ("ix_ticket_customer", ["customer", "created_at", "subject"], None),
        ("ix_ticket_open", ["customer", "created_at", "subject"], "is_open"),
    ),
    "ticket_clock": (
        ("ix_clock_due", ["due_at", "subject", "clock", "warn_at"], "state = 'RUNNING'"),
        ("ix_clock_breach", ["breach_at", "subject"], "breach_at IS NOT NULL"),
    ),
    "period_result": (("ix_period_closed", ["closed_at", "registry_no"], None),),
    "agreement_case": (("ix_case_stage", ["customer", "kind", "state"], None),),
}

_TOLD = """
UPDATE ticket_clock SET warn_at = (
    SELECT min(at) FROM milestone
    WHERE milestone.subject = ticket_clock.subject AND milestone.clock = ticket_clock.clock AND milestone.kind = 'WARNING'
) WHERE state = 'RUNNING'
"""


def upgrade() -> None:
    """Apply the change."""
    op.add_column("ticket_clock", sa.Column("warn_at", Instant(), nullable=True))
    op.execute(_TOLD)
    for table, indexes in _INDEXES.items():
        for name, columns, condition in indexes:
            where = sa.text(condition) if condition is not None else None
            op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take the change back."""
    for table, indexes in _INDEXES.items():
        for name, _, _ in indexes:
            op.drop_index(name, table_name=table)
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.drop_column("warn_at")
