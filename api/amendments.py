"""Carries out `domain.ports.Amendments`: renegotiations and minor versions of registered agreements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client

from domain.agreement_case import AgreementCase, Support
from domain.amendment import Asked, InForce, open_amendment, request_without_case
from domain.case_telling import record_of
from domain.documents import AgreementDocument
from domain.errors import Conflict, NotFound
from domain.follow_ups.change import Change
from domain.timer_policy import TimerPolicy
from store.cases import CaseStore
from store.database import Database
from store.directory import Directory
from store.entries import Entry
from store.inbox_rows import InboxRows
from store.registry import AgreementRegistry
from store.supports import SupportFinder
from workflows.processes import tell_version

SOURCE = "amendments"
"""The source of cases that changes of agreements opened."""


class AmendmentCases:
    """Opens them. What the engine must know of them goes by the inbox, in the same transaction."""

    def __init__(self, database: Database, policy: TimerPolicy, client: Client) -> None:
        """Work on a database and an engine; a case whose forerunner is not known gets this policy."""
        self._database = database
        self._client = client
        self._policy = policy
        self._registry = AgreementRegistry(database)
        self._cases = CaseStore(database)
        self._rows = InboxRows(database)
        self._directory = Directory(database)
        self._supports = SupportFinder(database, ())

    async def open_amendment(self, change: Change, at: datetime) -> str:
        """Open the case of a material change, with everything that is in force; asked for again it is the same. Gives its id.

        Raises:
            NotFound: there is no such agreement that was signed here.
            Conflict: AGREEMENT_TERMINATING, AGREEMENT_ENDED.
        """
        asked = Asked(change.registry_no, change.case_id, "; ".join(each.text for each in change.triggers))
        chosen = await self._registry.set_of(asked.registry_no)
        target = next((each for each in chosen if each.registry_no == asked.registry_no), None)
        if target is None:
            raise NotFound(f"there is no agreement {asked.registry_no} that was signed here")
        _refuse_ended(target)
        living = [each for each in chosen if each.state in {"REGISTERED", "ACTIVE"}]
        in_force = [InForce(each.registry_no, each.version, AgreementDocument.model_validate(each.document)) for each in living]
        async with self._database.reading() as connection:
            before = await self._before(connection, target, in_force)
        supports = await self._carrying(in_force)
        case = open_amendment(asked, before, in_force, supports, at)
        async with self._database.writing() as connection:
            if await self._cases.case(connection, case.case_id) is None:
                await self._cases.open(connection, record_of(case), SOURCE, asked.change)
                await self._rows.keep_start(connection, case.case_id, SOURCE, asked.change, at)
        return case.case_id

    async def add_minor_version(self, registry_no: str, document: AgreementDocument, note: str, key: str, at: datetime) -> str:
        """Register a version that changes nothing material, and let the agreement's process know; gives the version.

        Raises:
            NotFound, NotAmendable: as the registry says.
        """
        registered = await self._registry.add_minor_version(registry_no, document, note, key, at)
        # Told at once too, and not only by the inbox: an agreement that is renewed must know before its last day is over.
        await tell_version(self._client, registered)
        return registered.version

    async def _before(self, connection: AsyncConnection, target: Entry, in_force: Sequence[InForce]) -> AgreementCase:
        """The case that brought the agreement here; where there is none, one that asks for everything anew."""
        row: Any = await self._cases.case(connection, target.case_id)
        if row is not None and row.kind == "AGREEMENT":
            return AgreementCase.model_validate(row.document)
        catalogue = await self._directory.current(connection)
        document = next(each.document for each in in_force if each.registry_no == target.registry_no)
        return AgreementCase(
            case_id=target.case_id,
            calendar=catalogue.calendar,
            policy=self._policy,
            entered_at=target.registered_at,
            last_at=target.registered_at,
            request=request_without_case(target.registry_no, document, target.case_id),
        )

    async def _carrying(self, in_force: Sequence[InForce]) -> dict[str, Support]:
        names = {link.support for each in in_force for link in each.document.links}
        found = {name: await self._supports.find(name) for name in sorted(names)}
        return {name: support for name, support in found.items() if support is not None}


def _refuse_ended(entry: Entry) -> None:
    if entry.state == "TERMINATING":
        raise Conflict("AGREEMENT_TERMINATING", f"{entry.registry_no} is being terminated; nothing of it is renegotiated")
    if entry.state not in {"REGISTERED", "ACTIVE"}:
        raise Conflict("AGREEMENT_ENDED", f"{entry.registry_no} is {entry.state}; nothing of it is renegotiated")
