"""`servanda retention`: the periods after which data about people goes, and carrying them out."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, time
from typing import Annotated

import typer

from commands.output import print_json, say, warn
from commands.stored import open_database
from domain.errors import BadInput
from domain.retention import RULES
from settings import load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Periods of data about people: show them, carry them out.")

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """Every kind of data about people: where it stands, what for, how long, by which source, and what becomes of it.

    Example: servanda retention show
    """
    policy = load_settings().retention
    if as_json:
        print_json({"rules": [each._asdict() for each in RULES], "policy": policy.model_dump(mode="json")})
        return
    for rule in RULES:
        say(f"{rule.kind.value}: {rule.stands_in}")
        say(f"    for      {rule.purpose}")
        say(f"    kept     {rule.period}")
        say(f"    because  {rule.source}")
        say(f"    then     {rule.afterwards}")
    say("here: " + ", ".join(f"{name} {value}" for name, value in policy.model_dump(exclude={"personal_attributes"}).items()))
    say("attributes of tickets that say something of a person: " + ", ".join(policy.personal_attributes))


@app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only count")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what has passed its period, in small transactions; stopped half-way, the next run goes on.

    Example: servanda retention run --dry-run
    """
    counts = asyncio.run(_run(dry_run=dry_run))
    if as_json:
        print_json({"dry_run": dry_run, "rows": counts})
        return
    for name, count in counts.items():
        say(f"{name:<14} {count:>8} row(s) {'would go or lose names' if dry_run else 'went or lost names'}")


@app.command()
def schedule(
    at: Annotated[str, typer.Option(metavar="HH:MM", help="time of day in UTC")] = "02:30",
    off: Annotated[bool, typer.Option("--off", help="take the schedule away")] = False,
) -> None:
    """Have the engine carry the periods out every day; a second time changes the time of day.

    Example: servanda retention schedule --at 02:30
    """
    try:
        hour = time.fromisoformat(at)
    except ValueError as wrong:
        raise BadInput(f"--at: {at!r} is no time of day; write 02:30") from wrong
    asyncio.run(_schedule(None if off else hour))
    say("the engine runs it no longer" if off else f"the engine runs it every day at {hour:%H:%M} UTC")


async def _run(*, dry_run: bool) -> dict[str, int]:
    from store.retention import Retention  # noqa: PLC0415

    settings = load_settings()
    now = datetime.now(UTC) - settings.time_shift
    async with open_database() as database:
        retention = Retention(database, settings.retention)
        if dry_run:
            return await retention.due(now)
        done: Counter[str] = Counter()
        while any((batch := await retention.run_batch(now)).values()):
            done.update(batch)
            warn(f"{done.total()} row(s) so far")
        done.update(batch)
        return dict(done)


async def _schedule(at: time | None) -> None:
    from temporalio.service import RPCError  # noqa: PLC0415

    from worker import connect  # noqa: PLC0415
    from workflows.retention import set_schedule  # noqa: PLC0415

    settings = load_settings()
    try:
        await set_schedule(await connect(settings), at)
    except (RPCError, RuntimeError) as failure:
        raise BadInput(f"the engine at {settings.temporal_address} does not take it: {failure}") from failure
