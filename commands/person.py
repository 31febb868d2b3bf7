"""`servanda person`: what is stored of somebody, for an answer to them, and its erasure."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.output import print_json, say
from commands.stored import open_database
from domain.errors import BadInput
from domain.personal_data import Fate, PersonReport
from settings import load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What is stored of somebody: find it, export it for them, erase it.")

Who = Annotated[str, typer.Argument(metavar="KEY_OR_MAIL", help="their key, their address, or what tickets call them")]
Also = Annotated[list[str] | None, typer.Option("--also", metavar="TEXT", help="another name or form of it; may be repeated")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def find(who: Who, also: Also = None, as_json: AsJson = False) -> None:
    """Where somebody is named, what an erasure would take, and what is kept until when and why.

    Example: servanda person find anna@bank.example
    """
    _print(asyncio.run(_report(who, also, with_content=False)), as_json=as_json)


@app.command()
def export(
    who: Who, also: Also = None, output: Annotated[Path | None, typer.Option(metavar="FILE", help="where to; default: printed")] = None
) -> None:
    """Everything stored of somebody as JSON, for an answer to them; look through it first, texts may name others.

    Example: servanda person export B3 --output b3.json
    """
    report = asyncio.run(_report(who, also, with_content=True))
    if output is None:
        print_json(report.model_dump(mode="json"))
    else:
        output.write_text(report.model_dump_json(indent=2), encoding="utf-8")
        say(f"{output}: {len(report.found)} row(s)")


@app.command()
def erase(
    who: Who,
    reason: Annotated[str, typer.Option(help="why, without names; it stays in the audit trail")],
    confirm: Annotated[bool, typer.Option("--confirm", help="do it")] = False,
    by: Annotated[str, typer.Option(help="who erases")] = "command",
    also: Also = None,
    as_json: AsJson = False,
) -> None:
    """Without --confirm list what would go and what stays; with it erase what no duty keeps, and list what stays.

    Example: servanda person erase B3 --reason "request of 2 March, letter 17" --confirm
    """
    if len(reason.strip()) < 10:
        raise BadInput("--reason: say in ten letters or more why")
    if not confirm:
        _print(asyncio.run(_report(who, also, with_content=False)), as_json=as_json)
        if not as_json:
            say("nothing was erased; --confirm does it")
        return
    _print(asyncio.run(_erase(who, reason.strip(), by, also)), as_json=as_json)


async def _report(who: str, also: list[str] | None, *, with_content: bool) -> PersonReport:
    from store.personal_data import PersonalData  # noqa: PLC0415

    settings = load_settings()
    async with open_database() as database:
        data = PersonalData(database, settings.retention)
        return await data.report(who, _now().date(), also or (), with_content=with_content)


async def _erase(who: str, reason: str, by: str, also: list[str] | None) -> PersonReport:
    from store.erasure import Erasure, ErasureOrder  # noqa: PLC0415

    async with open_database() as database:
        order = ErasureOrder(who, reason, by, _now(), tuple(also or ()))
        return await Erasure(database, load_settings().retention).erase(order)


def _now() -> datetime:
    return datetime.now(UTC) - load_settings().time_shift


def _print(report: PersonReport, *, as_json: bool) -> None:
    if as_json:
        print_json(report.model_dump(mode="json"))
        return
    say(f"{report.person}: " + ("known to the directory" if report.is_known else "not in the directory"))
    rows = Counter((each.kind.value, each.table, each.fate, each.why, each.until) for each in report.found)
    for (kind, table, fate, why, until), count in sorted(rows.items(), key=lambda item: (item[0][2], item[0][:2], item[0][3])):
        told = {Fate.ERASE: "erased on request", Fate.KEY_STAYS: "only the key, which stays"}.get(fate, "")
        when = f"; from {until} on it may be erased" if until is not None else ""
        say(f"{kind:<10} {table:<18} {count:>6} row(s)  {told or f'kept: {why}{when}'}")
    if not rows:
        say("nothing is stored")
    for line in (*report.hints, *(f"not reached: {each}" for each in report.elsewhere)):
        say(line)
