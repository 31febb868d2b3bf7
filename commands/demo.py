"""`servanda demo`: everything started, real tickets replayed, one live ticket that warns and breaches before your eyes."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx2
import typer

from commands.demo_agreement import CUSTOMER, SERVICE, AgreementStory
from commands.demo_month import MonthStory
from commands.demo_question import answer_question
from commands.local_people import FILE as TOKENS
from commands.local_people import keep_tokens
from commands.output import say
from commands.replay import ReplayedLog, read_log
from connectors.documents import read_agreement, read_catalogue
from connectors.event_mappings import read_mapping
from connectors.event_posts import Summary, post_events
from domain.catalogue import Catalogue
from domain.errors import BadInput
from domain.events import EventKind, TicketEvent
from domain.people import Side
from domain.registry_numbers import in_addresses
from settings import Settings, load_settings
from store.database import Database
from store.directory import Directory

app = typer.Typer(add_completion=False)

EXAMPLES = Path(__file__).parent.parent / "examples"
REPLAYED_TICKETS = 300
LOG_VARIABLE = "SERVANDA_INCIDENT_LOG"
_LIVE_SECONDS = 60
_SIGNS = {"PAGE": "!", "WARNING": "·", "BREACH": "✗", "ESCALATION": "↑"}


@app.command()
def demo() -> None:
    """Start everything, play a story on it, stay up until Ctrl-C.

    Replays tickets of the help desk log that SERVANDA_INCIDENT_LOG names, else of an invented one.

    Example: servanda demo
    """
    asyncio.run(_demo())


async def _demo() -> None:
    from commands.up import addresses, everything, until_stopped  # noqa: PLC0415

    say("Starting the engine, a worker and the API …")
    async with everything(load_settings()) as running:
        async with _or_stopped(until_stopped()) as stopped:
            await _play(running, stopped)
            say()
            for line in addresses(running):
                say(line)
            say("Kill any process and start `make demo` or `make up` again: nothing is lost. Ctrl-C stops everything.")
            await stopped
        say("stopping …")
    say("stopped")


@asynccontextmanager
async def _or_stopped(waiting: Any) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(waiting)
    try:
        yield task
    finally:
        task.cancel()


async def _play(settings: Settings, stopped: "asyncio.Task[None]") -> None:
    """Tell the story, unless somebody has seen enough."""
    story = asyncio.create_task(_story(settings))
    await asyncio.wait({story, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not story.done():
        story.cancel()
        return
    story.result()


async def _story(settings: Settings) -> None:
    say("\n1. The promises")
    await _publish()
    say("\n2. Tickets of a help desk")
    log = await _replay(settings)
    say("\n3. An agreement, from the customer's wish to the registry, each of its people acting with their own token")
    number = await _agreement(settings)
    say(f"\n4. One live ticket under {number}, and nobody answers")
    await _live(settings)
    say("\n5. Last month, closed by the agreements' own processes")
    await _month(settings)
    say("\n6. Before the next promise: had one of three levels been in force, what would have happened, and what would it have cost?")
    await _question(settings, log)


async def _publish() -> None:
    from commands.agreement import publish  # noqa: PLC0415

    paths = sorted((EXAMPLES / "agreements").glob("*.yaml"))
    agreements = [read_agreement(path) for path in paths if not path.name.startswith("printers-")]  # made before your eyes instead
    await publish(agreements, "demo")
    for each in agreements:
        say(f"   {each.kind.value:<13} {each.agreement:<18} {', '.join(target.target for target in each.targets)}")


async def _replay(settings: Settings) -> ReplayedLog:
    named = os.environ.get(LOG_VARIABLE)
    path = Path(named) if named else EXAMPLES / "invented_event_log.csv"
    if not path.exists():
        raise BadInput(f"{LOG_VARIABLE} names {path}, which is not there")
    log = await asyncio.to_thread(read_log, path, read_mapping(EXAMPLES / "incident_event_log.yaml"), REPLAYED_TICKETS)
    which = f"the log {path.name}" if named else f"an invented log ({LOG_VARIABLE} names a real one)"
    say(f"   {len(log.tickets)} tickets of {which}, {log.report.events} events, posted as the help desk would")
    events = [event for events in log.tickets for event in events]
    summary: Summary = await asyncio.to_thread(post_events, settings.api_url, settings.crm_secret[0], events)
    say(f"   accepted {summary.accepted}, known before {summary.duplicates}, refused {len(summary.refused)}")
    clocks = await _clocks_of_replayed(settings)
    breached = sum(clock["breached"] for clock in clocks)
    say(f"   {len(clocks)} clocks, {breached} breached; old milestones are recorded, not announced one by one")
    return log


async def _clocks_of_replayed(settings: Settings) -> list[dict[str, Any]]:
    clocks: list[dict[str, Any]] = []
    asked = {"service": "it-support", "limit": "500"}
    async with _api(settings) as api:
        while True:
            page = (await api.get("/tickets", params=asked)).json()
            clocks += [clock for ticket in page["tickets"] for clock in ticket["clocks"]]
            if page["next"] is None:
                return clocks
            asked["after"] = page["next"]


async def _agreement(settings: Settings) -> str:
    """The bank's agreement: made before your eyes, or found from an earlier demo; gives its number for Warsaw."""
    catalogue = _company()
    database = Database(settings.database)
    try:
        await Directory(database).load(catalogue, "demo", datetime.now(UTC))
        tokens = await keep_tokens(settings, database)
    finally:
        await database.close()
    async with _api(settings) as api:
        story = AgreementStory(api, tokens, catalogue)
        number = await story.registered()
        if number is not None:
            say(f"   {number} is in force since an earlier demo; remove {settings.data_dir} to see it made")
        else:
            number = await story.play(settings.crm_secret[0])
        path = settings.data_dir / f"{in_addresses(number)}.pdf"
        path.write_bytes(await story.as_signed(number))
    say(f"   as signed       {path}")
    say(f"   everybody's token is the second word of their line in {settings.data_dir / TOKENS}")
    return number


