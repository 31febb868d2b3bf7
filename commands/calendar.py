"""`servanda calendar`: due times, elapsed time, checks, and holiday dates to choose from."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from commands.output import local, parse_instant, print_json, say, utc, warn
from connectors.documents import calendar_notes, read_calendar
from connectors.holiday_dates import holidays_of_country, holidays_of_ics
from domain.calendars import ServiceCalendar, calendar_of
from domain.durations import format_duration, parse_duration
from domain.errors import BadInput, NoBusinessDay
from domain.explanation import Step, StepKind, explain
from domain.spans import Span, merge_pauses
from domain.wording import spoken

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Business time: when is it due, how much has passed, is the calendar right?"
)

CalendarFile = Annotated[Path, typer.Argument(metavar="FILE", help="calendar as YAML, for example examples/calendars/pl-bh-8-17.yaml")]
Pauses = Annotated[list[str] | None, typer.Option("--pause", metavar="A/B", help="a stretch that does not count, ISO/ISO; may be repeated")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def due(
    file: CalendarFile,
    start: Annotated[str, typer.Option(metavar="ISO", help="when the clock starts, with its offset")],
    budget: Annotated[str, typer.Option(metavar="TIME", help="90m, 4h30m, 16200s or PT4H30M")],
    pause: Pauses = None,
    explained: Annotated[bool, typer.Option("--explain", help="show the stretches that were counted")] = False,
    as_json: AsJson = False,
) -> None:
    """When a budget of business time is used up.

    Example: servanda calendar due examples/calendars/pl-bh-8-17.yaml --start 2026-03-16T15:30+01:00 --budget 4h --explain
    """
    calendar = calendar_of(read_calendar(file))
    began, pauses = parse_instant(start), _pauses(pause)
    reached = calendar.due(began, parse_duration(budget), pauses)
    steps = explain(calendar, began, reached, merge_pauses(pauses))
    if as_json:
        print_json({"due": local(reached, calendar.zone), "due_utc": utc(reached), "steps": [_step(step, calendar) for step in steps]})
        return
    say(f"due {spoken(reached, calendar.zone)} ({calendar.definition.time_zone}), {utc(reached)}")
    if explained:
        _say_steps(steps, calendar)


@app.command()
def elapsed(
    file: CalendarFile,
    start: Annotated[str, typer.Option(metavar="ISO", help="from when, with its offset")],
    end: Annotated[str, typer.Option(metavar="ISO", help="until when, with its offset")],
    pause: Pauses = None,
    as_json: AsJson = False,
) -> None:
    """How much business time lies between two instants.

    Example: servanda calendar elapsed examples/calendars/pl-bh-8-17.yaml --start 2026-03-16T15:30+01:00 --end 2026-03-17T10:05+01:00
    """
    calendar = calendar_of(read_calendar(file))
    began, ended, pauses = parse_instant(start), parse_instant(end), _pauses(pause)
    length = calendar.elapsed(began, ended, pauses)
    if as_json:
        steps = explain(calendar, began, ended, merge_pauses(pauses))
        seconds = length.days * 86_400 + length.seconds
        print_json({"elapsed_seconds": seconds, "elapsed": format_duration(length), "steps": [_step(step, calendar) for step in steps]})
    else:
        say(f"{format_duration(length)} of business time in {calendar.name}")


@app.command()
def check(file: CalendarFile, as_json: AsJson = False) -> None:
    """Is the calendar without contradiction, and what does it say?

    Example: servanda calendar check examples/calendars/pl-ext.yaml
    """
    definition = read_calendar(file)
    calendar, notes = calendar_of(definition), calendar_notes(definition)
    day = _day_length(calendar)
    weekly = {day.value: list(hours) for day, hours in definition.weekly.items()}
    if as_json:
        print_json({"calendar": calendar.name, "time_zone": definition.time_zone, "weekly": weekly, "business_day": day, "notes": notes})
        return
    say(f"{calendar.name}: no fault. {definition.time_zone}, business day {day or 'not defined: targets in business days are refused'}")
    for name, hours in weekly.items():
        say(f"  {name}  {', '.join(hours) or 'closed'}")
    for note in notes:
        warn(f"note: {note}")


@app.command()
def holidays(
    country: Annotated[str | None, typer.Option(metavar="CODE", help="ISO country, PL, or with a region: DE-BY")] = None,
    years: Annotated[str | None, typer.Option(metavar="FROM-TO", help="2026 or 2026-2027")] = None,
    ics: Annotated[Path | None, typer.Option(metavar="FILE", help="take the all-day events of an iCalendar file instead")] = None,
    as_json: AsJson = False,
) -> None:
    """Propose holiday dates, as lines for a calendar file; a person decides which of them count.

    Example: servanda calendar holidays --country PL --years 2026-2027
    """
    chosen = _years(years) if years else None
    if (country is None) == (ics is None):
        raise BadInput("give either --country with --years, or --ics")
    found = holidays_of_ics(ics, chosen) if ics is not None else holidays_of_country(country or "", _needed(chosen))
    if as_json:
        print_json([{"date": on.isoformat(), "name": name} for on, name in found])
        return
    say("holidays:" if found else "holidays: []")
    for on, name in found:
        say(f'  - "{on.isoformat()}"   # {name}')


def _pauses(texts: Sequence[str] | None) -> list[Span]:
    spans = []
    for text in texts or ():
        start, slash, end = text.partition("/")
        if not slash:
            raise BadInput(f"--pause {text!r}: write START/END, two ISO times with a slash between")
        spans.append(Span(parse_instant(start), parse_instant(end)))
    return spans


def _step(step: Step, calendar: ServiceCalendar) -> dict[str, Any]:
    return {
        "kind": step.kind.value,
        "from": local(step.start, calendar.zone),
        "to": local(step.end, calendar.zone),
        "counted_seconds": int(step.counted.total_seconds()),
        "total_seconds": int(step.total.total_seconds()),
    }


def _say_steps(steps: Sequence[Step], calendar: ServiceCalendar) -> None:
    for step in steps:
        what = f"+ {format_duration(step.counted)} = {format_duration(step.total)}" if step.kind is StepKind.COUNTED else "  paused"
        say(f"  {spoken(step.start, calendar.zone)} … {_until(step.start, step.end, calendar.zone)}  {what}")


def _until(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    same_day = start.astimezone(zone).date() == end.astimezone(zone).date()
    return spoken(end, zone)[15:] if same_day else spoken(end, zone)


def _day_length(calendar: ServiceCalendar) -> str | None:
    try:
        return format_duration(calendar.business_day)
    except NoBusinessDay:
        return None


def _years(text: str) -> range:
    first, _, last = text.partition("-")
    try:
        years = range(int(first), int(last or first) + 1)
    except ValueError as wrong:
        raise BadInput(f"--years {text!r}: write 2026 or 2026-2027") from wrong
    if not years or not (date.min.year < years[0] and years[-1] < date.max.year) or len(years) > 100:
        raise BadInput(f"--years {text!r}: the first year comes first, and at most a hundred of them")
    return years


def _needed(years: range | None) -> range:
    if years is None:
        raise BadInput("--country needs --years, for example --years 2026-2027")
    return years
