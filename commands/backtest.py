"""`servanda backtest`: had these terms been in force, what would have happened, and what would it have cost?"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from commands.garbage import without_garbage_search
from commands.output import print_json, say
from commands.progress import progress
from commands.replay import read_log
from connectors.event_mappings import read_mapping
from connectors.proposals import read_proposal, read_samples
from connectors.readable.backtest import readable_backtest, words_of_backtests
from connectors.readable.plain_lines import plain_lines
from connectors.readable.words import Language
from connectors.rendering import page_of
from domain.backtest.asked import SOURCE, first_day_before
from domain.backtest.proposals import Whose
from domain.backtest.question import SEED, Question, Record, days_of, zone_of
from domain.backtest.report import BacktestReport
from domain.backtest.running import begun
from domain.errors import BadInput
from domain.events import EventKind
from domain.measurements import Measured
from domain.spans import Span

app = typer.Typer(add_completion=False)

_STORE = "store"

Files = Annotated[
    list[Path], typer.Option("--agreement", metavar="FILE", help="a proposal: draft, document or ready terms; may be repeated")
]
Source = Annotated[
    str, typer.Option(metavar="LOG|store", help="event log (.csv, .csv.xz, .jsonl, .jsonl.xz), or this installation's database")
]
Mapping_ = Annotated[Path | None, typer.Option("--mapping", metavar="MAPPING.yaml", help="what the log's columns and states mean")]
Samples = Annotated[Path | None, typer.Option("--measurements", metavar="FILE", help="measurements of availability, as posted to the API")]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="tickets created from this day on; default: the record's first")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="and before this day; default: the day after the record's last")]
Anybody = Annotated[bool, typer.Option("--anybody", help="tickets of the services and regions, whoever the customer was")]
Wanted = Annotated[str | None, typer.Option(metavar="PERCENT", help="share the strictest limits are for; default: each target's own")]


_Dates = tuple[date | None, date | None]
_A_DAY = timedelta(days=1)


class _Form(NamedTuple):
    """How the report is printed."""

    as_json: bool
    as_html: bool
    language: Language


@app.command()
def backtest(
    agreement: Files,
    tickets: Source,
    mapping: Mapping_ = None,
    measurements: Samples = None,
    since: From = None,
    until: To = None,
    anybody: Anybody = False,
    wanted: Wanted = None,
    seed: Annotated[int, typer.Option(min=0, help="of the draws behind the ranges")] = SEED,
    language: Annotated[Language, typer.Option(help="of the table and the page")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="print one page that needs nothing else")] = False,
) -> None:
    """Measure proposals on recorded tickets as if they had been in force: promises kept, ranges, breaches, credits, what is not known.

    Example: servanda backtest --agreement examples/agreements/it-incidents.yaml --tickets examples/invented_event_log.csv
    --mapping examples/incident_event_log.yaml --html > backtest.html
    """
    if as_json and as_html:
        raise BadInput("--json and --html are two forms; ask for one")
    proposals = [read_proposal(path) for path in agreement]
    asked = Question(proposals, Whose.ANYBODY if anybody else Whose.THE_CUSTOMER, _percent(wanted), seed)
    samples = read_samples(measurements) if measurements is not None else {}
    dates = (_date("--from", since), _date("--to", until))
    with without_garbage_search():
        if tickets == _STORE:
            report = asyncio.run(_from_store(asked, dates, samples))
        else:
            report = _from_log(Path(tickets), mapping, asked, dates, samples)
    _print(report, _Form(as_json, as_html, language))


def _percent(text: str | None) -> Decimal | None:
    try:
        share = Decimal(text) if text is not None else None
    except InvalidOperation:
        share = Decimal(-1)
    if share is not None and not 0 < share <= 100:
        raise BadInput(f"--wanted: {text!r} is no share; write a number of per cent such as 95")
    return share


def _date(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as wrong:
        raise BadInput(f"{option}: {text!r} is no date; write 2026-03-01") from wrong


def _from_log(
    path: Path, mapping: Path | None, asked: Question, dates: _Dates, samples: Mapping[str, Sequence[Measured]]
) -> BacktestReport:
    if mapping is None:
        raise BadInput("--mapping says what the log's columns and states mean; an example is examples/incident_event_log.yaml")
    log = read_log(path, read_mapping(mapping))
    zone = zone_of(asked.proposals)
    first = min(event.occurred_at for events in log.tickets for event in events if event.kind is EventKind.CREATED)
    span = _span(asked, dates, (first.astimezone(zone).date(), log.ends_at.astimezone(zone).date() + _A_DAY))
    found = begun(asked, Record(path.name, span, min(log.ends_at, span.end), samples, sha256(path.read_bytes()).hexdigest()))
    with progress("measuring proposals", len(log.tickets)) as advance:
        for story in log.tickets:
            found.add(story)
            advance(1)
    return found.report()


async def _from_store(asked: Question, dates: _Dates, samples: Mapping[str, Sequence[Measured]]) -> BacktestReport:
    from commands.stored import open_database  # noqa: PLC0415  (the database's libraries take a second to import)
    from store.records import RecordStore, Wanted  # noqa: PLC0415

    now = datetime.now(UTC)
    until = dates[1] or now.astimezone(zone_of(asked.proposals)).date() + _A_DAY
    span = _span(asked, dates, (first_day_before(until), until))
    found = begun(asked, Record(SOURCE, span, min(now, span.end), samples))
    async with open_database() as database:
        records, wanted = RecordStore(database), Wanted.by(asked, span)
        with progress("measuring proposals", await records.count(wanted)) as advance:
            async for stories in records.stories(wanted):
                for story in stories:
                    found.add(story)
                advance(len(stories))
    return found.report()


def _span(asked: Question, dates: _Dates, record: tuple[date, date]) -> Span:
    """The days asked for, else those of the record."""
    first, last = dates[0] or record[0], dates[1] or record[1]
    if last <= first:
        raise BadInput(f"--to: {last} must lie after {first}")
    return days_of(asked, first, last)


def _print(report: BacktestReport, form: _Form) -> None:
    if form.as_json:
        print_json(report.model_dump(mode="json"))
        return
    told = readable_backtest(report, words_of_backtests(form.language))
    if form.as_html:
        sys.stdout.write(page_of(told))
        return
    for line in plain_lines(told):
        say(line)
