"""People at the API, each with a token of their own, and the CRM that asks for agreements."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
from temporalio.client import Client

from connectors.agreement_stories import Deed, read_story
from settings import Settings
from store.database import Database
from store.directory import Directory
from tests.conftest import EXAMPLES, Api, serve, settings_for
from tests.domain.drafts import catalogue, support
from worker import build_workers

SUPPORT_SIGNERS = {"desk": ("O1", ("O1", "S1")), "field-warsaw": ("O2", ("O2", "S1")), "techteren": ("U1", ("U1", "Z1"))}
"""Who accepts each support of the examples, and who signs it."""

PARTNERS = {"desk": "Service desk", "field-warsaw": "Field service Warsaw", "techteren": "TechTeren"}


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


class Office:
    """Everybody at their desks."""

    def __init__(self, api: Api, tokens: dict[str, str], manager: str = "M1") -> None:
        self.api = api
        self.tokens = tokens
        self.manager = manager

    async def get(self, person: str | None, path: str, **params: Any) -> httpx2.Response:
        """Somebody looks at something; None has no token."""
        return await self.api.http.get(path, params=params, headers=self._headers(person))

    async def send(self, person: str | None, path: str, key: str | None = None, verb: str = "POST", **body: Any) -> httpx2.Response:
        """Somebody does something."""
        headers = {**self._headers(person), "idempotency-key": key or uuid4().hex}
        return await self.api.http.request(verb, path, json=body, headers=headers)

    async def does(self, person: str, case_id: str, action: str, key: str | None = None, **body: Any) -> httpx2.Response:
        """Somebody decides something in a case."""
        kind = "support-cases" if case_id.startswith("support-") else "cases"
        return await self.send(person, f"/{kind}/{case_id}/{action}", key, **body)

    def _headers(self, person: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[person]}"} if person is not None else {}

    async def case(self, case_id: str, person: str | None = None) -> dict[str, Any]:
        """A case as somebody sees it; the SLM manager, if nobody is named."""
        answer = await self.get(person or self.manager, f"/cases/{case_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def until(self, case_id: str, state: str) -> dict[str, Any]:
        """Wait until a case stands there."""
        for _ in range(300):
            case = await self.case(case_id)
            if case["state"] == state:
                return case
            await asyncio.sleep(0.05)
        raise AssertionError(f"{case_id} is {case['state']}, not {state}")

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
        opened = await self.send("S1", "/support-cases", partner=PARTNERS[name])
        case_id: str = opened.json()["case_id"]
        await self.until(case_id, "DRAFTED")
        document = support(name).model_dump(mode="json", exclude_defaults=True)
        proposed = await self.does("S1", case_id, "propose_support", document=document)
        assert proposed.status_code == 200, proposed.text
        digest = (await self.case(case_id))["hashes"]["document"]
        accepting, signing = SUPPORT_SIGNERS[name]
        assert (await self.does(accepting, case_id, "accept_support", document_hash=digest)).status_code == 200
        for person in signing:
            signed = await self.does(person, case_id, "sign_support", document_hash=digest, method="QUALIFIED_ESIGN")
            assert signed.status_code == 200, signed.text
        await self.until(case_id, "REGISTERED")
        return case_id

    async def play(self, case_id: str, story: str = "bank-agreement", until: str | None = None) -> None:
        """Play a story of the examples; the supports are set up before the promise is linked to them."""
        supports: dict[str, str] = {}
        for deed in read_story(EXAMPLES / "stories" / f"{story}.yaml"):
            if until is not None and (await self.case(case_id))["state"] == until:
                return
            if deed.action == "link_supports":
                supports = {name: await self.support(name) for name in deed.fields["supports"]}
            await self.do(case_id, deed, supports)

    async def do(self, case_id: str, deed: Deed, supports: dict[str, str] | None = None) -> dict[str, Any]:
        """One line of a story; supports go by the names of their cases."""
        hashes = (await self.case(case_id))["hashes"]
        body = deed.filled({f"${name}": value for name, value in hashes.items()})
        if supports:
            body = _renamed(body, supports)
        answer = await self.does(deed.person, case_id, deed.action, **body)
        assert answer.status_code == 200, f"{deed.person} {deed.action}: {answer.text}"
        shown: dict[str, Any] = answer.json()
        assert deed.leads_to in {None, shown["state"]}, f"{deed.person} {deed.action}: {shown}"
        return shown


def _renamed(body: dict[str, Any], supports: dict[str, str]) -> dict[str, Any]:
    if "supports" in body:
        body["supports"] = [supports[name] for name in body["supports"]]
    for document in body.get("draft", {}).get("documents", ()):
        document["links"] = [link | {"support": supports[link["support"]]} for link in document.get("links", ())]
    return body


@asynccontextmanager
async def office(database: Database, client: Client | None, **more: Any) -> AsyncIterator[Office]:
    """The API with the example catalogue and a token for everybody."""
    directory, now = Directory(database), datetime.now(UTC)
    await directory.load(catalogue(), "test", now)
    tokens = {each.person: await directory.new_token(each.person, now) for each in catalogue().people}
    async with serve(settings_for(database.url, **more), client) as api:
        yield Office(api, tokens)


@asynccontextmanager
async def workers(client: Client, database: Database, settings: Settings | None = None) -> AsyncIterator[None]:
    """The product's own workers, on the real store."""
    async with AsyncExitStack() as running:
        for worker in build_workers(client, settings or settings_for(database.url), database):
            await running.enter_async_context(worker)
        yield
