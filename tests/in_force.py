"""A registered agreement in force in a company: its process, real store, workers and API, at instants of a story."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from api.amendments import AmendmentCases
from domain.case_messages import AgreementOrder, Registration
from domain.catalogue import Catalogue
from domain.documents import AgreementDocument, content_of
from store.mailbox import Mailbox
from store.period_results import ClosedPeriods
from store.registry import AgreementRegistry
from tests.company import Company, company
from tests.domain.case_stories import local
from workflows.agreement import Agreement
from workflows.names import agreement_workflow_id
from workflows.starting import start_agreement

SIGNED = datetime(2026, 2, 20, 9, 0, tzinfo=UTC)


def catalogue_of(base: Catalogue, customer: str) -> Catalogue:
    """The catalogue of the examples with another customer in the bank's place."""
    text = json.dumps(base.model_dump(mode="json", by_alias=True), ensure_ascii=False)
    return Catalogue.model_validate_json(text.replace("Bank Narew S.A.", customer))


class InForce:
    """Agreements in force, whose time a test moves together with the API's clock."""

    def __init__(self, made: Company) -> None:
        self.company = made
        self.numbers: list[str] = []
        self._shifts: dict[str, timedelta] = {}

    async def register(self, at: str, document: AgreementDocument, catalogue: Catalogue, **supports: str) -> str:
        """Put a signed document into the registry, and start its process; gives its number as addresses read it."""
        registration = Registration(
            case_id=f"case-{document.document}",
            documents=(content_of(document),),
            document_hash="0" * 64,
            supports=supports,
            signed_at=SIGNED,
            calendar=catalogue.calendar,
        )
        [registered] = await AgreementRegistry(self.company.database).register(registration)
        number, shift = registered.registry_no, datetime.now(UTC) - local(at)
        await start_agreement(self.company.client, AgreementOrder(registered=registered, crm_case="CRM-1", time_shift=shift))
        self.numbers.append(number)
        self._shifts[number] = shift
        return number.replace("/", "-")

    def follows(self, number: str, at: str) -> None:
        """Move the time of an agreement whose process begins at an instant of the story."""
        self.company.clock_shows(local(at))
        self.numbers.append(number)
        self._shifts[number] = self.company.clock_shift

    async def until(self, at: str) -> None:
        """It is an instant for every agreement and the API, and what was to be done by then is done."""
        self.company.clock_shows(local(at))
        for number in self.numbers:
            await self._forward(agreement_workflow_id(number), local(at) + self._shifts[number])
            await self._caught_up(number, local(at))

    async def _caught_up(self, number: str, instant: datetime) -> None:
        handle = self.company.client.get_workflow_handle_for(Agreement.run, agreement_workflow_id(number))
        for _ in range(1000):
            with suppress(RPCError):  # a run that has just begun
                standing = await handle.query(Agreement.standing)
                waits = standing.waits_for
                if not standing.again and not standing.untold and (waits is None or waits.at > instant):
                    return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{number} does not come to {instant}: {standing}")

    def adopt(self, number: str, at: str) -> None:
        """Move the process of an agreement, which somebody starts with the API's clock, with the others."""
        self.company.clock_shows(local(at))
        self.numbers.append(number)
        self._shifts[number] = self.company.clock_shift

    async def follow_up_until(self, case_id: str, at: str) -> None:
        """It is an instant for a follow-up, which was started with the clock of the first agreement."""
        await self.process_until(case_id, at, self._shifts[self.numbers[0]])

    async def process_until(self, process: str, at: str, shift: timedelta) -> None:
        """It is an instant for a process that was started with a clock so far away from the engine's, and for the API."""
        self.company.clock_shows(local(at))
        await self._forward(process, local(at) + shift)

    async def _forward(self, process: str, instant: datetime) -> None:
        handle, engine = self.company.client.get_workflow_handle(process), self.company.engine
        with suppress(RPCError):  # it has ended
            while (ahead := instant - await engine.get_current_time(handle)) > timedelta():
                await engine.fast_forward(handle, ahead)

    # ---- what people do and see -------------------------------------------------------------------------------------

    async def get(self, person: str, address: str, **asked: str) -> Any:
        """What a person reads."""
        answer = await self.company.office.get(person, address, **asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, person: str, address: str, body: Mapping[str, Any], code: int = 200) -> Any:
        """What a person sends."""
        answer = await self.company.office.send(person, address, **body)
        assert answer.status_code == code, answer.text
        return answer.json()

    async def decide(self, person: str, case_id: str, action: str, code: int = 200, **body: Any) -> Any:
        """What a person decides in a follow-up."""
        return await self.post(person, f"/cases/{case_id}/{action}", body, code)

    async def measured(self, number: str, target: str, name: str, start: str, minutes: str, kind: str = "DOWN") -> None:
        """A stretch the SLA team reports."""
        begins = local(start)
        ends = begins.astimezone(UTC) + timedelta(seconds=float(minutes) * 60)
        stretch = {"measurement": name, "kind": kind, "start": begins.isoformat(), "end": ends.isoformat()}
        body = {"registry_no": number, "target": target, "source": "status-page", "measurements": [stretch]}
        await self.post("L1", "/measurements", body, 202)

    async def closed(self, number: str, period: str, version: int = 1) -> dict[str, Any]:
        """A version of a closed period, once it is there."""
        for _ in range(200):
            versions = await ClosedPeriods(self.company.database).versions(number.replace("-", "/"), period)
            if len(versions) >= version:
                return dict(versions[version - 1].content)
            await asyncio.sleep(0.05)
        raise AssertionError(f"{period} has no version {version}")

    async def follow_ups(self, number: str, *ids: str) -> dict[str, dict[str, Any]]:
        """The follow-ups of an agreement as the SLM manager sees them, once all of these are there and have begun."""
        for _ in range(200):
            found = {each["case_id"]: each for each in await self.get("M1", f"/registry/{number}/follow-ups", limit="500")}
            if all(each in found and found[each]["revision"] > 0 for each in ids):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"not there: {sorted(set(ids) - set(found))}; {sorted(found)}")

    async def state(self, case_id: str, *states: str) -> dict[str, Any]:
        """A follow-up, once it is in one of these states."""
        for _ in range(200):
            case: dict[str, Any] = await self.get("M1", f"/cases/{case_id}")
            if case["state"] in states:
                return case
            await asyncio.sleep(0.05)
        raise AssertionError(f"{case_id} is {case['state']}")

    async def letters(self, *parts: str) -> list[tuple[str, Sequence[str]]]:
        """Notices whose key has these parts, earliest first: key and receivers."""
        rows: Sequence[Any] = await Mailbox(self.company.database, self.company.now).messages(500)
        told = {row.notice: row.recipients for row in reversed(rows)}
        return [(key, recipients) for key, recipients in told.items() if all(part in key for part in parts)]


@asynccontextmanager
async def in_force(
    engine: WorkflowEnvironment,
    folder: Path,
    catalogue: Catalogue,
    at: str,
    cached: int = 1000,
    amendments: type[AmendmentCases] = AmendmentCases,
) -> AsyncIterator[InForce]:
    """A company at an instant of its story."""
    async with company(engine, folder, catalogue, cached, local(at), amendments) as made:
        yield InForce(made)
