"""Decisions by a personal link: nobody signs in, and the link decides one task, once, on the document it was made for."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from fastapi import Request, Response
from sqlalchemy import Row

from api.bearers import someone_of
from api.dependencies import Parts, TheParts
from api.doors import AtTheDoor
from api.pages.cases import Deciding, decision_page, take
from api.pages.deciding import Option, case_of, option_named, options_for
from api.pages.forms import Filled
from api.pages.page import own, page_router
from api.pages.visitors import Visitor, form_token_of, language_of, refuse_forged, sent_by
from api.routes.cases import the_case
from api.task_links import digest_of_case
from connectors.decision_links import DecisionLink, link_in
from domain.errors import Conflict, NotFound
from domain.people import Role

router = page_router()

_NOT_BY_LINK = frozenset({"withdraw"})
"""What is never asked of anybody by a notice."""


class _Opened(NamedTuple):
    """A link that opens: whose, for which task of which case."""

    link: DecisionLink
    row: Row[Any]
    task: Row[Any]
    visitor: Visitor
    options: list[Option]


async def _opened(token: str, request: Request, parts: Parts) -> _Opened:
    """What a link opens now.

    Raises:
        NotFound: nobody made such a link.
        Conflict: it has expired, was used, or its task or document is not what it was.
    """
    link = link_in(parts.settings.survey_secret, token)
    if link is None:
        raise NotFound("this link leads nowhere; copy it whole from the message, or sign in")
    if link.expires_at <= datetime.now(UTC):
        raise Conflict("LINK_EXPIRED", "this link has expired; sign in to see what is asked of you")
    if await parts.sessions.was_used(token):
        raise Conflict("LINK_USED", "a decision was made by this link; it opens nothing any more")
    someone = await someone_of(parts, link.person)
    row = await the_case(link.case_id, parts, someone)
    async with parts.database.reading() as connection:
        tasks = (await parts.cases.tasks_of(connection, [link.case_id]))[link.case_id]
    task = next((each for each in tasks if each.task == link.task and each.state == "OPEN"), None)
    if task is None:
        raise Conflict("TASK_CLOSED", "this is not waited for any more; sign in to see how the case stands")
    if digest_of_case(row) != link.digest:
        raise Conflict("STALE_DOCUMENT", "the document has changed since the message was sent; sign in to see the present one")
    visitor = Visitor(someone, language_of(request, someone.language), form_token_of(token), is_signed_in=False)
    options = [each for each in options_for(row, someone, Role(task.role)) if each.decision.action not in _NOT_BY_LINK]
    return _Opened(link, row, task, visitor, options)


def _deciding(opened: _Opened, action: str, token: str, parts: Parts) -> Deciding:
    option = option_named(action, opened.options, opened.row)
    return Deciding(option, opened.row, case_of(opened.row), opened.visitor, parts, f"/decide/{token}/{action}")


@router.get("/decide/{token}")
async def show_link(token: str, request: Request, parts: TheParts) -> Response:
    """What is asked, and the ways to answer. Opening a link changes nothing: mail programs open links too."""
    opened = await _opened(token, request, parts)
    return own("link", opened.visitor, task=opened.task, row=opened.row, options=opened.options, token=token, now=parts.now())


@router.get("/decide/{token}/{action}")
async def show_link_decision(token: str, action: str, request: Request, parts: TheParts) -> Response:
    """One of the ways, with the document it is about."""
    opened = await _opened(token, request, parts)
    deciding = _deciding(opened, action, token, parts)
    return await decision_page(deciding, Filled(None, deciding.form()))


@router.post("/decide/{token}/{action}", dependencies=[AtTheDoor])
async def take_link_decision(token: str, action: str, request: Request, parts: TheParts) -> Response:
    """Decide. The link is used up by a decision that counts; a refused one leaves it as it was."""
    opened = await _opened(token, request, parts)
    sent = await sent_by(request)
    refuse_forged(sent, opened.visitor)
    deciding = _deciding(opened, action, token, parts)
    if not await parts.sessions.use(token, opened.link.person, datetime.now(UTC), opened.link.expires_at):
        raise Conflict("LINK_USED", "a decision was made by this link; it opens nothing any more")
    try:
        taken = await take(deciding, sent)
    except BaseException:
        await parts.sessions.give_back(token)
        raise
    if isinstance(taken, Response):
        await parts.sessions.give_back(token)
        return taken
    return own("link_done", opened.visitor, done=taken, option=deciding.option, row=opened.row)
