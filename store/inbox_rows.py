"""Rows of the inbox that are about cases and agreements: what is to be started, and deeds that no worker has judged yet."""

from collections.abc import Mapping, Sequence
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
from domain.termination import TerminationNews
from store.database import Database
from store.tables import InboxRow

inbox = InboxRow.__table__  # type: ignore[attr-defined]

CASE_ROWS = "case "
"""How their subjects begin. No ticket is named so: the name of a source holds no blank."""


class InboxRows:
    """Keeps and finds them; the tickets' rows are left alone."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def keep_request(self, connection: AsyncConnection, asked: AgreementRequested, at: datetime) -> bool:
        """Keep a request of the CRM; False if it came before."""
        key = asked.source, asked.id
        return await self._keep(connection, key, asked.case_id, {"request": asked.model_dump(mode="json")}, (asked.time, at))

    async def keep_start(self, connection: AsyncConnection, case_id: str, source: str, key: str, at: datetime) -> None:
        """Keep that the process of a case is to be started."""
        await self._keep(connection, (source, f"start:{key}"[:200]), case_id, {"start": case_id}, (at, at))

    async def case_of(self, connection: AsyncConnection, source: str, event_id: str) -> str | None:
        """The case an event is about that came before."""
        subject: str | None = await connection.scalar(
            select(inbox.c.subject).where(inbox.c.source == source, inbox.c.event_id == event_id, inbox.c.subject.startswith(CASE_ROWS))
        )
        return subject.removeprefix(CASE_ROWS) if subject is not None else None

    async def keep_change(self, connection: AsyncConnection, asked: ChangeAsked, case_id: str, news: Sequence[News], at: datetime) -> None:
        """Keep what asks for a change: its process is to be started, or to hear of it where it runs already."""
        event = {"news": news[0].model_dump(mode="json")} if news else {"start": case_id}
        await self._keep(connection, (asked.source, asked.event), case_id, event, (at, at))

    async def keep_agreement(self, connection: AsyncConnection, registered: Registered, at: datetime) -> None:
        """Keep that the process of an agreement is to be started that no case brought here; once for each."""
        number = registered.registry_no
        await self._keep(connection, ("registry", f"start:{number}"), number, {"agreement": registered.model_dump(mode="json")}, (at, at))

    async def keep_version(self, connection: AsyncConnection, registered: Registered, at: datetime) -> None:
        """Keep that an agreement's process is to learn of another version; once for each."""
        number, key = registered.registry_no, f"version:{registered.registry_no}:{registered.version}"
        await self._keep(connection, ("registry", key), number, {"version": registered.model_dump(mode="json")}, (at, at))

    async def keep_replan(self, connection: AsyncConnection, name: str, at: datetime) -> None:
        """Keep that the process of a re-plan is to be started; once for each."""
        await self._keep(connection, ("registry", f"start:{name}"), name, {"replan": name}, (at, at))

    async def keep_backtest(self, connection: AsyncConnection, name: str, at: datetime) -> None:
        """Keep that the process of a backtest is to be started; once for each."""
        await self._keep(connection, ("registry", f"start:{name}"), name, {"backtest": name}, (at, at))

    async def termination_answer(self, connection: AsyncConnection, source: str, event_id: str) -> Any:
        """How an order of the CRM was answered when it came first; None if it did not come yet."""
        same = inbox.c.source == source, inbox.c.event_id == event_id, inbox.c.subject.startswith(CASE_ROWS)
        event = await connection.scalar(select(inbox.c.event).where(*same))
        return event.get("answer") if event is not None else None

    async def keep_termination(
        self, connection: AsyncConnection, source: str, registry_no: str, news: TerminationNews, answer: Any
    ) -> None:
        """Keep an order of the CRM, or its revocation, with its answer: the agreement's process is to learn of it."""
        event = {"termination": news.model_dump(mode="json"), "registry_no": registry_no, "answer": answer}
        await self._keep(connection, (source, news.key), registry_no, event, (news.at, news.at))

    async def keep_calendar(self, connection: AsyncConnection, name: str, version: int, at: datetime) -> None:
        """Keep that a published version of a calendar is to be carried out; once for each."""
        values = {
            "source": "registry",
            "event_id": f"calendar:{name}:{version}",
            "subject": f"{CASE_ROWS}calendar:{name}",
            "event": {"calendar": name, "version": version},
        }
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        await connection.execute(statement, values | {"occurred_at": at, "received_at": at})

    async def keep_look(self, connection: AsyncConnection, registry_no: str, why: str, at: datetime) -> None:
        """Keep that an agreement's process is to look whether its supports still carry it; once for each reason."""
        values = {
            "source": "registry",
            "event_id": f"supports:{registry_no}:{why}"[:200],
            "subject": f"{CASE_ROWS}{registry_no}",
            "event": {"supports": why, "registry_no": registry_no},
        }
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        await connection.execute(statement, values | {"occurred_at": at, "received_at": at})

    async def keep_figures(self, connection: AsyncConnection, registry_no: str, period: str, version: int, at: datetime) -> None:
        """Keep that an agreement's process is to go on from a version of a closed period."""
        key = f"figures:{registry_no}:{period}:{version}"
        await self._keep(connection, ("registry", key), registry_no, {"figures": period, "registry_no": registry_no}, (at, at))

    async def keep_deed(self, kind: str, case_id: str, submission: Submission, at: datetime) -> None:
        """Keep a deed for later; the same key of the same person a second time is the same deed.

        Raises:
            Conflict: ALREADY_DECIDED, where the key was used for another deed.
        """
        values = {
            "source": f"people {case_id}",
            "event_id": f"{submission.by.person}:{submission.key}"[:200],
            "subject": f"{CASE_ROWS}{case_id}",
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
        mine = inbox.c.subject.startswith(CASE_ROWS), inbox.c.forwarded_at.is_(None), inbox.c.id > after
        return (await connection.execute(select(inbox).where(*mine).order_by(inbox.c.id).limit(limit))).all()

    async def done(self, row_id: int, at: datetime) -> None:
        """The engine knows."""
        async with self._database.writing() as connection:
            await connection.execute(update(inbox).where(inbox.c.id == row_id).values(forwarded_at=at))

    async def _keep(
        self,
        connection: AsyncConnection,
        key: tuple[str, str],
        about: str,
        event: Mapping[str, Any],
        when: tuple[datetime, datetime],
    ) -> bool:
        """Keep what is to be told about a case or an agreement, once for each key (source, name); False if it was kept before.

        `when` is when it happened, and when it reached us.
        """
        values = {"source": key[0], "event_id": key[1], "subject": f"{CASE_ROWS}{about}", "event": dict(event)}
        statement = self._database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        added = statement.returning(inbox.c.id)
        return await connection.scalar(added, values | {"occurred_at": when[0], "received_at": when[1]}) is not None
