"""Plays an agreement's story through the public API, acting for each of its people with their own token.

Whoever plays is patient: what was only received, or not answered because a process died, is sent again under the same key.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx2

from connectors.agreement_stories import Deed
from domain.documents import AgreementDocument, content_of
from domain.errors import BadInput

_PAUSE = 0.1


class DeedRefused(BadInput):
    """Somebody may not do what the story says."""

    code = "DEED_REFUSED"


class AgreementPlayer:
    """Acts for people at one installation."""

    def __init__(self, http: httpx2.AsyncClient, tokens: Mapping[str, str], patience: float = 60.0, observer: str = "M1") -> None:
        """Ask over `http`, signing in with the token of whoever acts; give up on one deed after `patience` seconds.

        `observer` looks at cases: somebody of the provider, as the SLM manager of the examples, sees them all.
        """
        self._observer = observer
        self._http = http
        self._tokens = tokens
        self._patience = patience
        self._seen: dict[str, int] = {}
        """By case: the revision somebody was answered; what is looked at next must not be older."""

    async def act(self, person: str, path: str, body: Mapping[str, Any], key: str | None = None) -> dict[str, Any]:
        """Somebody decides something; gives the answer once it is judged.

        Raises:
            DeedRefused: it is refused, or nobody judged it in time.
        """
        headers = {"authorization": f"Bearer {self._tokens[person]}", "idempotency-key": key or uuid4().hex}
        until, last = time.monotonic() + self._patience, "no answer"
        while time.monotonic() < until:
            try:
                answer = await self._http.post(path, json=dict(body), headers=headers)
            except httpx2.TransportError as failure:
                last = str(failure)
            else:
                if answer.status_code in {200, 201}:
                    judged: dict[str, Any] = answer.json()
                    self._seen[judged["case_id"]] = judged.get("revision") or 0
                    return judged
                last = answer.text
                if 400 <= answer.status_code < 500:
                    break
            await asyncio.sleep(_PAUSE)
        raise DeedRefused(f"{person} {path}: {last}")

    async def case(self, case_id: str) -> dict[str, Any]:
        """A case as it stands, once it shows what was decided last."""
        until = time.monotonic() + self._patience
        while True:
            case = await self._get(self._observer, f"/cases/{case_id}")
            if case["revision"] >= self._seen.get(case_id, 0):
                return case
            if time.monotonic() > until:
                raise DeedRefused(f"{case_id}: what was decided last was not written down in time")
            await asyncio.sleep(_PAUSE)

    async def until(self, case_id: str, state: str) -> dict[str, Any]:
        """Wait until a case stands there.

        Raises:
            DeedRefused: it does not get there in time.
        """
        until, case = time.monotonic() + self._patience, await self.case(case_id)
        while case["state"] != state:
            if time.monotonic() > until:
                raise DeedRefused(f"{case_id} is {case['state']}, not {state}")
            await asyncio.sleep(_PAUSE)
            case = await self.case(case_id)
        return case

    async def do(self, case_id: str, deed: Deed, supports: Mapping[str, str], key: str | None = None) -> dict[str, Any]:
        """One line of a story; `supports` says which case each support it names is.

        Raises:
            DeedRefused: it is refused, or leads elsewhere than the story says.
        """
        hashes = (await self.case(case_id))["hashes"]
        body = renamed(deed.filled({f"${name}": value for name, value in hashes.items()}), supports)
        answer = await self.act(deed.person, f"/cases/{case_id}/{deed.action}", body, key)
        if deed.leads_to not in {None, answer["state"]}:
            raise DeedRefused(f"{deed.person} {deed.action} led to {answer['state']}, not {deed.leads_to}")
        return answer

    async def support(self, document: AgreementDocument, key: str | None = None) -> str:
        """Bring an OLA or UC from the need to the registry; gives its case."""
        key = key or uuid4().hex
        ours, theirs = document.customer.representative, document.provider.representative
        assert ours is not None
        assert theirs is not None
        opened = await self.act(ours, "/support-cases", {"partner": document.provider.name}, f"{key}-need")
        case_id: str = opened["case_id"]
        await self.until(case_id, "DRAFTED")
        await self._decide(case_id, ours, "propose_support", {"document": content_of(document)}, key)
        decided = {"document_hash": (await self.case(case_id))["hashes"]["document"]}
        await self._decide(case_id, theirs, "accept_support", decided, key)
        for person in (*document.provider.signatories, *document.customer.signatories):
            await self._decide(case_id, person, "sign_support", decided | {"method": "QUALIFIED_ESIGN"}, f"{key}-{person}")
        await self.until(case_id, "REGISTERED")
        return case_id

    async def _decide(self, case_id: str, person: str, action: str, body: Mapping[str, Any], key: str) -> None:
        await self.act(person, f"/support-cases/{case_id}/{action}", body, f"{key}-{action}")

    async def _get(self, person: str, path: str) -> dict[str, Any]:
        headers, until = {"authorization": f"Bearer {self._tokens[person]}"}, time.monotonic() + self._patience
        while True:
            try:
                answer = await self._http.get(path, headers=headers)
                answer.raise_for_status()
                return dict(answer.json())
            except httpx2.TransportError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_PAUSE)


def renamed(body: dict[str, Any], supports: Mapping[str, str]) -> dict[str, Any]:
    """The body with supports named by their cases, in lists and in the links of documents."""
    if not supports:
        return body
    renamed = dict(body)
    if "supports" in body:
        renamed["supports"] = [supports[name] for name in body["supports"]]
    if "draft" in body:
        documents = [_relinked(document, supports) for document in body["draft"]["documents"]]
        renamed["draft"] = body["draft"] | {"documents": documents}
    return renamed


def _relinked(document: Mapping[str, Any], supports: Mapping[str, str]) -> dict[str, Any]:
    links = [link | {"support": supports[link["support"]]} for link in document.get("links", ())]
    return {**document, "links": links} if links else dict(document)
