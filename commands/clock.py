"""`servanda clock`: read a ticket's clocks from files, without a server."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from commands.output import parse_instant, print_json, say, utc
from connectors.documents import read_agreement
from domain.clocks import ClockReading
from domain.cloud_events import CloudEvent
from domain.durations import format_duration
from domain.errors import BadInput
from domain.events import TicketEvent
from domain.explanation import explain_clock
from domain.folding import FoldedTicket, fold_ticket
from domain.wording import shown_left, spoken, verdict_of

app = typer.Typer(add_completion=False, no_args_is_help=True, help="A ticket's clocks, read from files.")


@app.callback()
def _clock() -> None:
    """Keep `read` a command of its own although it is the only one."""


@app.command()
def read(
    agreement: Annotated[list[Path], typer.Option("--agreement", metavar="FILE", help="agreement as YAML; repeat for OLAs and UCs")],
    events: Annotated[Path, typer.Option(metavar="FILE", help="ticket events as CloudEvents, one JSON object a line")],
    as_of: Annotated[str | None, typer.Option(metavar="ISO", help="read at this instant; default: now")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Print every clock with its due time, what is used and left, and why.

    Example: servanda clock read --agreement examples/agreements/printers-warsaw.yaml --events examples/stories/printer.jsonl
    """
    at = parse_instant(as_of) if as_of else datetime.now(UTC)
    agreements = [read_agreement(file) for file in agreement]
    tickets = _by_ticket(_read_events(events, at))
    shown = [(name, fold_ticket(agreements, facts, at)) for name, facts in tickets.items()]
    if as_json:
        print_json([_ticket_json(name, ticket, at) for name, ticket in shown])
        return
    for name, ticket in shown:
        alert = "not created yet" if ticket is None else ticket.terms.alert
        say(f"ticket {name}" + (f": {alert}" if alert else ""))
        for each in ticket.readings if ticket is not None else ():
            _say(each, at)


def _read_events(path: Path, at: datetime) -> list[TicketEvent]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadInput(f"{path}: {wrong}") from wrong
    events = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                event = CloudEvent.model_validate(json.loads(line))
            except ValidationError as wrong:
                first = wrong.errors()[0]
                field = ".".join(map(str, first["loc"]))
                raise BadInput(f"{path}:{number}: {f'{field}: ' if field else ''}{first['msg']}") from wrong
            except (ValueError, RecursionError) as wrong:
                raise BadInput(f"{path}:{number}: not JSON") from wrong
            events.append(event.ticket_event(min(event.time, at)))
    return events


def _by_ticket(events: Sequence[TicketEvent]) -> dict[str, list[TicketEvent]]:
    tickets: dict[str, list[TicketEvent]] = {}
    for event in events:
        tickets.setdefault(f"{event.source}/{event.ticket_id}", []).append(event)
    return tickets


def _ticket_json(name: str, ticket: FoldedTicket | None, at: datetime) -> dict[str, Any]:
    if ticket is None:
        return {"ticket": name, "alert": None, "clocks": []}
    return {"ticket": name, "alert": ticket.terms.alert, "clocks": [_json(each, at) for each in ticket.readings]}


def _json(reading: ClockReading, at: datetime) -> dict[str, Any]:
    instants = {name: _utc(getattr(reading, name)) for name in ("started_at", "due_at", "completed_at", "breach_at")}
    same = {
        name: getattr(reading, name)
        for name in ("clock", "agreement", "version", "target", "cycle", "reason", "reopened", "executed_early")
    }
    return {
        **same,
        "state": reading.state.value,
        "verdict": verdict_of(reading),
        "breached": reading.breached,
        **instants,
        "spent_seconds": int(reading.spent.total_seconds()),
        "remaining_seconds": int(reading.remaining.total_seconds()) if reading.remaining is not None else None,
        "milestones": [{"kind": each.kind.value, "level": each.level, "at": utc(each.at)} for each in reading.milestones()],
        "steps": [
            {"kind": step.kind.value, "from": utc(step.start), "to": utc(step.end), "total_seconds": int(step.total.total_seconds())}
            for step in explain_clock(reading, at)
        ],
    }


def _utc(instant: datetime | None) -> str | None:
    return utc(instant) if instant is not None else None


def _say(reading: ClockReading, at: datetime) -> None:
    zone = reading.segment.agreement.calendar("24x7").zone
    due = f", due {spoken(reading.due_at, zone)}" if reading.due_at else ""
    left = f", {shown_left(reading)} left" if reading.remaining is not None and reading.is_open else ""
    say(f"  {reading.clock}: {verdict_of(reading)}{due}, used {format_duration(reading.spent)}{left}")
    for step in explain_clock(reading, at):
        say(f"    {spoken(step.start, zone)} … {spoken(step.end, zone)}  {step.kind.value.lower()}, {format_duration(step.total)} in all")
