"""Browsers people are signed in with, and personal links that were used."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "browser_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.create_index("ix_browser_session_person", ["person"], unique=False)
        batch_op.create_index("ix_browser_session_expires_at", ["expires_at"], unique=False)
    op.create_table(
        "used_link",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("used_link", schema=None) as batch_op:
        batch_op.create_index("ix_used_link_person", ["person"], unique=False)
        batch_op.create_index("ix_used_link_expires_at", ["expires_at"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("used_link")
    op.drop_table("browser_session")
