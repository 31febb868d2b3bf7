"""The delivery log, and the local mailbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from domain.effects import CrmUpdate, Notice
from domain.ports import DeliveryState
from store.database import Database
from store.tables import DeliveryRow, MailboxRow
from store.tickets import subject_of

deliveries, mailbox = DeliveryRow.__table__, MailboxRow.__table__  # type: ignore[attr-defined]


class Deliveries:
    """Carries out `domain.ports.DeliveryLog`."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def begin(self, key: str, channel: str, effect: Notice | CrmUpdate, at: datetime) -> DeliveryState:
        """Note an attempt and say how far the effect has come before it."""
        row = {
            "key": key,
            "channel": channel,
            "state": DeliveryState.PENDING.value,
            "attempts": 1,
            "effect": effect.model_dump(mode="json"),
            "first_at": at,
            "last_at": at,
        }
        statement = self._database.insert(DeliveryRow).on_conflict_do_update(
            index_elements=["key", "channel"], set_={"attempts": deliveries.c.attempts + 1, "last_at": at}
        )
        async with self._database.writing() as connection:
            state = await connection.scalar(statement.returning(deliveries.c.state), row)
        return DeliveryState(state)

    async def end(self, key: str, channel: str, state: DeliveryState, error: str | None, at: datetime) -> None:
        """Note how the attempt ended."""
        async with self._database.writing() as connection:
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.key == key, deliveries.c.channel == channel)
                .values(state=state.value, error=error[:2000] if error else None, last_at=at)
            )

    async def of_ticket(self, prefix: str) -> Sequence[Row[Any]]:
        """Deliveries whose key begins so, earliest first."""
        query = select(deliveries).where(deliveries.c.key >= prefix, deliveries.c.key < prefix + "\uffff").order_by(deliveries.c.first_at)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()


class Mailbox:
    """A mailbox on this machine: what people would have got as mail, for a look at it."""

    name = "mailbox"

    def __init__(self, database: Database, now: Any) -> None:
        """Work on a database; `now` tells the time of arrival."""
        self._database = database
        self._now = now

    async def send(self, notice: Notice) -> None:
        """Put a notice in; a second copy with the same key is dropped, as a mail program drops a repeated Message-ID."""
        row = {
            "message_id": notice.key,
            "subject": subject_of(notice.ticket),
            "recipients": list(notice.recipients),
            "title": notice.subject[:500],
            "body": notice.body[:10_000],
            "received_at": self._now(),
        }
        async with self._database.writing() as connection:
            await connection.execute(self._database.insert(MailboxRow).on_conflict_do_nothing(index_elements=["message_id"]), row)

    async def messages(self, limit: int, before: int | None = None, subject: str | None = None) -> Sequence[Row[Any]]:
        """Messages, newest first."""
        query = select(mailbox).order_by(mailbox.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(mailbox.c.id < before)
        if subject is not None:
            query = query.where(mailbox.c.subject == subject)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()
