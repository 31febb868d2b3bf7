"""Rows of the inbox that are about cases and agreements: what is to be started, and deeds that no worker has judged yet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case_messages import Registered
from domain.case_requests import AgreementRequested
from domain.cases import Submission
from domain.errors import Conflict
from domain.follow_ups.follow_up import News
from domain.follow_ups.triggers import ChangeAsked
from store.database import Database
from store.tables import InboxRow

inbox = InboxRow.__table__  # type: ignore[attr-defined]

_PREFIX = "case "
"""No ticket is named so: the name of a source holds no blank."""


class InboxRows:
    """Keeps and finds them; the tickets' rows are left alone."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def keep_request(self, connection: AsyncConnection, asked: AgreementRequested, at: datetime) -> bool:
        """Keep a request of the CRM; False if it came before."""
        values = {
            "source": asked.source,
            "event_id": asked.id,
            "subject": f"{_PREFIX}{asked.case_id}",
            "event": {"request": asked.model_dump(mode="json")},
            "occurred_at": asked.time,
            "received_at": at,
        }
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        return await connection.scalar(statement.returning(inbox.c.id), values) is not None

    async def keep_start(self, connection: AsyncConnection, case_id: str, source: str, key: str, at: datetime) -> None:
        """Keep that the process of a case is to be started."""
        values = {"source": source, "event_id": f"start:{key}"[:200], "subject": f"{_PREFIX}{case_id}", "event": {"start": case_id}}
        await connection.execute(self._database.insert(InboxRow), values | {"occurred_at": at, "received_at": at})

    async def case_of(self, connection: AsyncConnection, source: str, event_id: str) -> str | None:
        """The case an event is about that came before."""
        subject: str | None = await connection.scalar(
            select(inbox.c.subject).where(inbox.c.source == source, inbox.c.event_id == event_id, inbox.c.subject.startswith(_PREFIX))
        )
        return subject.removeprefix(_PREFIX) if subject is not None else None

    async def keep_change(self, connection: AsyncConnection, asked: ChangeAsked, case_id: str, news: Sequence[News], at: datetime) -> None:
        """Keep what asks for a change: its process is to be started, or to hear of it where it runs already."""
        event = {"news": news[0].model_dump(mode="json")} if news else {"start": case_id}
        values = {"source": asked.source, "event_id": asked.event, "subject": f"{_PREFIX}{case_id}", "event": event}
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        await connection.execute(statement, values | {"occurred_at": at, "received_at": at})

    async def keep_agreement(self, connection: AsyncConnection, registered: Registered, at: datetime) -> None:
        """Keep that the process of an agreement is to be started that no case brought here; once for each."""
        values = {
            "source": "registry",
            "event_id": f"start:{registered.registry_no}",
            "subject": f"{_PREFIX}{registered.registry_no}",
            "event": {"agreement": registered.model_dump(mode="json")},
        }
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        await connection.execute(statement, values | {"occurred_at": at, "received_at": at})

    async def keep_version(self, connection: AsyncConnection, registered: Registered, at: datetime) -> None:
        """Keep that an agreement's process is to learn of another version; once for each."""
        values = {
            "source": "registry",
            "event_id": f"version:{registered.registry_no}:{registered.version}",
            "subject": f"{_PREFIX}{registered.registry_no}",
            "event": {"version": registered.model_dump(mode="json")},
        }
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        await connection.execute(statement, values | {"occurred_at": at, "received_at": at})

    async def keep_replan(self, connection: AsyncConnection, name: str, at: datetime) -> None:
        """Keep that the process of a re-plan is to be started; once for each."""
        values = {"source": "registry", "event_id": f"start:{name}", "subject": f"{_PREFIX}{name}", "event": {"replan": name}}
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        await connection.execute(statement, values | {"occurred_at": at, "received_at": at})

    async def keep_calendar(self, connection: AsyncConnection, name: str, version: int, at: datetime) -> None:
        """Keep that a published version of a calendar is to be carried out; once for each."""
        values = {
            "source": "registry",
            "event_id": f"calendar:{name}:{version}",
            "subject": f"{_PREFIX}calendar:{name}",
            "event": {"calendar": name, "version": version},
        }
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        await connection.execute(statement, values | {"occurred_at": at, "received_at": at})

    async def keep_figures(self, connection: AsyncConnection, registry_no: str, period: str, version: int, at: datetime) -> None:
        """Keep that an agreement's process is to go on from a version of a closed period."""
        values = {
            "source": "registry",
            "event_id": f"figures:{registry_no}:{period}:{version}",
            "subject": f"{_PREFIX}{registry_no}",
            "event": {"figures": period, "registry_no": registry_no},
        }
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        await connection.execute(statement, values | {"occurred_at": at, "received_at": at})

    async def keep_deed(self, kind: str, case_id: str, submission: Submission, at: datetime) -> None:
        """Keep a deed for later; the same key of the same person a second time is the same deed.

        Raises:
            Conflict: ALREADY_DECIDED, where the key was used for another deed.
        """
        values = {
            "source": f"people {case_id}",
            "event_id": f"{submission.by.person}:{submission.key}"[:200],
            "subject": f"{_PREFIX}{case_id}",
            "event": {"kind": kind, "deed": submission.model_dump(mode="json")},
            "occurred_at": submission.received_at or at,
            "received_at": at,
        }
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        same = select(inbox.c.event).where(inbox.c.source == values["source"], inbox.c.event_id == values["event_id"])
        async with self._database.writing() as connection:
            await connection.execute(statement, values)
            kept: Any = await connection.scalar(same)
        if Submission.model_validate(kept["deed"]).fingerprint != submission.fingerprint:
            raise Conflict("ALREADY_DECIDED", f"{submission.key} was used for another decision; it stays as it was decided first")

    async def waiting(self, connection: AsyncConnection, limit: int, after: int = 0) -> Sequence[Row[Any]]:
        """Rows the engine was not told of, oldest first, from the row `after` on."""
        mine = inbox.c.subject.startswith(_PREFIX), inbox.c.forwarded_at.is_(None), inbox.c.id > after
        return (await connection.execute(select(inbox).where(*mine).order_by(inbox.c.id).limit(limit))).all()

    async def done(self, row_id: int, at: datetime) -> None:
        """The engine knows."""
        async with self._database.writing() as connection:
            await connection.execute(update(inbox).where(inbox.c.id == row_id).values(forwarded_at=at))
