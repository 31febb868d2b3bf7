"""`servanda audit`: prove that no event of the audit trail was changed, left out or put in; read the events on as they come."""

import asyncio
import sys
from typing import Annotated

import typer

from commands.output import print_json, say
from domain.errors import NotFound

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The audit trail: prove that nothing in it was changed, follow it.")


_LINES_AT_ONCE = 1000


@app.command()
def verify(
    subject: Annotated[str | None, typer.Argument(metavar="TRAIL", help="one trail, such as agreement-case:case-1; default: all")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Follow the chain of every trail; exit code 1 where one is broken, with the number of the first event that does not fit.

    Example: servanda audit verify
    """
    broken, count, redacted = asyncio.run(_verify(subject))
    if as_json:
        found = [{"subject": name, "number": number} for name, number in broken.items()]
        print_json({"trails": count, "redacted": redacted, "broken": found})
    else:
        for name, number in broken.items():
            say(f"{name}: broken at event {number}")
        say(f"{count} trail(s), {count - len(broken)} whole" + (f"; {redacted} event(s) lost names, each proven" if redacted else ""))
    if broken:
        raise typer.Exit(1)


async def _verify(subject: str | None) -> tuple[dict[str, int], int, int]:
    from commands.stored import open_database  # noqa: PLC0415
    from store.audit import AuditTrail  # noqa: PLC0415

    async with open_database() as database:
        trail = AuditTrail(database)
        if subject is not None and not await trail.of(subject, limit=1):
            raise NotFound(f"there is no trail {subject}")
        subjects = [subject] if subject is not None else await trail.subjects()
        found = {name: await trail.broken_at(name) for name in subjects}
        return {name: number for name, number in found.items() if number is not None}, len(subjects), await trail.redacted()


@app.command()
def follow(
    after: Annotated[int, typer.Option(min=0, help="the place of the last event one has")] = 0,
    once: Annotated[bool, typer.Option("--once", help="end where there is no other event yet")] = False,
) -> None:
    """Print the events of all trails, each as a line of JSON, and go on as they come; Ctrl-C ends it.

    Example: servanda audit follow --after 1200
    """
    asyncio.run(_follow(after, is_endless=not once))


async def _follow(place: int, *, is_endless: bool) -> None:
    from commands.stored import open_database  # noqa: PLC0415
    from store.audit_stream import AuditStream  # noqa: PLC0415

    async with open_database() as database:
        stream = AuditStream(database)
        while True:
            lines = await stream.after(place, _LINES_AT_ONCE)
            for line in lines:
                say(line.as_json)
                place = line.place
            if not lines and not is_endless:
                return
            if not lines:
                sys.stdout.flush()
                await asyncio.sleep(1)
