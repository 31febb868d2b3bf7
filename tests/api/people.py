"""People at the API, each with a token of their own, and the CRM that asks for agreements."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

import httpx2
from temporalio.client import Client

from connectors.agreement_player import AgreementPlayer
from connectors.agreement_stories import Deed
from domain.catalogue import Catalogue
from settings import Settings
from store.database import Database
from store.directory import Directory
from tests.conftest import Api, serve, settings_for
from tests.domain.drafts import catalogue, story, support
from worker import build_workers


def request(event_id: str = "CRM-000341", **data: Any) -> dict[str, Any]:
    """A request for the bank's agreement, as the CRM sends it."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "crm",
        "type": "agreement.requested",
        "time": "2026-01-12T09:15:00+01:00",
        "data": {"crm_case": event_id, "customer": "Bank Narew S.A.", "services": ["MPS"], **data},
    }


SPRING = "2026-03-17T10:00+01:00"
"""The bank's agreement has been in force for a day, its supports for two weeks: what is registered has no year to catch up with."""


class Office:
    """Everybody at their desks."""

    def __init__(self, api: Api, tokens: dict[str, str], manager: str = "M1") -> None:
        self.api = api
        self.tokens = tokens
        self.player = AgreementPlayer(api.http, tokens, observer=manager)
        self.supports: dict[str, dict[str, str]] = {}
        """By case: what the story calls a support, and the support case it is."""
        self.manager = manager

    @property
    def now(self) -> datetime:
        """Business time there."""
        shown: datetime = self.api.app.state.parts.now()
        return shown

    async def get(self, person: str | None, path: str, **params: Any) -> httpx2.Response:
        """Somebody looks at something; None has no token."""
        return await self.api.http.get(path, params=params, headers=self._headers(person))

    async def send(self, person: str | None, path: str, key: str | None = None, verb: str = "POST", **body: Any) -> httpx2.Response:
        """Somebody does something."""
        headers = {**self._headers(person), "idempotency-key": key or uuid4().hex}
        return await self.api.http.request(verb, path, json=body, headers=headers)

    async def does(self, person: str, case_id: str, action: str, key: str | None = None, **body: Any) -> httpx2.Response:
        """Somebody decides something in a case; where it was only received, they ask again with the same key, as people do."""
        kind, key = "support-cases" if case_id.startswith("support-") else "cases", key or uuid4().hex
        for _ in range(20):
            answer = await self.send(person, f"/{kind}/{case_id}/{action}", key, **body)
            if answer.status_code != 202:
                break
        return answer

    def _headers(self, person: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[person]}" if person is not None else ""}

    async def case(self, case_id: str, person: str | None = None) -> dict[str, Any]:
        """A case as somebody sees it; the SLM manager, if nobody is named."""
        answer = await self.get(person or self.manager, f"/cases/{case_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def until(self, case_id: str, state: str) -> dict[str, Any]:
        """Wait until a case stands there."""
        return await self.player.until(case_id, state)

    async def open(self, event_id: str | None = None, **data: Any) -> str:
        """The CRM asks, in an event nobody sent before; the case is in its first stage."""
        event_id = event_id or f"CRM-{uuid4().hex[:8]}"
        answer = await self.api.post(request(event_id, **data))
        assert answer.status_code == 202, answer.text
        case_id: str = answer.json()["results"][0]["case_id"]
        await self.until(case_id, "AGENT_SELECTION")
        return case_id

    async def support(self, name: str) -> str:
        """An OLA or UC, from the need to the registry; gives its case."""
        return await self.player.support(support(name))

    async def play(self, case_id: str, name: str = "bank-agreement", until: str | None = None) -> None:
        """Play a story of the examples; the supports are set up before the promise is linked to them."""
        for deed in story(name):
            if until is not None and (await self.case(case_id))["state"] == until:
                return
            if deed.action == "link_supports":
                self.supports[case_id] = {name: await self.support(name) for name in deed.fields["supports"]}
            await self.do(case_id, deed)

    async def do(self, case_id: str, deed: Deed) -> dict[str, Any]:
        """One line of a story; supports go by the names of their cases."""
        return await self.player.do(case_id, deed, self.supports.get(case_id, {}))


@asynccontextmanager
async def office(database: Database, client: Client | None, **more: Any) -> AsyncIterator[Office]:
    """The API with the example catalogue and a token for everybody."""
    directory, now = Directory(database), datetime.now(UTC)
    await directory.load(other_bank(), "test", now)
    tokens = {each.person: await directory.new_token(each.person, now) for each in other_bank().people}
    async with serve(settings_for(database.url, **more), client) as api:
        yield Office(api, tokens)


@asynccontextmanager
async def workers(client: Client, database: Database, settings: Settings | None = None) -> AsyncIterator[None]:
    """The product's own workers, on the real store."""
    async with AsyncExitStack() as running:
        for worker in build_workers(client, settings or settings_for(database.url), database):
            await running.enter_async_context(worker)
        yield


@asynccontextmanager
async def working(client: Client, database: Database, now: str = SPRING) -> AsyncIterator[Office]:
    """Everybody at their desks and the workers, at an instant of business time."""
    async with workers(client, database, settings_for(database.url, now=now)), office(database, client, now=now) as made:
        yield made


@cache
def other_bank() -> Catalogue:
    """Another customer and its representative, to whom the bank's agreement is none of their business."""
    value = catalogue().model_dump(mode="json", by_alias=True)
    value["customers"].append({"customer": "Bank Wkra S.A.", "kind": "EXTERNAL"})
    value["people"].append(
        {"person": "K1", "name": "Karol Obcy", "side": "CUSTOMER", "party": "Bank Wkra S.A.", "roles": ["CUSTOMER_REP", "SIGNATORY"]}
    )
    return Catalogue.model_validate(value)
