"""`servanda deliveries`: notices that did not arrive, and sending them again."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from commands.output import print_json, say
from commands.stored import open_database
from domain.ports import DeliveryState

if TYPE_CHECKING:
    from api.delivery_desk import DeliveryPage, DeliveryView

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What became of each notice: list it, send it again.")

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command("list")
def list_(
    state: Annotated[DeliveryState | None, typer.Option(help="only those in this state")] = DeliveryState.REFUSED,
    channel: Annotated[str | None, typer.Option(help="only those of this channel")] = None,
    receiver: Annotated[str | None, typer.Option(help="only those to this person")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="at most so many, last tried first")] = 50,
    as_json: AsJson = False,
) -> None:
    """Dead letters, or deliveries in another state, last tried first.

    Example: servanda deliveries list --state REFUSED --channel smtp
    """
    found = asyncio.run(_list(state, channel, receiver, limit))
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    for each in found.deliveries:
        say(f"{each.state:<9} {each.channel:<8} {each.receiver or '-':<8} {each.subject}: {each.error or 'no error'}")
        say(f"          {each.delivery}")
    say(f"{len(found.deliveries)} shown{'; there are more' if found.next else ''}")


@app.command()
def resend(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="as the list names it")],
    by: Annotated[str, typer.Option(help="who sends it again")] = "command",
) -> None:
    """Have a notice sent again to whom it did not reach; the audit trail keeps who did.

    Example: servanda deliveries resend WyJrIiwic210cCIsIkIxIl0
    """
    sent = asyncio.run(_resend(delivery, by))
    say(f"{sent.subject}: sent again to {sent.receiver or 'its receiver'} by {sent.channel}")


async def _list(state: DeliveryState | None, channel: str | None, receiver: str | None, limit: int) -> "DeliveryPage":
    from api.clock import BusinessClock  # noqa: PLC0415
    from api.delivery_desk import DeliveryDesk  # noqa: PLC0415
    from settings import load_settings  # noqa: PLC0415
    from store.deliveries import Wanted  # noqa: PLC0415

    async with open_database() as database:
        desk = DeliveryDesk(database, None, BusinessClock(load_settings().time_shift))
        return await desk.page(Wanted(state.value if state is not None else None, channel, receiver), limit, None)


async def _resend(delivery: str, by: str) -> "DeliveryView":
    from api.clock import BusinessClock  # noqa: PLC0415
    from api.delivery_desk import DeliveryDesk  # noqa: PLC0415
    from settings import load_settings  # noqa: PLC0415
    from worker import connect  # noqa: PLC0415

    settings = load_settings()
    client = await connect(settings, lazy=True)
    async with open_database() as database:
        return await DeliveryDesk(database, client, BusinessClock(settings.time_shift)).resend(delivery, by)
