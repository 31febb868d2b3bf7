"""Signing in with a token of the built-in directory, signing out, and the language of a browser."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from api.dependencies import Parts, TheParts
from api.doors import AtTheDoor
from api.pages.page import STYLE, STYLE_ADDRESS, go_to, page, page_router
from api.pages.visitors import BY_OPENID, LANGUAGE, SESSION, TheForm, cookie, language_of, sent_by
from api.pages.words import page_words
from domain.errors import BadInput

router = page_router()

Next = Annotated[str, Query(max_length=1000, description="the page to show afterwards")]

_YEAR = 365 * 24 * 3600


@router.get("/")
async def show_start() -> Response:
    """Who opens the bare address means the pages."""
    return go_to("/pages")


@router.get(STYLE_ADDRESS)
async def show_style() -> Response:
    """The style sheet of all pages."""
    kept = {"cache-control": f"public, max-age={_YEAR}, immutable", "x-content-type-options": "nosniff"}
    return Response(STYLE, 200, kept, "text/css; charset=utf-8")


@router.get("/sign-in")
async def show_sign_in(
    request: Request,
    parts: TheParts,
    next: Next = "/pages",  # noqa: A002  (the name in the address)
    left: Annotated[Literal["openid"] | None, Query(description="signed out here, perhaps not there")] = None,
) -> Response:
    """The form to sign in."""
    return _form(request, parts, next=next, fault=None, left=left)


@router.post("/sign-in", dependencies=[AtTheDoor])
async def sign_in(request: Request, parts: TheParts) -> Response:
    """Sign a browser in with a person's token."""
    sent = await sent_by(request)
    async with parts.database.reading() as connection:
        person = await parts.directory.person_of(connection, sent.text("token"))
    if person is None:
        return _form(request, parts, 401, next=sent.text("next"), fault="nobody", left=None)
    return await signed_in(parts, person, sent.text("next"))


def _form(request: Request, parts: Parts, status: int = 200, **values: Any) -> Response:
    return page("sign_in", None, page_words(language_of(request, "pl")), status, has_openid=parts.openid is not None, **values)


async def signed_in(parts: Parts, person: str, wanted: str) -> Response:
    """The browser of a person, signed in, on its way to the page they wanted."""
    lasts = timedelta(hours=parts.settings.session_hours)
    secret = await parts.sessions.begin(person, datetime.now(UTC), lasts)
    answer = go_to(_within(wanted))
    answer.set_cookie(SESSION, secret, **cookie(parts, max_age=int(lasts.total_seconds())))
    return answer


def _within(address: str) -> str:
    """An address of ours; any other is not followed: a link must not lead people away."""
    return address if address.startswith("/pages") and "\\" not in address else "/pages"


@router.post("/sign-out")
async def sign_out(request: Request, parts: TheParts, _: TheForm) -> Response:
    """Sign the browser out."""
    await parts.sessions.end(request.cookies[SESSION])
    answer = go_to("/sign-in?left=openid" if BY_OPENID in request.cookies else "/sign-in")
    for name in (SESSION, BY_OPENID):
        answer.delete_cookie(name, path="/")
    return answer


@router.post("/language")
async def choose_language(request: Request, parts: TheParts) -> Response:
    """Switch the pages to another language."""
    sent = await sent_by(request)
    chosen, wanted = sent.text("language"), sent.text("next")
    if chosen not in {"pl", "en"}:
        raise BadInput("language: pl or en")
    answer = go_to(wanted if wanted.startswith("/sign-in") else _within(wanted))
    answer.set_cookie(LANGUAGE, chosen, **cookie(parts, max_age=_YEAR))
    return answer
