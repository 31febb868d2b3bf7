"""`servanda replay`: a help desk's event log, folded on this machine or posted to an installation."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from commands.output import parse_instant
from connectors.documents import read_agreement
from connectors.event_mappings import agreement_files, read_mapping
from domain.clocks import ClockReading, read_clocks
from domain.errors import BadInput
from domain.events import EventKind, TicketEvent
from domain.history import tell
from domain.instants import to_us
from domain.terms import Agreement, Terms, terms_for

app = typer.Typer()

Stories = list[list[TicketEvent]]

_REASONS_SHOWN = 20
_NO_PRIORITY = "none"


class Fold(NamedTuple):
    """All clocks of a log at an instant, each with the priority its ticket has then."""

    as_of: datetime
    judged: list[tuple[str, ClockReading]]
    uncovered: int


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="event log: .csv, .csv.xz, .jsonl or .jsonl.xz")],
    mapping: Annotated[Path, typer.Option(metavar="MAPPING.yaml", help="what the log's columns and states mean")],
    agreement: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="fold under these; default: those the mapping names")] = None,
    to: Annotated[str | None, typer.Option(metavar="URL", help="post the events to the API at this address")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="fold here and print attainment; so it is without --to")] = False,
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
    at, began, terms = parse_instant(as_of) if as_of else None, time.monotonic(), read_mapping(mapping)
    if to is not None:
        _replay_to(to, secret, _read_log(file, terms, limit), as_json=as_json)
        return
    agreements = [read_agreement(path) for path in agreement or agreement_files(mapping, terms)]
    if not agreements:
        raise BadInput(f"{mapping}: names no agreements, so say under which to fold: --agreement FILE")
    log, stories = _read_log(file, terms, limit)
    fold = fold_stories(agreements, stories, at or _end_of(log, stories))
    _print_fold(log.report, fold, time.monotonic() - began, as_json=as_json)


def fold_stories(agreements: Sequence[Agreement], stories: Stories, as_of: datetime) -> Fold:
    """Read all clocks of many tickets at an instant, with a progress bar where somebody watches."""
    fold = Fold(as_of, [], 0)
    with _progress("folding tickets", len(stories)) as advance:
        for events in stories:
            uncovered = _fold_ticket(agreements, events, fold)
            fold = fold._replace(uncovered=fold.uncovered + uncovered)
            advance(1)
    return fold


def _fold_ticket(agreements: Sequence[Agreement], events: Sequence[TicketEvent], fold: Fold) -> bool:
    """Add a ticket's clocks; says whether nothing was promised for it."""
    history = tell(events, to_us(fold.as_of))
    if history is None:
        return False
    created = next(event for event in events if event.kind is EventKind.CREATED)
    terms = Terms()
    for _, attributes in history.changes:
        terms = terms_for(agreements, attributes, created.occurred_at, terms.agreements)
    priority = history.changes[-1][1].get("priority", _NO_PRIORITY)
    fold.judged.extend((priority, reading) for reading in read_clocks(terms.agreements, events, fold.as_of))
    return not terms.agreements
