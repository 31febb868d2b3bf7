"""The delivery log, and the local mailbox."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, String, cast, or_, select

from domain.effects import Notice
from domain.ports import Attempt, DeliveryState
from store.database import Database
from store.group_commit import GroupCommit
from store.tables import DeliveryRow, MailboxRow

deliveries, mailbox = DeliveryRow.__table__, MailboxRow.__table__  # type: ignore[attr-defined]


class Deliveries:
    """Carries out `domain.ports.DeliveryLog`."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        note = database.insert(DeliveryRow)
        changed = {name: note.excluded[name] for name in ("state", "error", "last_at")} | {"attempts": deliveries.c.attempts + 1}
        self._statement = note.on_conflict_do_update(index_elements=["key", "channel"], set_=changed)
        self._notes = GroupCommit(self._note)

    async def state(self, key: str, channel: str) -> DeliveryState:
        """How far an effect has come; PENDING if nothing is known of it."""
        query = select(deliveries.c.state).where(deliveries.c.key == key, deliveries.c.channel == channel)
        async with self._database.reading() as connection:
            return DeliveryState(await connection.scalar(query) or DeliveryState.PENDING)

    async def note(self, attempt: Attempt) -> None:
        """Note how an attempt ended."""
        await self._notes.take([attempt])

    async def _note(self, attempts: Sequence[Attempt]) -> list[None]:
        async with self._database.writing() as connection:
            await connection.execute(self._statement, [_row(attempt) for attempt in attempts])
        return [None for _ in attempts]

    async def of_ticket(self, prefix: str) -> Sequence[Row[Any]]:
        """Deliveries whose key begins so, earliest first."""
        query = select(deliveries).where(deliveries.c.key >= prefix, deliveries.c.key < prefix + "\uffff").order_by(deliveries.c.first_at)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()


def _row(attempt: Attempt) -> dict[str, Any]:
    return {
        "key": attempt.effect.key,
        "channel": attempt.channel,
        "state": attempt.state.value,
        "attempts": 1,
        "effect": attempt.effect.model_dump(mode="json"),
        "error": attempt.error[:2000] if attempt.error else None,
        "first_at": attempt.at,
        "last_at": attempt.at,
    }


class Mailbox:
    """A mailbox on this machine: what people would have got as mail, for a look at it."""

    name = "mailbox"

    def __init__(self, database: Database, now: Any) -> None:
        """Work on a database; `now` tells the time of arrival."""
        self._database = database
        self._now = now
        self._letters = GroupCommit(self._put_in)

    async def send(self, notice: Notice) -> None:
        """Put a notice in; a second copy with the same key is dropped, as a mail program drops a repeated Message-ID."""
        await self._letters.take([notice])

    async def _put_in(self, notices: Sequence[Notice]) -> list[None]:
        rows = [
            {
                "message_id": notice.key,
                "subject": notice.about,
                "recipients": list(notice.recipients),
                "title": notice.subject[:500],
                "body": notice.body[:10_000],
                "received_at": self._now(),
            }
            for notice in notices
        ]
        async with self._database.writing() as connection:
            await connection.execute(self._database.insert(MailboxRow).on_conflict_do_nothing(index_elements=["message_id"]), rows)
        return [None for _ in notices]

    async def messages(
        self, limit: int, before: int | None = None, subject: str | None = None, names: Collection[str] | None = None
    ) -> Sequence[Row[Any]]:
        """Messages, newest first; with names those whose receivers may be among them: that is looked for as text."""
        query = select(mailbox).order_by(mailbox.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(mailbox.c.id < before)
        if subject is not None:
            query = query.where(mailbox.c.subject == subject)
        if names is not None:
            receivers = cast(mailbox.c.recipients, String)
            query = query.where(or_(*(receivers.contains(json.dumps(name), autoescape=True) for name in sorted(names))))
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()
