"""Folding a real incident log: how many tickets' clocks are read from their events in a second.

The log is the one that SERVANDA_INCIDENT_LOG names, else the invented one of the examples. There is no peer to fold it,
so what the whole costs, reading and folding, stands beside the bare reading of the same file by the same means: unpack
it and split its lines into cells.
"""

import csv
import lzma
import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from benchmarks.measuring import interleaved
from benchmarks.report import Other, Result, cost
from commands.garbage import without_garbage_search
from connectors.documents import read_agreement
from connectors.event_logs import EventLog
from connectors.event_mappings import EventLogMapping, agreement_files, read_mapping
from domain.clocks import read_clocks
from domain.events import TicketEvent
from domain.terms import Agreement

EXAMPLES = Path(__file__).parent.parent / "examples"
MAPPING = EXAMPLES / "incident_event_log.yaml"
_INVENTED = EXAMPLES / "invented_event_log.csv"
_ROUNDS = 3


def measure(*, full: bool) -> list[Result]:
    """Folds per second, and the whole beside the bare reading of the file."""
    path, log = the_log()
    mapping = read_mapping(MAPPING)
    agreements = [read_agreement(each) for each in agreement_files(MAPPING, mapping)]
    tickets = read(path, mapping)
    end = max(event.occurred_at for events in tickets for event in events)
    clocks = _fold(agreements, tickets, end)
    bare, reading, folding = interleaved(
        3 * _ROUNDS if full else _ROUNDS,
        seconds(lambda: read_bare(path)),
        seconds(lambda: read(path, mapping)),
        seconds(lambda: _fold(agreements, tickets, end)),
    )
    events = sum(map(len, tickets))
    size = f"{log}: {len(tickets):,} tickets, {events:,} events, {clocks:,} clocks"
    per_fold = f"{folding / len(tickets) * 1e6:.0f} µs a ticket, {folding / clocks * 1e6:.0f} µs a clock"
    return [
        Result("folds of tickets", len(tickets) / folding, "/s").noted(f"{size}; {per_fold}"),
        cost("log read and folded", reading + folding, "s", Other("bare reading of the file", bare)).noted(
            f"{reading / (reading + folding):.0%} of it from cells to events, the rest from events to clocks"
        ),
    ]


def the_log() -> tuple[Path, str]:
    """The log that is measured, and what it is called."""
    named = os.environ.get("SERVANDA_INCIDENT_LOG")
    return (Path(named), "the log of SERVANDA_INCIDENT_LOG") if named else (_INVENTED, f"the invented {_INVENTED.name}")


def seconds(run: Callable[[], object]) -> Callable[[], float]:
    def timed() -> float:
        with without_garbage_search():  # as the commands do
            began = time.perf_counter()
            run()
            return time.perf_counter() - began

    return timed


def read_bare(path: Path) -> int:
    with lzma.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".xz" else path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file))


def read(path: Path, mapping: EventLogMapping) -> list[list[TicketEvent]]:
    return list(EventLog(path, mapping).stories())


def _fold(agreements: Sequence[Agreement], tickets: Sequence[Sequence[TicketEvent]], as_of: datetime) -> int:
    return sum(len(read_clocks(agreements, events, as_of)) for events in tickets)
