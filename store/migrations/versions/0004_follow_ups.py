"""cases about registered agreements."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("agreement_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agreement", sa.String(length=40), nullable=True))
        batch_op.create_index("ix_case_agreement", ["agreement", "kind", "opened_at", "case_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("agreement_case", schema=None) as batch_op:
        batch_op.drop_index("ix_case_agreement")
        batch_op.drop_column("agreement")
