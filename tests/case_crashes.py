"""An agreement's story on real processes that are killed on the way: what must still be true at its end."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx2

from connectors.agreement_player import AgreementPlayer
from connectors.agreement_stories import Deed, read_story
from connectors.signatures import sign
from store.database import Database
from store.directory import Directory
from tests.api.people import request
from tests.conftest import API_TOKEN, EXAMPLES, SECRET
from tests.domain.drafts import catalogue, support
from tests.processes import Child, Installation
from tests.receiver import Receiver
from workflows.names import case_workflow_id

STORY = read_story(EXAMPLES / "stories" / "bank-agreement.yaml")
PROCESSES = ("api", "worker", "engine")

BOUNDARIES = tuple(number for number, deed in enumerate(STORY) if deed.leads_to is not None or deed.action == "sign")
"""Deeds after which the case is in another stage, and the signatures: where a crash would hurt most."""


class Kill(NamedTuple):
    """Which process dies while a deed is under way, and how many seconds after it was sent."""

    deed: int
    process: str
    after: float


def spread(seed: int, deeds: Sequence[int], processes: Sequence[str] = PROCESSES) -> list[Kill]:
    """A kill at each deed, of one process after the other, at chance instants around the answer (some 50 ms after the question)."""
    chance = random.Random(seed)
    return [Kill(deed, processes[place % len(processes)], chance.uniform(0, 0.15)) for place, deed in enumerate(deeds)]


class Run:
    """One run of the story on one installation."""

    def __init__(self, installation: Installation, tokens: Mapping[str, str], http: httpx2.AsyncClient) -> None:
        self.installation = installation
        self.http = http
        self.player = AgreementPlayer(http, tokens, patience=120)
        self.observer = {"authorization": f"Bearer {tokens['M1']}"}

    async def play(self, name: str, kills: Sequence[Kill]) -> str:
        """Play the story with kills; gives the case."""
        at = {kill.deed: kill for kill in kills}
        case_id = await self._ask(name)
        supports: dict[str, str] = {}
        for number, deed in enumerate(STORY):
            if deed.action == "link_supports":
                supports = {each: await self.player.support(support(each), f"{name}-{each}") for each in deed.fields["supports"]}
            await self._do(case_id, deed, supports, (f"{name}-{number}", at.get(number)))
        await self.player.until(case_id, "REGISTERED")
        return case_id

    async def _do(self, case_id: str, deed: Deed, supports: Mapping[str, str], how: tuple[str, Kill | None]) -> None:
        key, kill = how
        deciding = asyncio.create_task(self.player.do(case_id, deed, supports, key))
        if kill is not None:
            await asyncio.sleep(kill.after)
            children: dict[str, Child] = {name: getattr(self.installation, name) for name in PROCESSES}
            await asyncio.to_thread(children[kill.process].kill)
            children[kill.process].start()
        await deciding

    async def _ask(self, name: str) -> str:
        body = json.dumps(request(name)).encode()
        for _ in range(100):
            headers = {**sign(SECRET, name, datetime.now(UTC), body), "content-type": "application/json"}
            try:
                answer = await self.http.post("/crm/events", content=body, headers=headers)
                case_id: str = answer.raise_for_status().json()["results"][0]["case_id"]
                await self.player.until(case_id, "AGENT_SELECTION")
                return case_id
            except httpx2.TransportError:
                await asyncio.sleep(0.2)
        raise AssertionError("the API does not answer")

    async def get(self, path: str, **params: Any) -> Any:
        """Look at something as the SLM manager."""
        return (await self.http.get(path, params=params, headers=self.observer)).raise_for_status().json()


async def tokens_of(installation: Installation) -> dict[str, str]:
    """The example catalogue in an installation's database, and a token for everybody."""
    database = Database(f"sqlite+aiosqlite:///{installation.folder / 'servanda.db'}")
    directory, now = Directory(database), datetime.now(UTC)
    await directory.load(catalogue(), "test", now)
    made = {each.person: await directory.new_token(each.person, now) for each in catalogue().people}
    await database.close()
    return made


async def check(run: Run, case_id: str, receiver: Receiver) -> None:
    """No decision lost, no effect doubled: the trail, the registry, the mailbox, the CRM."""
    trail = [each["event"] for each in await run.get(f"/cases/{case_id}/events", limit=1000)]
    by_people = [(event["actor"], event["action"]) for event in trail if event["actor"] != "system"]
    assert by_people == [(deed.person, deed.action) for deed in STORY], "every decision once, in its order"
    entries = await run.get("/registry")
    numbers = sorted(entry["registry_no"] for entry in entries)
    assert numbers == [*(f"OLA/2026/{n:04}" for n in (1, 2)), *(f"SLA/2026/{n:04}" for n in (1, 2, 3)), "UC/2026/0001"], "no gap, no double"
    keys = [message["message_id"] for message in await _mailbox(run)]
    assert [key for key, count in Counter(keys).items() if count > 1] == [], "one notice per key"
    await _check_crm(trail, case_id, receiver)


async def _mailbox(run: Run) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    before: dict[str, int] = {}
    everybodys = {"authorization": f"Bearer {API_TOKEN}"}
    while True:
        page = (await run.http.get("/mailbox", params={"limit": 500, **before}, headers=everybodys)).raise_for_status().json()
        messages += page["messages"]
        if page["next"] is None:
            return messages
        before = {"before": page["next"]}


async def _check_crm(trail: Sequence[Mapping[str, Any]], case_id: str, receiver: Receiver) -> None:
    """The CRM heard of every change of state, in order, each kept once by its key."""
    changes = [event["to_state"] for event in trail if event["from_state"] != event["to_state"]]
    prefix = f"{case_workflow_id(case_id)}:crm:"
    for _ in range(300):
        told = [json.loads(body) for key, body in receiver.kept.items() if key.startswith(prefix)]
        if len(told) >= len(changes):
            break
        await asyncio.sleep(0.1)
    assert [each["data"]["state"] for each in told] == changes
