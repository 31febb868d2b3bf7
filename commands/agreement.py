"""`servanda agreement`: check agreement files, publish them, print their schema."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.output import print_json, say
from connectors.documents import FaultyDocument, read_agreement
from domain.errors import BadInput
from domain.terms import Agreement
from settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Agreements as files: check them, publish them.")

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="agreements as YAML, for example examples/agreements/printers-warsaw.yaml")
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def check(files: Files, as_json: AsJson = False) -> None:
    """Say file, line and rule of each fault.

    Example: servanda agreement check examples/agreements/*.yaml
    """
    agreements, faults = _read(files)
    if as_json:
        print_json({"agreements": [_summary(each) for each in agreements], "faults": [fault._asdict() for fault in faults]})
    else:
        for each in agreements:
            say(f"{each.agreement} {each.version}: no fault, {len(each.targets)} target(s), hash {each.digest[:12]}")
    if faults:
        raise FaultyDocument(faults)


@app.command("import")
def import_(files: Files, as_json: AsJson = False) -> None:
    """Publish agreements into the database; a published version never changes.

    Example: servanda agreement import examples/agreements/*.yaml
    """
    agreements, faults = _read(files)
    if faults:
        raise FaultyDocument(faults)
    published = asyncio.run(publish(agreements))
    if as_json:
        print_json([{**_summary(each), "new": new} for each, new in zip(agreements, published, strict=True)])
        return
    for each, new in zip(agreements, published, strict=True):
        say(f"{each.agreement} {each.version} {'published' if new else 'was published before'}, in force from {each.effective_from}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of an agreement file.

    Example: servanda agreement schema
    """
    print_json(Agreement.model_json_schema())


def _read(files: list[Path]) -> tuple[list[Agreement], list]:  # type: ignore[type-arg]
    agreements, faults = [], []
    for file in files:
        try:
            agreements.append(read_agreement(file))
        except FaultyDocument as wrong:
            faults += wrong.faults
    return agreements, faults


def _summary(agreement: Agreement) -> dict[str, str]:
    return {"agreement": agreement.agreement, "version": agreement.version, "kind": agreement.kind.value, "hash": agreement.digest}


async def publish(agreements: list[Agreement]) -> list[bool]:
    """Publish agreements into this installation's database; says which are new.

    Raises:
        BadInput: a version is published with other content, or the database is not there.
    """
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from store.agreements import AgreementStore  # noqa: PLC0415
    from store.database import Database  # noqa: PLC0415

    database = Database(load_settings().database)
    try:
        store = AgreementStore(database)
        return [await store.add(each, datetime.now(UTC)) for each in agreements]
    except (SQLAlchemyError, OSError) as failure:
        raise BadInput(f"the database does not take it ({type(failure).__name__}); run servanda migrate or servanda up first") from failure
    finally:
        await database.close()
