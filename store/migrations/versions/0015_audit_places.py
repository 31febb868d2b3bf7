"""The place of an audit event among those of all trails, by which log collectors read on."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_audit_event_place", ["place"], unique=True)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_place")
        batch_op.drop_column("place")
