"""What those who use a service can expect: an agreement in plain words, for one place or for all."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import Query, Response

from api.dependencies import TheParts
from api.pages.agreement_sheet import is_on_site
from api.pages.agreements import SECTION, region_names
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.promises import set_in_force
from api.routes.registry import the_entry
from connectors.readable.expectations import Expectation, expectations, volumes_said
from connectors.readable.words import Words, phrases_of
from domain.calendar_definitions import Weekday
from domain.catalogue import Catalogue, CatalogueService, Site
from domain.documents import AgreementDocument, AgreementLevel, FinalDraft, effective_terms
from domain.errors import CalendarNeverOpens, NoBusinessDay, NotFound
from domain.limits import due_of
from domain.registry_numbers import in_addresses
from domain.targets import TargetKind
from domain.terms import SUPPORT_KINDS
from store.entries import LIVING, Entry

router = page_router()

_AHEAD = timedelta(days=120)
_MOST_FREE_DAYS = 6
"""How far ahead free days are named, and how many."""


class Expected(NamedTuple):
    """A promise, and by when it would be due for a ticket reported now; None where that depends on more."""

    said: Expectation
    due_at: datetime | None


class Promised(NamedTuple):
    """What one document promises those who use its service."""

    number: str
    document: AgreementDocument
    service: CatalogueService | None
    expected: tuple[Expected, ...]
    volumes: tuple[str, ...]
    contacts: tuple[str, ...]
    free_days: tuple[date, ...]
    zone: ZoneInfo


class Place(NamedTuple):
    """Where somebody is: a region, and the group of their site."""

    region: str | None = None
    group: str | None = None

    def has(self, document: AgreementDocument) -> bool:
        """Is what the document promises promised here?"""
        in_region = self.region is None or not document.regions or self.region in document.regions
        return in_region and (self.group is None or document.group is None or document.group == self.group)


Named = Annotated[str, Query(max_length=200)]


@router.get("/pages/agreements/{number}/expect")
async def show_expectations(number: str, parts: TheParts, visitor: TheVisitor, region: Named = "", site: Named = "") -> Response:
    """The promises of an agreement, and of those below it, in plain words; `site` or `region` leaves those for one place."""
    newest = await the_entry(number, parts, visitor.someone)
    if newest.kind in SUPPORT_KINDS:
        raise NotFound(f"{newest.registry_no} is no promise to those who use a service")
    now, catalogue = parts.now(), visitor.someone.catalogue
    entry = newest.at(now)
    sites = _sites(catalogue, newest.customer)
    place = _place(region, site, sites, entry.registry_no)
    texts = {each.registry_no: (each, each.text) for each in await set_in_force(newest, parts, now) if _is_shown(each, entry)}
    draft = FinalDraft(documents=tuple(text for _, text in texts.values()))
    words = Words(phrases_of(visitor.language, "plain"))
    below = [(each, text) for each, text in texts.values() if _is_below(text, texts[entry.registry_no][1], draft)]
    return own(
        "expectations",
        visitor,
        section=SECTION,
        number=in_addresses(entry.registry_no),
        entry=entry,
        promised=[_promised(each, draft, text, Reader(words, catalogue, now)) for each, text in below if place.has(text)],
        sites=sites,
        site=site,
        region=region,
        regions=region_names(catalogue),
        offered=sorted({name for _, text in below for name in text.regions}),
        is_over=entry.standing not in LIVING,
        now=now,
    )


class Reader(NamedTuple):
    """Who reads it: in which words, of which catalogue, when."""

    words: Words
    catalogue: Catalogue
    now: datetime


def _promised(entry: Entry, draft: FinalDraft, text: AgreementDocument, reader: Reader) -> Promised:
    full = draft.in_full(text)
    said = expectations(full, reader.words, is_on_site=is_on_site(text, reader.catalogue))
    zone = ZoneInfo(text.time_zone)
    return Promised(
        number=entry.registry_no,
        document=text,
        service=next((found for each in text.services if (found := reader.catalogue.service_named(each)) is not None), None),
        expected=tuple(Expected(each, _due(each, text, reader.now)) for each in said),
        volumes=tuple(volumes_said(full, reader.words)),
        contacts=tuple(_contacts(draft, text)),
        free_days=_free_days(text, reader.now.astimezone(zone).date()),
        zone=zone,
    )


def _due(said: Expectation, text: AgreementDocument, now: datetime) -> datetime | None:
    row = said.row
    if row is None or row.calendar is None or row.kind is TargetKind.END_OF_DATE or text.target(said.target) is None:
        return None
    target = text.target(said.target)
    if target is None or target.held_by is not None or target.start != "CREATED":
        return None
    try:
        return due_of(row, text.calendar(row.calendar), now)
    except (CalendarNeverOpens, NoBusinessDay):
        return None


def _contacts(draft: FinalDraft, text: AgreementDocument) -> Iterator[str]:
    """Where help is asked for: the agreed contact, what a term says of it, else the provider."""
    found = [each for each in (text.provider.contact, *(above.provider.contact for above in draft.ancestors(text))) if each is not None]
    found += [each.term.text for each in effective_terms(draft, text) if each.term.term == "contact"]
    yield from dict.fromkeys(found or [text.provider.name])


def _free_days(text: AgreementDocument, today: date) -> tuple[date, ...]:
    """The next free days that fall on days of work."""
    found = {
        day
        for target in text.targets
        for row in target.rows
        for day in text.calendar(row.calendar or "").definition.holidays
        if today <= day <= today + _AHEAD and _is_worked(text, row.calendar or "", day)
    }
    return tuple(sorted(found))[:_MOST_FREE_DAYS]


def _is_worked(text: AgreementDocument, calendar: str, day: date) -> bool:
    return bool(text.calendar(calendar).definition.weekly.get(list(Weekday)[day.weekday()]))


def _sites(catalogue: Catalogue, customer: str) -> Mapping[str, Site]:
    known = catalogue.customer_named(customer)
    return {each.site: each for each in known.sites} if known is not None else {}


def _place(region: str, site: str, sites: Mapping[str, Site], number: str) -> Place:
    if site and site not in sites:
        raise NotFound(f"the customer of {number} has no site {site!r}")
    if site:
        return Place(sites[site].region, sites[site].group)
    return Place(region or None)


def _is_shown(each: Entry, entry: Entry) -> bool:
    return each.registry_no == entry.registry_no or each.standing in LIVING or each.level != AgreementLevel.SERVICE


def _is_below(text: AgreementDocument, top: AgreementDocument, draft: FinalDraft) -> bool:
    """Is it a document that promises, the one asked for or one below it?"""
    return bool(text.targets or text.availability) and (text.document == top.document or top in draft.ancestors(text))
