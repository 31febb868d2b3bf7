"""Who did it and what it was, beside each audit event, so that people find events by them however many there are."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NAMES = ("actor", "action")


def upgrade() -> None:
    """Apply the change."""
    for name in _NAMES:
        op.add_column("audit_event", sa.Column(name, sa.String(), nullable=True))
    audit = sa.table("audit_event", sa.column("event", sa.JSON()), *(sa.column(name, sa.String()) for name in _NAMES))
    op.execute(audit.update().values({name: audit.c.event[name].as_string() for name in _NAMES}))
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        for name in _NAMES:
            batch_op.alter_column(name, existing_type=sa.String(), nullable=False)
            batch_op.create_index(f"ix_audit_event_{name}", [name, "place"])


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        for name in _NAMES:
            batch_op.drop_index(f"ix_audit_event_{name}")
            batch_op.drop_column(name)
