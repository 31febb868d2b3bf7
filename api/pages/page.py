"""How every page is made: one layout, our own style sheet, no script, nothing from elsewhere; refusals are pages too."""

import logging
import time
from collections.abc import Callable, Coroutine
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.errors import TooManyRequests, status_of
from api.pages.addresses import page_address, page_of_trail
from api.pages.case_words import case_title, nudges_told
from api.pages.menu import menu
from api.pages.visitors import NotSignedIn, Visitor, language_of
from api.pages.words import TEMPLATES, PageWords, page_words
from domain.errors import ServandaError

_log = logging.getLogger(__name__)

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none';"
        " base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
"""A page needs nothing from anywhere and keeps nothing in caches; whatever people wrote into it, a browser runs none of it."""

STYLE = (TEMPLATES / "servanda.css").read_text(encoding="utf-8")
STYLE_ADDRESS = f"/pages/style/{sha256(STYLE.encode()).hexdigest()[:12]}.css"
"""Changes with the style, so that browsers may keep it for ever."""


@lru_cache
def _engine() -> Environment:
    engine = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    engine.globals |= {
        "style_address": STYLE_ADDRESS,
        "svg": Markup,
        "menu": menu,
        "new_key": lambda: uuid4().hex,
        "page_address": page_address,
        "page_of_trail": page_of_trail,
        "case_title": case_title,
        "nudges_told": nudges_told,
    }
    return engine


def page(template: str, visitor: Visitor | None, words: PageWords, status: int = 200, **values: Any) -> HTMLResponse:
    """A page.

    Args:
        template: `NAME.html.jinja` of `api/templates`.
        visitor: whose page it is; None for those that nobody signed in for.
        words: of the language it is in.
        status: of the answer.
        values: what the template shows; text is escaped, only what we draw ourselves goes through `svg()`.
    """
    zone = ZoneInfo(visitor.someone.catalogue.calendar.time_zone) if visitor is not None else ZoneInfo("UTC")
    people = visitor.someone.catalogue.person_by_key if visitor is not None else {}
    known = {"words": words, "visitor": visitor, "zone": zone, "named": lambda key: people[key].name if key in people else key}
    shown = _engine().get_template(f"{template}.html.jinja").render(known | values)
    return HTMLResponse(shown, status, HEADERS)


def own(template: str, visitor: Visitor, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the visitor's language."""
    return page(template, visitor, page_words(visitor.language), status, **values)


def go_to(address: str) -> RedirectResponse:
    """Show another page after a form was taken, so that loading it again sends nothing twice."""
    return RedirectResponse(address, 303, HEADERS)


class _PageRoute(APIRoute):
    """Answers refusals as pages, as a browser shows them to a person, and says how long it took (Server-Timing)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        take = super().get_route_handler()

        async def answer(request: Request) -> Response:
            began, worked = time.perf_counter(), time.thread_time()
            shown = await answered(request)
            spent = (time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000
            shown.headers["server-timing"] = "total;dur={:.1f}, cpu;dur={:.1f}".format(*spent)
            return shown

        async def answered(request: Request) -> Response:
            try:
                return await take(request)
            except NotSignedIn:
                wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return go_to("/sign-in" + (f"?next={quote(wanted)}" if request.method == "GET" else ""))
            except ServandaError as refusal:
                answer = refused(request, status_of(refusal), refusal.code, str(refusal))
                if isinstance(refusal, TooManyRequests):
                    answer.headers["retry-after"] = str(refusal.wait)
                return answer
            except RequestValidationError:
                return refused(request, 422, "INVALID_REQUEST", "the address is not one of ours")
            except Exception:  # noqa: BLE001  (whatever fails, a person looks at the answer)
                _log.exception("%s %s failed", request.method, request.url.path)
                return refused(request, 500, "INTERNAL_ERROR", "the page failed here; try it again, the log says why")
            finally:
                await request.close()  # files that a form brought

        return answer


def page_router() -> APIRouter:
    """A router of pages; they stand in no OpenAPI document."""
    return APIRouter(include_in_schema=False, route_class=_PageRoute)


def refused(request: Request, status: int, code: str, detail: str) -> HTMLResponse:
    """A refusal as a page: what it means in words, and what exactly was said."""
    words = page_words(language_of(request, "pl"))
    return page("refused", None, words, status, code=code, detail=detail, refusal=status)
