"""The demo's agreement: a bank's printing contract from the CRM's request to the registry, played by its people over the API."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from commands.output import say
from connectors.agreement_player import AgreementPlayer
from connectors.agreement_stories import Deed, read_story
from connectors.documents import read_document
from connectors.signatures import sign
from domain.case_requests import REQUESTED
from domain.catalogue import Catalogue
from domain.documents import AgreementDocument
from domain.registry_numbers import in_addresses

EXAMPLES = Path(__file__).parent.parent / "examples"
CUSTOMER, SERVICE, REGION = "Bank Narew S.A.", "MPS", "METRO"

_WRITTEN_FOR = date(2026, 3, 16)
"""The first day of the example agreement; in the demo it is in force today."""

_QUICK = {"kind": "DURATION", "limit": "30s", "calendar": "24x7"}
"""A promise so short that one can watch it break, beside the four hours of the example."""


class AgreementStory:
    """One run of the story."""

    def __init__(self, http: httpx2.AsyncClient, tokens: Mapping[str, str], catalogue: Catalogue) -> None:
        """Act with these tokens, and name people as the catalogue does."""
        self._http = http
        self._player = AgreementPlayer(http, tokens)
        self._names = {each.person: each.name for each in catalogue.people}
        self._observer = {"authorization": f"Bearer {tokens['M1']}"}
        self._later = datetime.now(UTC).date() - _WRITTEN_FOR

    async def registered(self) -> str | None:
        """The number of the bank's agreement for Warsaw, if an earlier demo registered it."""
        asked = {"customer": CUSTOMER, "category": "CUSTOMER"}
        entries = (await self._http.get("/registry", params=asked, headers=self._observer)).raise_for_status().json()
        return next((entry["registry_no"] for entry in entries if entry["service"] == SERVICE and REGION in entry["regions"]), None)

    async def play(self, secret: str) -> str:
        """Play it; gives the number of the agreement for Warsaw."""
        case_id = await self._ask(secret)
        supports: dict[str, str] = {}
        for deed in read_story(EXAMPLES / "stories" / "bank-agreement.yaml"):
            if deed.action == "link_supports":
                supports = {name: await self._support(name) for name in deed.fields["supports"]}
            answer = await self._player.do(case_id, self._today(deed), supports)
            if deed.leads_to is not None:
                say(f"   {answer['state']:<21} {self._names[deed.person]} {_said(deed)}")
        case = await self._player.until(case_id, "REGISTERED")
        say(f"   {'REGISTERED':<21} {', '.join(case['registry_nos'])}")
        number = await self.registered()
        assert number is not None
        return number

    async def as_signed(self, number: str) -> bytes:
        """The agreement as it was signed, as a file to open."""
        address = f"/registry/{in_addresses(number)}/rendering"
        answer = await self._http.get(address, params={"form": "pdf", "language": "en"}, headers=self._observer)
        return answer.raise_for_status().content

    async def _ask(self, secret: str) -> str:
        event_id = f"demo-{uuid4().hex[:8]}"
        data = {"crm_case": event_id, "customer": CUSTOMER, "services": [SERVICE], "wish": "printers that work, in Warsaw and in Podlasie"}
        asked = {"specversion": "1.0", "id": event_id, "source": "demo", "type": REQUESTED, "time": datetime.now(UTC).isoformat()}
        body = json.dumps({**asked, "data": data}).encode()
        headers = {**sign(secret, event_id, datetime.now(UTC), body), "content-type": "application/json"}
        answer = (await self._http.post("/crm/events", content=body, headers=headers)).raise_for_status().json()
        case_id: str = answer["results"][0]["case_id"]
        await self._player.until(case_id, "AGENT_SELECTION")
        say(f"   {'AGENT_SELECTION':<21} the CRM asks for {SERVICE} for {CUSTOMER}: {case_id}")
        return case_id

    async def _support(self, name: str) -> str:
        document = read_document(EXAMPLES / "supports" / f"{name}.yaml")
        case_id = await self._player.support(AgreementDocument.model_validate(self._moved(document.model_dump(mode="json"))))
        number = (await self._player.case(case_id))["registry_nos"][0]
        say(f"   {'':<21} {document.kind} with {document.provider.name}: {number}")
        return case_id

    def _today(self, deed: Deed) -> Deed:
        """The deed with a draft that is in force today and promises something one can watch."""
        if "draft" not in deed.fields:
            return deed
        documents = [self._moved(each) for each in deed.fields["draft"]["documents"]]
        documents = [_with_quick_promise(each) if each["document"] == "warsaw" else each for each in documents]
        return deed._replace(fields={**deed.fields, "draft": deed.fields["draft"] | {"documents": documents}})

    def _moved(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with its term as much later as today is than the day it was written for."""
        dates = {name: date.fromisoformat(document[name]) for name in ("effective_from", "effective_until") if document.get(name)}
        return document | {name: str(on + max(self._later, timedelta())) for name, on in dates.items()}


def _with_quick_promise(document: dict[str, Any]) -> dict[str, Any]:
    target = document["targets"][0] | {"target": "first-sign", **_QUICK, "accepted": _QUICK, "pauses": [], "warn_at": [50]}
    return document | {"targets": [*document["targets"], target], "self_provided": ["first-sign"]}


def _said(deed: Deed) -> str:
    why = deed.fields.get("reason") or deed.fields.get("comment") or deed.fields.get("agent")
    return deed.action.replace("_", " ") + (f": {why}" if why else "")
