"""The page people begin with: what is due next, who is waited for, what was breached today, and how promises were kept."""

from datetime import datetime, time, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import Query, Response

from api.dependencies import Parts, TheParts
from api.pages.due_words import due_said, standing_of
from api.pages.page import own, page_router
from api.pages.ticket import agreement_address
from api.pages.visitors import TheVisitor, Visitor
from api.pages.words import page_words
from api.routes.breaches import BreachView, list_breaches
from api.routes.cases import my_tasks
from api.routes.registry import living_titles, the_entry
from api.routes.tickets import list_tickets
from api.routes.waiting import show_waiting
from api.views import ListedTicketView
from connectors.readable.words import Words, phrases_of
from connectors.slam_svg import slam_svg
from domain.agreement_parts import Period
from domain.errors import NotFound
from domain.people import Side
from domain.periods import period_at
from domain.registry_numbers import in_addresses
from domain.slam import SlamChart

router = page_router()

_NEXT, _TASKS, _BREACHES, _AGREEMENTS = 10, 10, 10, 100
"""How many of each are shown; behind each stands a link to all of them."""


class Home(NamedTuple):
    """What needs attention now; no tickets for suppliers, whose business they are not."""

    next: list[ListedTicketView]
    breaches: list[BreachView]
    has_more_breaches: bool
    chart: SlamChart | None


@router.get("/pages")
async def show_home(
    parts: TheParts, visitor: TheVisitor, agreement: Annotated[str, Query(max_length=100, description="whose chart")] = ""
) -> Response:
    """What needs attention now."""
    someone = visitor.someone
    titles = await living_titles(parts, someone, _AGREEMENTS)
    home = await _home(parts, visitor, agreement.strip(), [row.registry_no for row in titles])
    words = page_words(visitor.language)
    return own(
        "home",
        visitor,
        section="/pages",
        here="/pages",
        home=home,
        agreements=[(in_addresses(row.registry_no), row) for row in titles],
        has_tickets=someone.actor.side is not Side.SUPPLIER,
        tasks=await my_tasks(parts, someone, _TASKS),
        waiting=await show_waiting(parts, someone),
        picture=slam_svg(home.chart, Words(phrases_of(visitor.language, "report"))) if home.chart is not None else None,
        charted=in_addresses(home.chart.registry_no) if home.chart is not None else None,
        now=parts.now(),
        standing=standing_of,
        due_said=lambda due_at: due_said(due_at, parts.now(), words),
        agreement_address=agreement_address,
    )


async def _home(parts: Parts, visitor: Visitor, agreement: str, own_numbers: list[str]) -> Home:
    chart = await _chart(parts, visitor, agreement, own_numbers)
    if visitor.someone.actor.side is Side.SUPPLIER:
        return Home([], [], has_more_breaches=False, chart=chart)
    zone = ZoneInfo(visitor.someone.catalogue.calendar.time_zone)
    midnight = datetime.combine(parts.now().astimezone(zone).date(), time(), zone)
    breaches = await list_breaches(parts, visitor.someone, midnight, _BREACHES + 1)
    return Home(await _next(parts, visitor), breaches[:_BREACHES], len(breaches) > _BREACHES, chart)


async def _next(parts: Parts, visitor: Visitor) -> list[ListedTicketView]:
    """The tickets due next, those near their limit first; a customer's open ones."""
    if not visitor.is_inside:
        return (await list_tickets(parts, visitor.someone, open=True, limit=_NEXT)).tickets
    near = (await list_tickets(parts, visitor.someone, order="due", near_breach=True, limit=_NEXT)).tickets
    if len(near) == _NEXT:
        return near
    return near + (await list_tickets(parts, visitor.someone, order="due", near_breach=False, limit=_NEXT - len(near))).tickets


async def _chart(parts: Parts, visitor: Visitor, agreement: str, own_numbers: list[str]) -> SlamChart | None:
    """The chart of the chosen agreement; else of the one most in need: by its last month, else whose period was closed last.

    Raises:
        NotFound: the chosen one is none of theirs.
    """
    mine = None if visitor.is_inside else own_numbers
    number = agreement or await parts.closed.most_in_need(_last_month(parts, visitor), mine) or await parts.closed.newest_of(mine)
    if number is None:
        return None
    entry = await the_entry(number, parts, visitor.someone)
    try:
        return await parts.reports.slam(entry, None, parts.now())
    except NotFound:  # it came as ready terms
        return None


def _last_month(parts: Parts, visitor: Visitor) -> str:
    zone = ZoneInfo(visitor.someone.catalogue.calendar.time_zone)
    return period_at(Period.MONTH, period_at(Period.MONTH, parts.now(), zone).start - timedelta(days=1), zone).name
