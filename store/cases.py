"""Agreement cases, the tasks of people, and the versions of their documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.audit import AuditEvent
from domain.case_messages import CaseRecord
from domain.documents import AgreementDocument, FinalDraft, hash_of
from domain.human_tasks import HumanTask
from domain.pricing import PriceProposal
from domain.requirements import RequirementsDocument, RequirementsStatement
from domain.values import Document
from store.audit import AuditTrail
from store.case_tables import CaseRow, DocumentRow, HumanTaskRow
from store.database import Database

cases, tasks, documents = (table.__table__ for table in (CaseRow, HumanTaskRow, DocumentRow))  # type: ignore[union-attr]

_TASK_KEYS = ("case_id", "task")


class CaseFilter(NamedTuple):
    """What a list of cases is narrowed to; `pending_side` says whose tasks count for `pending_role`."""

    customer: str | None = None
    state: str | None = None
    agent: str | None = None
    pending_role: str | None = None
    pending_side: str | None = None
    party: str | None = None
    kind: str | None = None
    agreement: str | None = None


class CaseStore:
    """Carries out `domain.ports.CaseStore`, and answers what is asked of cases."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._audit = AuditTrail(database)

    # ---- what is written --------------------------------------------------------------------------------------------

    async def open(self, connection: AsyncConnection, record: CaseRecord, source: str, event_id: str) -> None:
        """Write a case that was asked for; one that is there already stays as it is."""
        row = _case_values(record) | {"case_id": record.case_id, "source": source, "event_id": event_id, "opened_at": record.entered_at}
        await connection.execute(self._database.insert(CaseRow).on_conflict_do_nothing(), row)

    async def record(self, record: CaseRecord) -> None:
        """Write a case as it stands, its tasks, documents and events; an older state never replaces a newer one."""
        async with self._database.writing() as connection:
            newer = cases.c.case_id == record.case_id, cases.c.revision < record.revision
            written = await connection.execute(update(cases).where(*newer).values(**_case_values(record)))
            if record.tasks and written.rowcount:
                rows = [_task_values(record.case_id, task) for task in record.tasks]
                await connection.execute(self._database.upsert(HumanTaskRow, _TASK_KEYS), rows)
            for kind, number, document in _documents(record.case):
                digest = _digest_of(kind, document)
                if kind == "draft" and digest != record.case.get("compiled_hash"):
                    continue  # supports are being linked in it; it is a version once it is compiled
                values = {"case_id": record.case_id, "kind": kind, "number": number, "created_at": record.events[-1].at}
                values |= {"digest": digest, "document": document}
                await connection.execute(self._database.insert(DocumentRow).on_conflict_do_nothing(), values)
            await self._audit.append(connection, record.events)

    async def note(self, event: AuditEvent) -> None:
        """Write an event that changed nothing, such as a refusal."""
        async with self._database.writing() as connection:
            await self._audit.append(connection, [event])

    async def mark_started(self, connection: AsyncConnection, case_id: str, at: datetime) -> None:
        """The engine runs the case's process."""
        await connection.execute(update(cases).where(cases.c.case_id == case_id).values(started_at=at))

    # ---- what is asked ----------------------------------------------------------------------------------------------

    async def case(self, connection: AsyncConnection, case_id: str) -> Row[Any] | None:
        """A case's row."""
        return (await connection.execute(select(cases).where(cases.c.case_id == case_id))).one_or_none()

    async def case_of_event(self, connection: AsyncConnection, source: str, event_id: str) -> str | None:
        """The case an event opened."""
        found: str | None = await connection.scalar(select(cases.c.case_id).where(cases.c.source == source, cases.c.event_id == event_id))
        return found

    async def page(
        self, connection: AsyncConnection, wanted: CaseFilter, limit: int, after: tuple[datetime, str] | None
    ) -> Sequence[Row[Any]]:
        """Cases, newest first, after the one a former page ended with; without their documents. One indexed query."""
        query = select(*(column for column in cases.c if column.name != "document"))
        for name in ("customer", "state", "agent", "party", "kind", "agreement"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(cases.c[name] == value)
        if wanted.pending_role is not None:
            waiting = (tasks.c.case_id == cases.c.case_id, tasks.c.state == "OPEN", tasks.c.role == wanted.pending_role)
            of_side = [tasks.c.side == wanted.pending_side] if wanted.pending_side is not None else []
            query = query.where(select(1).select_from(tasks).where(*waiting, *of_side).exists())
        if after is not None:
            query = query.where(tuple_(cases.c.opened_at, cases.c.case_id) < after)
        return (await connection.execute(query.order_by(cases.c.opened_at.desc(), cases.c.case_id.desc()).limit(limit))).all()

    async def tasks_of(self, connection: AsyncConnection, case_ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
        """The tasks of some cases, in the order they were opened."""
        found: dict[str, list[Row[Any]]] = {case_id: [] for case_id in case_ids}
        query = select(tasks).where(tasks.c.case_id.in_(list(case_ids))).order_by(tasks.c.opened_at, tasks.c.task)
        for row in await connection.execute(query):
            found[row.case_id].append(row)
        return found

    async def open_tasks(
        self, connection: AsyncConnection, roles: Sequence[str], persons: Sequence[str], party: str | None, limit: int
    ) -> Sequence[Row[Any]]:
        """Open tasks for somebody: theirs by name, or of one of their roles on their side; soonest due first."""
        of_party = tasks.c.party.is_(None) if party is None else tasks.c.party == party
        mine = or_(tasks.c.person.in_(list(persons)), (tasks.c.person.is_(None)) & (tasks.c.role.in_(list(roles))) & of_party)
        query = select(tasks).where(tasks.c.state == "OPEN", mine).order_by(tasks.c.due_at, tasks.c.task).limit(limit)
        return (await connection.execute(query)).all()

    async def open_cases_of(self, connection: AsyncConnection, agent: str, ended: Sequence[str]) -> int:
        """How many cases an agent has that have not ended."""
        query = select(func.count()).select_from(cases).where(cases.c.agent == agent, cases.c.state.not_in(list(ended)))
        return int(await connection.scalar(query) or 0)

    async def documents(self, connection: AsyncConnection, case_id: str) -> Sequence[Row[Any]]:
        """The versions of a case's documents, earliest first."""
        query = select(documents).where(documents.c.case_id == case_id).order_by(documents.c.created_at, documents.c.number)
        return (await connection.execute(query)).all()


def _case_values(record: CaseRecord) -> dict[str, Any]:
    return {
        "kind": record.kind,
        "revision": record.revision,
        "state": record.state,
        "reason": record.reason[:2000] if record.reason else None,
        "customer": record.customer,
        "party": record.party,
        "agent": record.agent,
        "agreement": record.agreement,
        "entered_at": record.entered_at,
        "next_at": record.next_at,
        "registry_nos": list(record.registry_nos),
        "document": dict(record.case),
    }


def _task_values(case_id: str, task: HumanTask) -> dict[str, Any]:
    return {"case_id": case_id} | {name: getattr(task, name) for name in HumanTaskRow.model_fields if name != "case_id"}


def _documents(case: Mapping[str, Any]) -> list[tuple[str, int, Any]]:
    """What a case says that others decide on, with its version."""
    found = [
        ("requirements", case.get("requirements_version", 0), case.get("requirements")),
        ("statement", case.get("statement_version", 0), case.get("statement")),
        ("proposal", len(case.get("rounds") or ()) + 1, case.get("proposal")),
        ("draft", case.get("draft_version", 0), case.get("draft")),
        ("support", case.get("version", 0), case.get("document")),
    ]
    return [(kind, number, document) for kind, number, document in found if document is not None and number]


_FORMS: Mapping[str, type[Document]] = {
    "requirements": RequirementsDocument,
    "statement": RequirementsStatement,
    "proposal": PriceProposal,
    "draft": FinalDraft,
    "support": AgreementDocument,
}


def form_of(kind: str) -> type[Document]:
    """The form of a kind of document."""
    return _FORMS[kind]


def _digest_of(kind: str, document: Any) -> str:
    return hash_of(_FORMS[kind].model_validate(document))
