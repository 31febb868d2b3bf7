"""How a maker's system is talked to over REST: what each adapter states, and what of it is the same for all."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple


class Access(NamedTuple):
    """Who we are there: a user where the maker asks for one, and a token or password."""

    token: str
    user: str | None = None


class Call(NamedTuple):
    """A request, its path below the system's address."""

    method: str
    path: str
    json: Any = None
    params: Mapping[str, str] = {}


class Listed(NamedTuple):
    """A ticket of a list as the maker would post it, so that the same mapping reads it; and its last change, if stated elsewhere."""

    record: Mapping[str, Any]
    changed_at: str | None = None


class Page(NamedTuple):
    """Part of a list, and the call for the next part."""

    records: Sequence[Listed]
    following: Call | None = None


class Listing(NamedTuple):
    """The tickets that changed from an instant on: the first call, and what an answer to a call holds."""

    first: Callable[[datetime], Call]
    page: Callable[[Call, Any], Page]


class Desk(NamedTuple):
    """The REST form of a maker's system; None for what it has not.

    `comment` and `deal_comment` take a number and a text, `due` a ticket's number, a field's name and an instant; `ticket` reads one.
    """

    headers: Callable[[Access], Mapping[str, str]]
    comment: Callable[[str, str], Call] | None = None
    due: Callable[[str, str, datetime], Call] | None = None
    deal_comment: Callable[[str, str], Call] | None = None
    ticket: Callable[[str], Call] | None = None
    listing: Listing | None = None


def bearer(access: Access) -> Mapping[str, str]:
    """The token as OAuth 2.0 sends it."""
    return {"authorization": f"Bearer {access.token}"}
