"""satisfaction surveys."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "survey",
        sa.Column("survey", sa.String(length=40), nullable=False),
        sa.Column("registry_no", sa.String(length=40), nullable=False),
        sa.Column("ticket", sa.String(length=310), nullable=True),
        sa.Column("period", sa.String(length=10), nullable=True),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=2000), nullable=True),
        sa.PrimaryKeyConstraint("survey"),
    )
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.create_index("uq_survey_ticket", ["ticket"], unique=True)
        batch_op.create_index("uq_survey_quarter", ["registry_no", "period"], unique=True)
        batch_op.create_index("ix_survey_asked", ["registry_no", "asked_at"], unique=False)
        batch_op.create_index("ix_survey_person", ["customer", "asked_at"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.drop_index("ix_survey_person")
        batch_op.drop_index("ix_survey_asked")
        batch_op.drop_index("uq_survey_quarter")
        batch_op.drop_index("uq_survey_ticket")

    op.drop_table("survey")
