"""Backtests: what was asked of which tickets, how far it is, and the report."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_FOR = ("case_id", "registry_no", "replan")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "backtest",
        sa.Column("backtest", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("case_id", sa.String(length=100), nullable=True),
        sa.Column("registry_no", sa.String(length=40), nullable=True),
        sa.Column("replan", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tickets_done", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("fault", sa.String(length=2000), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("backtest"),
    )
    with op.batch_alter_table("backtest", schema=None) as batch_op:
        batch_op.create_index("ix_backtest_asked", ["asked_at", "backtest"], unique=False)
        for name in _FOR:
            batch_op.create_index(f"ix_backtest_{name.removesuffix('_id')}", [name, "asked_at"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("backtest")
