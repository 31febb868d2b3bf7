"""The local mailbox: what somebody would have got as mail, with links that lead on."""

import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from fastapi import Query, Response

from api.dependencies import Parts, TheParts
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor, Visitor
from api.routes.mailbox import read_mailbox
from api.views import MailboxPage

router = page_router()

SECTION = "/pages/mailbox"

_A_PAGE = 20
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


class Piece(NamedTuple):
    """A stretch of a letter; `link` where it is an address of ours."""

    text: str
    link: str | None


@router.get(SECTION)
async def show_mailbox(parts: TheParts, visitor: TheVisitor, before: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None) -> Response:
    """The visitor's own letters, newest first."""
    found, base = await _letters(parts, visitor, before), parts.settings.links_to
    letters = [(each, list(pieces(each.body, base))) for each in found.messages]
    return own("mailbox", visitor, section=SECTION, letters=letters, next=found.next)


async def _letters(parts: Parts, visitor: Visitor, before: int | None) -> MailboxPage:
    return await read_mailbox(parts, visitor.someone, limit=_A_PAGE, before=before, receiver=visitor.someone.actor.person)


def pieces(text: str, base: str) -> Iterator[Piece]:
    """A letter's text cut at its addresses. Only those below our own base are links; they lead to this very installation."""
    end = 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(".,;:)")
        if not address.startswith(f"{base}/"):
            continue
        yield Piece(text[end : found.start()], None)
        parts = urlsplit(address)
        yield Piece(address, parts.path + (f"?{parts.query}" if parts.query else ""))
        end = found.start() + len(address)
    yield Piece(text[end:], None)
