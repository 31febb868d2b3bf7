"""`servanda service-token`: tokens for programs, each with what it may do and until when."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import typer

from commands.output import print_json, say
from commands.stored import open_database
from domain.errors import BadInput
from domain.scopes import Scope, scopes_of
from store.service_tokens import Done, NewToken, ServiceTokens

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Tokens for programs: make them, list them, end them.")

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="what the program is called in trails")]
By = Annotated[str, typer.Option(help="who does it")]
_T = TypeVar("_T")

_LONGEST_DAYS = 3650


@app.command()
def new(
    name: Name,
    scope: Annotated[list[str], typer.Option(help=f"what it may do, once for each of {', '.join(Scope)}")],
    expires: Annotated[
        str | None, typer.Option(metavar="DAYS", help="how long it counts, such as 90d; left out: until it is revoked")
    ] = None,
    by: By = "command",
) -> None:
    """Print a new token; it is shown once and kept nowhere.

    Example: servanda service-token new helpdesk --scope events:write --scope tickets:read --expires 90d
    """
    now = datetime.now(UTC)
    wanted = NewToken(name, scopes_of(scope), now + _lasts(expires) if expires is not None else None)
    say(asyncio.run(_with(lambda tokens: tokens.new(wanted, Done(by, now)))))


@app.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """Every token there was: what it may do, until when, and the day of its last use.

    Example: servanda service-token list
    """
    rows = [_shown(row, datetime.now(UTC)) for row in asyncio.run(_with(lambda tokens: tokens.all()))]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        until = f"until {row['expires_at']}" if row["expires_at"] else "until it is revoked"
        used = f"last used on {row['last_used_on']}" if row["last_used_on"] else "never used"
        say(f"{row['name']}: {row['state']} {until}, {used}: {' '.join(row['scopes'])}")


@app.command()
def revoke(name: Name, by: By = "command") -> None:
    """End a token at once.

    Example: servanda service-token revoke helpdesk
    """
    ended = asyncio.run(_with(lambda tokens: tokens.revoke(name, Done(by, datetime.now(UTC)))))
    say(f"{name} {'opens nothing any longer' if ended else 'was revoked before'}")


def _shown(row: Any, now: datetime) -> dict[str, Any]:
    expired = row.expires_at is not None and row.expires_at <= now
    return {
        "name": row.name,
        "scopes": row.scopes,
        "state": "REVOKED" if row.revoked_at is not None else "EXPIRED" if expired else "VALID",
        "made_by": row.made_by,
        "made_at": row.made_at.isoformat(),
        "expires_at": row.expires_at.isoformat() if row.expires_at is not None else None,
        "last_used_on": row.last_used_on.isoformat() if row.last_used_on is not None else None,
    }


def _lasts(written: str) -> timedelta:
    """Days of 24 hours.

    Raises:
        BadInput: it is none, or more than ten years.
    """
    days = re.fullmatch(r"([1-9]\d{0,3})d", written, re.ASCII)
    if days is None or int(days[1]) > _LONGEST_DAYS:
        raise BadInput(f"expires: {written!r} is no number of days from 1d to {_LONGEST_DAYS}d")
    return timedelta(days=int(days[1]))


async def _with(work: Callable[[ServiceTokens], Awaitable[_T]]) -> _T:
    async with open_database() as database:
        return await work(ServiceTokens(database))
