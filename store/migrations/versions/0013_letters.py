"""Deliveries by receiver, and letters of one person in the mailbox."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_HAS_DATE = sa.text("due_at IS NOT NULL")
_KEPT = "key, channel, state, attempts, effect, error, first_at, last_at"


def upgrade() -> None:
    """Apply the change."""
    _rebuild([sa.Column("receiver", sa.String(length=100), nullable=False, server_default="")], ["key", "channel", "receiver"])
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", Instant(), nullable=True))
    op.create_index("ix_delivery_due", "delivery", ["receiver", "due_at"], sqlite_where=_HAS_DATE, postgresql_where=_HAS_DATE)
    with op.batch_alter_table("mailbox", schema=None) as batch_op:
        batch_op.alter_column("message_id", existing_type=sa.String(length=600), type_=sa.String(length=710), existing_nullable=False)
        batch_op.add_column(sa.Column("notice", sa.String(length=600), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("receiver", sa.String(length=100), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("link", sa.String(length=2000), nullable=True))
        batch_op.create_index("ix_mailbox_receiver", ["receiver"], unique=False)
    op.execute("UPDATE mailbox SET notice = message_id")


def downgrade() -> None:
    """Take the change back; of several receivers of one effect on one channel, one stays."""
    with op.batch_alter_table("mailbox", schema=None) as batch_op:
        batch_op.drop_index("ix_mailbox_receiver")
        for name in ("link", "receiver", "notice"):
            batch_op.drop_column(name)
    op.drop_index("ix_delivery_due", "delivery")
    others = "SELECT MIN(receiver) FROM delivery other WHERE other.key = delivery.key AND other.channel = delivery.channel"
    op.execute(f"DELETE FROM delivery WHERE receiver > ({others})")  # noqa: S608  (no value of anybody's is in it)
    _rebuild([], ["key", "channel"])


def _rebuild(more: list[sa.Column[str]], primary_key: list[str]) -> None:
    """The same deliveries under another primary key, which SQLite cannot change in place."""
    op.drop_index("ix_delivery_state", "delivery")
    op.create_table(
        "delivery_anew",
        sa.Column("key", sa.String(length=600), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        *more,
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("effect", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=2000), nullable=True),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint(*primary_key),
    )
    op.execute(f"INSERT INTO delivery_anew ({_KEPT}) SELECT {_KEPT} FROM delivery")  # noqa: S608  (names of columns only)
    op.drop_table("delivery")
    op.rename_table("delivery_anew", "delivery")
    op.create_index("ix_delivery_state", "delivery", ["state", "last_at"])
