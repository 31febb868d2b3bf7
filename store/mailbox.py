"""A mailbox on this machine: what people would have got as mail, one letter each, for a look at it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from domain.letters import Letter
from store.database import Database
from store.group_commit import GroupCommit
from store.tables import MailboxRow

mailbox = MailboxRow.__table__  # type: ignore[attr-defined]


class Mailbox:
    """Carries out `domain.ports.Carrier`."""

    name = "mailbox"

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Work on a database; `now` tells the time of arrival."""
        self._database = database
        self._now = now
        self._letters = GroupCommit(self._put_in)

    def reaches(self, letter: Letter) -> bool:
        """Every person has a mailbox here, and what nobody stands behind is kept too."""
        return not letter.is_role

    async def carry(self, letter: Letter) -> None:
        """Put a letter in; a second copy with the same key is dropped, as a mail program drops a repeated Message-ID."""
        await self._letters.take([letter])

    async def _put_in(self, letters: Sequence[Letter]) -> list[None]:
        rows = [
            {
                "message_id": letter.key,
                "notice": letter.notice.key,
                "receiver": letter.receiver,
                "subject": letter.notice.about,
                "recipients": list(letter.notice.recipients),
                "title": letter.subject[:500],
                "body": letter.text[:10_000],
                "link": letter.link,
                "received_at": self._now(),
            }
            for letter in letters
        ]
        async with self._database.writing() as connection:
            await connection.execute(self._database.insert(MailboxRow).on_conflict_do_nothing(index_elements=["message_id"]), rows)
        return [None for _ in letters]

    async def messages(
        self, limit: int, before: int | None = None, subject: str | None = None, receivers: Sequence[str] | None = None
    ) -> Sequence[Row[Any]]:
        """Letters, newest first; of a ticket, case or some receivers, where they are named."""
        query = select(mailbox).order_by(mailbox.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(mailbox.c.id < before)
        if subject is not None:
            query = query.where(mailbox.c.subject == subject)
        if receivers is not None:
            query = query.where(mailbox.c.receiver.in_(receivers))
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()
