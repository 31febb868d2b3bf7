"""`servanda replan`: what moving open tickets to another version would bring, and having them moved."""

import asyncio
from typing import Annotated, Any
from uuid import uuid4

import typer

from commands.output import print_json, say, utc
from commands.stored import open_database
from domain.errors import BadInput, NotFound
from domain.registry_numbers import in_registry
from domain.replan import MovedClock
from settings import load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)

_SHOWN = 50
"""Tickets of a dry run that are printed; the API pages through all of them."""


@app.command()
def replan(
    agreement: Annotated[str, typer.Argument(metavar="AGREEMENT", help="its number in the registry")],
    to: Annotated[str, typer.Option(metavar="VERSION", help="the version its open tickets go to")],
    reason: Annotated[str, typer.Option(help="why, as it will stand with every ticket")],
    leave: Annotated[str | None, typer.Option("--from", metavar="VERSION", help="only tickets under this version")] = None,
    confirm: Annotated[str | None, typer.Option(metavar="DRY_RUN", help="move what this dry run listed")] = None,
    rate: Annotated[float | None, typer.Option(min=1, max=1000, help="tickets in a second, at most")] = None,
    by: Annotated[str, typer.Option(help="who asks for it")] = "command",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Without --confirm list what would be moved, and touch no ticket; with it have them moved, and say how to follow it.

    Example: servanda replan SLA/2026/0001 --to 1.1 --reason "Monday 4 January is a free day"
    """
    if len(reason.strip()) < 10:
        raise BadInput("--reason: say in ten letters or more why")
    shown = asyncio.run(_ask(agreement, (leave, to, reason.strip(), rate, by), confirm))
    if as_json:
        print_json(shown)
    elif confirm is not None:
        say(f"{shown['replan']}: {shown['left']} ticket(s) are being moved to {to}; GET /replans/{shown['replan']} shows how far it is")
    else:
        _print_dry_run(shown, to)


def _print_dry_run(shown: dict[str, Any], to: str) -> None:
    for row in shown["tickets"]:
        for clock in map(MovedClock.model_validate, row["clocks"]):
            old, new = (utc(at) if at is not None else "no due time" for at in (clock.old_due_at, clock.new_due_at))
            say(f"{row['ticket']:<24} {clock.clock:<24} {row['left']:>5}  {old} -> {new}{'  LATE' if clock.breaches else ''}")
    if shown["moved"] > len(shown["tickets"]):
        say(f"and {shown['moved'] - len(shown['tickets'])} more: GET /replans/{shown['replan']}/tickets")
    say(
        f"{shown['moved']} ticket(s) would go to {to}, {shown['unchanged']} keep their due times, {shown['breaches']} would be late at once"
    )
    say(f"nothing was moved; --confirm {shown['replan']} does it")


async def _ask(agreement: str, asked: tuple[str | None, str, str, float | None, str], confirm: str | None) -> dict[str, Any]:
    """Ask as the API does; the process is started by an API of this installation, now or when it is up."""
    from api.clock import BusinessClock  # noqa: PLC0415
    from api.replan_desk import Asked, ReplanDesk  # noqa: PLC0415
    from api.replan_views import MoveView, ReplanView  # noqa: PLC0415
    from store.registry import AgreementRegistry  # noqa: PLC0415
    from store.replans import MovePage, ReplanStore  # noqa: PLC0415

    settings = load_settings()
    leave, to, reason, rate, by = asked
    wanted = Asked(leave, to, reason, rate or settings.replan_rate, by, f"confirm:{confirm}" if confirm is not None else uuid4().hex)
    async with open_database() as database:
        entry = await AgreementRegistry(database).entry(in_registry(agreement))
        if entry is None:
            raise NotFound(f"there is no agreement {agreement}")
        desk, store = ReplanDesk(database, BusinessClock(settings.time_shift)), ReplanStore(database)
        row = await (desk.confirm(entry, wanted, confirm) if confirm is not None else desk.dry_run(entry, wanted))
        async with database.reading() as connection:
            view = ReplanView.of(row, await store.counts(connection, row))
            moves = await store.page(connection, view.replan, MovePage(_SHOWN)) if confirm is None else []
    return view.model_dump(mode="json") | {"tickets": [MoveView.of(each).model_dump(mode="json") for each in moves]}
