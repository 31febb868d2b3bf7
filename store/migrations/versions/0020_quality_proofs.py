"""Proofs of quality, the decisions on them, and the offers they stand in."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "quality_proof",
        sa.Column("proof", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=100), nullable=False),
        sa.Column("first_month", sa.String(length=7), nullable=False),
        sa.Column("last_month", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("signature", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("proof"),
    )
    with op.batch_alter_table("quality_proof", schema=None) as batch_op:
        batch_op.create_index("ix_quality_proof_service", ["service", "state", "published_at"], unique=False)
    op.create_table(
        "quality_proof_decision",
        sa.Column("proof", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("proof", "action", "role"),
    )
    op.create_table(
        "quality_proof_offer",
        sa.Column("case_id", sa.String(length=100), nullable=False),
        sa.Column("proof", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "proof"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("quality_proof_offer")
    op.drop_table("quality_proof_decision")
    op.drop_table("quality_proof")
