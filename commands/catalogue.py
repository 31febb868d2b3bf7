"""`servanda catalogue`: load the catalogue, see what is covered, give people their tokens."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from commands.output import print_json, say
from commands.stored import open_database
from connectors.documents import read_catalogue
from domain.catalogue import Catalogue
from settings import load_settings
from store.directory import Directory

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Services, customers, offers and people: load them, see what is covered, give out tokens.",
)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
_T = TypeVar("_T")


@app.command()
def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="a catalogue as YAML")]) -> None:
    """Say file, line and rule of each fault.

    Example: servanda catalogue check examples/catalogues/serwis-druk.yaml
    """
    catalogue = read_catalogue(file)
    say(f"{catalogue.provider}: no fault, {len(catalogue.services)} service(s), {len(catalogue.people)} people")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a catalogue as YAML")],
    by: Annotated[str, typer.Option(help="who loads it")] = "command",
) -> None:
    """Bring entries in: those of the same name are replaced, others stay.

    Example: servanda catalogue load examples/catalogues/serwis-druk.yaml
    """
    catalogue = read_catalogue(file)
    changed = asyncio.run(_with(lambda directory: directory.load(catalogue, by, datetime.now(UTC))))
    say(f"{file}: {'loaded' if changed else 'nothing to change'}")


@app.command()
def token(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="a person of the catalogue")],
    revoke: Annotated[bool, typer.Option("--revoke", help="only end the tokens the person has")] = False,
) -> None:
    """Print a new token for a person; it is shown once and kept nowhere.

    Example: servanda catalogue token A1
    """

    async def make(directory: Directory) -> str | None:
        (await directory.now()).person(person)
        if revoke:
            await directory.revoke_tokens(person, datetime.now(UTC))
            return None
        return await directory.new_token(person, datetime.now(UTC))

    made = asyncio.run(_with(make))
    say(made if made is not None else f"{person} has no token any longer")


@app.command()
def coverage(as_json: AsJson = False) -> None:
    """Which offers have an agreement of their own in force; exit code 1 where one has none.

    Example: servanda catalogue coverage
    """
    from domain.offers import coverage_of  # noqa: PLC0415
    from domain.termination import promising  # noqa: PLC0415
    from store.agreements import AgreementStore  # noqa: PLC0415
    from store.terminations import TerminationStore  # noqa: PLC0415

    now = datetime.now(UTC)

    async def look(directory: Directory) -> tuple[Catalogue, list]:  # type: ignore[type-arg]
        catalogue, database = await directory.now(), directory.database
        async with database.reading() as connection:
            ended = await TerminationStore(database).all_standing(connection)
            return catalogue, promising(await AgreementStore(database).all(connection), ended, now)

    catalogue, agreements = asyncio.run(_with(look))
    report = coverage_of(catalogue.offers, agreements, now)
    rows = [{"offer": each.offer.offer, "agreement": each.agreement.agreement if each.agreement else None} for each in report.offers]
    if as_json:
        print_json({"covered": report.covered, "offers": rows, "share": report.shown_share})
    else:
        for row in rows:
            say(f"{row['offer']}: {row['agreement'] or 'UNCOVERED'}")
        say(f"{report.covered} of {len(rows)} covered" + (f", {report.shown_share}" if report.shown_share else ""))
    if report.covered < len(rows):
        raise typer.Exit(1)


async def _with(work: Callable[[Directory], Awaitable[_T]]) -> _T:
    """Do something with this installation's directory.

    Raises:
        BadInput: the database is not there.
    """
    async with open_database() as database:
        return await work(Directory(database, load_settings().policy))
