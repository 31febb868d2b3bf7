"""`servanda reconcile`: a connected help desk's tickets beside ours, and what to do where they differ."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from commands.output import parse_instant, print_json, say, utc
from commands.stored import open_database
from connectors.guarded import GuardedClient
from connectors.installed import Connector
from connectors.reconciling import Finding, OtherSide, Theirs, compare, missing_there
from domain.errors import BadInput, NotFound
from settings import Settings, load_settings

if TYPE_CHECKING:
    from api.connector_intake import PostingView
    from store.database import Database

app = typer.Typer(add_completion=False)

_AT_ONCE = 200
_DAYS = 7


class Compared(NamedTuple):
    """The two sides, held beside each other; `unasked` open tickets were not asked for there."""

    listed: int
    findings: list[Finding]
    unasked: int
    sent: "list[PostingView]"


@app.command()
def reconcile(
    connector: Annotated[str, typer.Option(metavar="NAME", help="which connector of the connectors file")],
    since: Annotated[
        str | None, typer.Option(metavar="ISO", help="tickets changed there from then on; default: in the last 7 days")
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="take in what is missing or different here, as if the help desk posted it")] = False,
    ask: Annotated[int, typer.Option(min=0, help="at most so many tickets that are open here are asked for there")] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Compare tickets, state and priority; exit code 1 if the sides differ. With --send only what could not be sent counts.

    Example: servanda reconcile --connector help-desk --since 2026-03-16T00:00+01:00
    """
    settings = load_settings()
    found = settings.connectors.get(connector)
    if found is None:
        raise NotFound(f"there is no connector {connector!r}; servanda connector list shows them")
    if found.rest is None:
        raise BadInput(f"{connector}: without `rest` in the connectors file there is no address to ask")
    from_then = parse_instant(since) if since else datetime.now(UTC) - timedelta(days=_DAYS)
    compared = asyncio.run(_compare(settings, found, from_then, ask, send=send))
    if as_json:
        print_json(_as_json(connector, from_then, compared))
    else:
        _print(connector, from_then, compared)
    left = [each for each in compared.findings if not (send and each.posting is not None)]
    refused = [each for each in compared.sent if each.outcome == "refused"]
    if left or refused:
        raise typer.Exit(1)


async def _compare(settings: Settings, connector: Connector, since: datetime, ask: int, *, send: bool) -> Compared:
    from store.reconciled import open_tickets  # noqa: PLC0415

    assert connector.rest is not None
    assert connector.maker.desk is not None
    headers = connector.maker.desk.headers(connector.rest.access)
    async with open_database() as database, GuardedClient(connector.rest.form.url, headers) as client:
        other = OtherSide(connector, client)
        theirs = [each async for each in other.changed(since)]
        findings = await _differences(database, connector.mapping.source, theirs)
        async with database.reading() as connection:
            open_here, total = await open_tickets(connection, connector.mapping.source, ask)
        findings += await missing_there(other, open_here, frozenset(each.ticket_id for each in theirs))
        sent = await _send(settings, connector, database, findings) if send else []
    return Compared(len(theirs), findings, max(total - len(open_here), 0), sent)


async def _differences(database: "Database", source: str, theirs: list[Theirs]) -> list[Finding]:
    from store.reconciled import attributes_of  # noqa: PLC0415

    findings = []
    for start in range(0, len(theirs), _AT_ONCE):
        some = theirs[start : start + _AT_ONCE]
        async with database.reading() as connection:
            ours = await attributes_of(connection, source, [each.ticket_id for each in some])
        findings += [finding for each in some for finding in compare(each, ours.get(each.ticket_id))]
    return findings


async def _send(settings: Settings, connector: Connector, database: "Database", findings: list[Finding]) -> "list[PostingView]":
    """Take in what the help desk has, once for each ticket; an API of this installation tells the engine, now or when it is up."""
    from api.clock import BusinessClock  # noqa: PLC0415
    from api.connector_intake import ConnectorIntake  # noqa: PLC0415
    from api.dependencies import Parts  # noqa: PLC0415

    parts = Parts(settings, database, BusinessClock(settings.time_shift))
    postings = {each.posting.key: each.posting for each in findings if each.posting is not None}
    return await ConnectorIntake(connector, parts).take(list(postings.values()))


def _print(connector: str, since: datetime, compared: Compared) -> None:
    for each in compared.findings:
        sides = f"{each.what} here {each.ours or '–'}, there {each.theirs or '–'}"
        say(f"{each.ticket_id:<20} {each.difference.value:<16} {sides}")
        say(f"{'':<20} {each.to_do}")
    counted = Counter(each.difference.value for each in compared.findings)
    said = ", ".join(f"{number} {name}" for name, number in sorted(counted.items())) or "no difference"
    say(f"{connector}: {compared.listed} ticket(s) changed there since {utc(since)}: {said}")
    if compared.unasked:
        say(f"{compared.unasked} more open here were not asked for there; --ask names how many are")
    outcomes = Counter(each.outcome.value for each in compared.sent)
    if compared.sent:
        say("sent: " + ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items())))
    for view in compared.sent:
        if view.outcome == "refused":
            say(f"  refused: {view.posting}: {view.why}")


def _as_json(connector: str, since: datetime, compared: Compared) -> dict[str, Any]:
    differences = [
        {
            "ticket": each.ticket_id,
            "difference": each.difference.value,
            "what": each.what,
            "ours": each.ours,
            "theirs": each.theirs,
            "to_do": each.to_do,
        }
        for each in compared.findings
    ]
    sent = [{"posting": each.posting, "outcome": each.outcome.value, "why": each.why} for each in compared.sent]
    return {
        "connector": connector,
        "since": utc(since),
        "listed": compared.listed,
        "differences": differences,
        "not_asked_for": compared.unasked,
        "sent": sent,
    }