async def _month(settings: Settings) -> None:
    """Two agreements of last month: one that was missed, and one that is green outside and red inside."""
    catalogue = _company()
    database = Database(settings.database)
    try:
        tokens = await keep_tokens(settings, database)
    finally:
        await database.close()
    async with _api(settings) as api:
        await MonthStory(api, tokens, catalogue, settings).play()


async def _question(settings: Settings, log: ReplayedLog) -> None:
    database = Database(settings.database)
    try:
        tokens = await keep_tokens(settings, database)
    finally:
        await database.close()
    async with _api(settings) as api:
        await answer_question(api, tokens["M1"], log, EXAMPLES / "proposals")


async def _live(settings: Settings) -> None:
    now = datetime.now(UTC)
    event = TicketEvent(
        source="demo",
        event_id=f"live-{now:%Y%m%d%H%M%S%f}",
        ticket_id=f"LIVE-{now:%H%M%S}",
        kind=EventKind.CREATED,
        occurred_at=now,
        received_at=now,
        attributes={"customer": CUSTOMER, "service": SERVICE, "site": "warsaw", "priority": "1"},
    )
    await asyncio.to_thread(post_events, settings.api_url, settings.crm_secret[0], [event])
    async with _api(settings) as api:
        shown = (await api.get(f"/tickets/demo/{event.ticket_id}")).json()
        clocks = sorted((each for each in shown["clocks"] if each["due_at"]), key=lambda each: str(each["due_at"]))
        promised = ", ".join(f"{each['clock']} due {told_at(datetime.fromisoformat(each['due_at']), now.date())}" for each in clocks)
        say(f"   {told_at(now)}   ticket {event.ticket_id} opened: {promised}")
        told: set[str] = set()
        for _ in range(_LIVE_SECONDS * 2):
            await asyncio.sleep(0.5)
            for message in await _new_messages(api, event.ticket_id, told):
                at = told_at(datetime.fromisoformat(message["received_at"]))
                say(f"   {at}   notice to {', '.join(message['recipients'])}: {message['subject']}")
            if any(key.endswith("breach:0") for key in told):
                break
        await _say_end(api, settings, event.ticket_id)


async def _new_messages(api: httpx2.AsyncClient, ticket_id: str, told: set[str]) -> Sequence[dict[str, Any]]:
    """Each notice as the SLM manager reads it, once."""
    messages = (await api.get("/mailbox", params={"ticket": f"demo/{ticket_id}", "receiver": "M1"})).json()["messages"]
    new = [message for message in reversed(messages) if message["notice"] not in told]
    told |= {message["notice"] for message in new}
    return new


async def _say_end(api: httpx2.AsyncClient, settings: Settings, ticket_id: str) -> None:
    shown = (await api.get(f"/tickets/demo/{ticket_id}")).json()
    for reached in shown["milestones"]:
        at, noticed = datetime.fromisoformat(reached["at"]), datetime.fromisoformat(reached["detected_at"])
        late = (noticed - at).total_seconds()
        say(f"   {_SIGNS[reached['kind']]} {reached['kind'].lower():<10} true at {told_at(at)}, noticed {late:.2f} s later")
    say(f"   the ticket      {settings.links_to}/pages/tickets/demo/{ticket_id}")
    say(f"   its process     {shown['process']}")


def _company() -> Catalogue:
    """The example's people: the provider's read English, as this demo speaks; the customer's read Polish."""
    catalogue = read_catalogue(EXAMPLES / "catalogues" / "serwis-druk.yaml")
    people = [each.model_copy(update={"language": "en"}) if each.side is Side.PROVIDER else each for each in catalogue.people]
    return catalogue.model_copy(update={"people": tuple(people)})


def told_at(instant: datetime, told_on: date | None = None) -> str:
    """An instant in UTC; with its date where that is another one than the day it is told on."""
    at = instant.astimezone(UTC)
    day = f"{at:%Y-%m-%d} " if told_on is not None and at.date() != told_on else ""
    return f"{day}{at:%H:%M:%S} UTC"


def _api(settings: Settings) -> httpx2.AsyncClient:
    headers = {"authorization": f"Bearer {settings.api_token}"} if settings.api_token else {}
    return httpx2.AsyncClient(base_url=settings.api_url, headers=headers, timeout=30)
