"""What made a minor version of an agreement, and why; names of periods with a version, where one followed another in them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("registry_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("amended_by", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(length=2000), nullable=True))
    with op.batch_alter_table("period_result", schema=None) as batch_op:
        batch_op.alter_column("period", existing_type=sa.String(length=10), type_=sa.String(length=30), existing_nullable=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("period_result", schema=None) as batch_op:
        batch_op.alter_column("period", existing_type=sa.String(length=30), type_=sa.String(length=10), existing_nullable=False)
    with op.batch_alter_table("registry_entry", schema=None) as batch_op:
        batch_op.drop_column("note")
        batch_op.drop_column("amended_by")
