"""`servanda replay`: a help desk's event log, folded on this machine or posted to an installation."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console

from commands.attainment_table import attainment_json, attainment_lines
from commands.garbage import without_garbage_search
from commands.output import parse_instant, print_json, say, utc
from commands.progress import progress
from connectors.documents import read_agreement
from connectors.event_logs import EventLog, LogReport, Tally
from connectors.event_mappings import EventLogMapping, agreement_files, read_mapping
from connectors.event_posts import EventPoster, Summary
from domain.attainment import attainment
from domain.errors import BadInput
from domain.events import TicketEvent
from domain.folding import FoldedTicket, fold_ticket
from domain.terms import Agreement
from settings import load_settings

app = typer.Typer(add_completion=False)

_LINES_SHOWN = 20
_NO_PRIORITY = "none"


class ReplayedLog(NamedTuple):
    """A log, read: the events of each ticket, what became of every row, and when the log ends."""

    tickets: list[list[TicketEvent]]
    report: LogReport
    ends_at: datetime


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="event log: .csv, .csv.xz, .jsonl or .jsonl.xz")],
    mapping: Annotated[Path, typer.Option(metavar="MAPPING.yaml", help="what the log's columns and states mean")],
    agreement: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="fold under these; default: those the mapping names")] = None,
    to: Annotated[str | None, typer.Option(metavar="URL", help="post the events to the API at this address")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="fold here and print attainment, as without --to")] = False,
    secret: Annotated[str | None, typer.Option(envvar="SERVANDA_CRM_SECRET", help="whsec_… that the events are signed with")] = None,
    as_of: Annotated[str | None, typer.Option(metavar="ISO", help="fold at this instant; default: the end of the log")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="only the log's first N tickets")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Fold the tickets of an event log and print attainment by priority and month, or post them to the API.

    Example: servanda replay examples/invented_event_log.csv --mapping examples/incident_event_log.yaml --offline
    """
    if to is not None and (offline or as_of is not None or agreement):
        raise BadInput("--to posts the events; leave out --offline, --as-of and --agreement, which say how to fold them here")
    began, meaning = time.monotonic(), read_mapping(mapping)
    if to is not None:
        with EventPoster(to, _signing(secret)) as poster:
            log = read_log(file, meaning, limit)
            summary = _post(poster, log)
        _print_posted(log, summary, time.monotonic() - began, as_json=as_json)
        raise typer.Exit(1 if summary.refused else 0)
    at = parse_instant(as_of) if as_of else None
    agreements = _agreements(agreement or agreement_files(mapping, meaning), mapping)
    with without_garbage_search():
        log = read_log(file, meaning, limit)
        tickets = _fold(agreements, log, at or log.ends_at)
    _print_folded(log, tickets, at or log.ends_at, time.monotonic() - began, as_json=as_json)


def read_log(path: Path, mapping: EventLogMapping, limit: int | None = None) -> ReplayedLog:
    """Read a log with its mapping; somebody who watches sees that it goes on.

    Raises:
        BadInput: the file cannot be read, or none of its rows.
    """
    with Console(stderr=True).status(f"reading {path.name}"):
        log = EventLog(path, mapping, limit)
        tickets = list(log.stories())
    ends_at = max(log.last_at, max((event.occurred_at for events in tickets for event in events), default=log.last_at))
    return ReplayedLog(tickets, log.report, ends_at)


def _signing(secret: str | None) -> str:
    """The secret to sign with: the first, where one replaces another; else the one of an installation in this folder."""
    if not secret and (kept := load_settings().data_dir / "crm-secret").exists():
        secret = kept.read_text(encoding="ascii")
    if not secret:
        raise BadInput("--to needs the secret that the API knows: --secret whsec_… or SERVANDA_CRM_SECRET")
    return secret.split(",")[0].strip()


def _agreements(files: Sequence[Path], mapping: Path) -> list[Agreement]:
    if not files:
        raise BadInput(f"{mapping}: names no agreements; say with --agreement FILE under which to fold")
    return [read_agreement(path) for path in files]


def _fold(agreements: Sequence[Agreement], log: ReplayedLog, as_of: datetime) -> list[FoldedTicket]:
    with progress("folding tickets", len(log.tickets)) as advance:
        folded = []
        for events in log.tickets:
            folded.append(fold_ticket(agreements, events, as_of))
            advance(1)
    return [ticket for ticket in folded if ticket is not None]


def _post(poster: EventPoster, log: ReplayedLog) -> Summary:
    with progress("posting events", log.report.events) as advance:
        return poster.post((event for events in log.tickets for event in events), advance)


def _print_folded(log: ReplayedLog, tickets: Sequence[FoldedTicket], as_of: datetime, seconds: float, *, as_json: bool) -> None:
    clocks = [(ticket.attributes.get("priority", _NO_PRIORITY), reading) for ticket in tickets for reading in ticket.readings]
    counts = attainment(clocks)
    breached = sum(reading.breached for _, reading in clocks)
    uncovered = sum(not ticket.terms.agreements for ticket in tickets)
    if as_json:
        found = {"as_of": utc(as_of), "clocks": len(clocks), "breached": breached, "uncovered_tickets": uncovered}
        print_json({"log": _log_json(log.report), **found, "attainment": attainment_json(counts), "seconds": round(seconds, 1)})
        return
    for line in attainment_lines(counts):
        say(line)
    _say_log(log.report)
    say(f"clocks: {len(clocks)} as of {utc(as_of)}, of them breached: {breached}; tickets under no agreement: {uncovered}")
    say(f"took {seconds:.1f} s")


def _print_posted(log: ReplayedLog, summary: Summary, seconds: float, *, as_json: bool) -> None:
    if as_json:
        refused = [{"id": event_id, "detail": reason} for event_id, reason in summary.refused.items()]
        posted = {"accepted": summary.accepted, "duplicates": summary.duplicates, "refused": refused}
        print_json({"log": _log_json(log.report), "posted": posted, "seconds": round(seconds, 1)})
        return
    _say_log(log.report)
    taken = f"{summary.accepted} accepted + {summary.duplicates} known before + {len(summary.refused)} refused"
    say(f"posted: {summary.total} = {taken}")
    _say_first([f"  refused: {event_id}: {reason}" for event_id, reason in summary.refused.items()])
    say(f"took {seconds:.1f} s")


def _say_log(report: LogReport) -> None:
    refused = sum(tally.count for tally in report.refused.values())
    say(f"tickets: {report.tickets}, events: {report.events}")
    say(f"rows: {report.rows} = {report.used} used + {report.unchanged} that changed nothing + {refused} refused")
    for what, tallies in (("refused", report.refused), ("note", report.notes)):
        _say_first([f"  {what}: {reason}; rows: {_places(tally)}" for reason, tally in tallies.items()])


def _places(tally: Tally) -> str:
    return f"{tally.count}, first in line {', '.join(map(str, tally.first_lines))}"


def _say_first(lines: Sequence[str]) -> None:
    for line in lines[:_LINES_SHOWN]:
        say(line)
    if len(lines) > _LINES_SHOWN:
        say(f"  and {len(lines) - _LINES_SHOWN} more; --json has all")


def _log_json(report: LogReport) -> dict[str, Any]:
    counts = {name: getattr(report, name) for name in ("tickets", "events", "rows", "used", "unchanged")}
    return {**counts, "refused": _tallies(report.refused), "notes": _tallies(report.notes)}


def _tallies(tallies: dict[str, Tally]) -> list[dict[str, Any]]:
    return [{"reason": reason, "rows": tally.count, "first_lines": tally.first_lines} for reason, tally in tallies.items()]
