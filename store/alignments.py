"""Whether registered promises are still carried by what they rest on (R-078)."""

import asyncio
from datetime import datetime
from typing import NamedTuple

from domain.alignment import check_alignment
from domain.calendar_changes import is_changed_by, no_longer_carried, with_calendar
from domain.calendar_definitions import CalendarDefinition
from domain.documents import AgreementDocument
from domain.findings import Finding
from domain.terms import SUPPORT_KINDS
from store.database import Database
from store.entries import Entry
from store.registry import AgreementRegistry
from store.supports import SupportFinder


class _Held(NamedTuple):
    """A promise with its supports by the names its links use."""

    sla: AgreementDocument
    supports: dict[str, AgreementDocument]


class Alignments:
    """Holds what is registered against what it rested on when it was signed, and rests on now."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._registry = AgreementRegistry(database)
        self._supports = SupportFinder(database, ())

    async def lost(self, entry: Entry, at: datetime, definition: CalendarDefinition | None = None) -> list[Finding]:
        """The rules a promise keeps no longer, that it kept with the texts of its signing.

        Args:
            entry: the agreement, in any version; one that was imported, or is itself a support, rests on nothing.
            at: the instant whose versions count.
            definition: a calendar to be taken as if every document that uses it had it already.
        """
        if entry.case_id is None or entry.kind in SUPPORT_KINDS:
            return []
        signed = entry.of_version(f"{entry.at(at).version.partition('.')[0]}.0")
        now = AgreementDocument.model_validate(entry.at(at).document)
        if not now.links:
            return []
        carrying = await self._carrying(now)
        before = _Held(
            AgreementDocument.model_validate(signed.document), {name: _then(each, signed.registered_at) for name, each in carrying.items()}
        )
        after = _Held(
            _from(now, signed, definition), {name: _from(_text(each.at(at)), each, definition) for name, each in carrying.items()}
        )
        # Some rules play every minute of a week: beside the event loop.
        return await asyncio.to_thread(lambda: no_longer_carried(check_alignment(*before), check_alignment(*after)))

    async def carrying(self, entry: Entry, at: datetime) -> dict[str, AgreementDocument]:
        """The texts in force at an instant of what an agreement's links rest on, by the names its links use."""
        return {name: _text(each.at(at)) for name, each in (await self._carrying(_text(entry.at(at)))).items()}

    async def names(self, entry: Entry) -> list[str]:
        """The registry numbers of what an agreement's links rest on."""
        if entry.case_id is None or entry.kind in SUPPORT_KINDS:
            return []
        return sorted(each.registry_no for each in (await self._carrying(_text(entry))).values())

    async def _carrying(self, document: AgreementDocument) -> dict[str, Entry]:
        found = {}
        for name in sorted({link.support for link in document.links}):
            support = await self._supports.find(name)
            entry = await self._registry.entry(support.registry_no) if support is not None and support.registry_no is not None else None
            if entry is not None and entry.case_id is not None:
                found[name] = entry
        return found


def _text(entry: Entry) -> AgreementDocument:
    return AgreementDocument.model_validate(entry.document)


def _then(support: Entry, at: datetime) -> AgreementDocument:
    """A support as it was registered by an instant; one that came later, as it came."""
    known = [each for each in support.versions if each.registered_at <= at] or list(support.versions)[:1]
    newest = max(known, key=lambda each: tuple(map(int, each.version.split("."))))
    return AgreementDocument.model_validate(newest.document)


def _from(document: AgreementDocument, entry: Entry, definition: CalendarDefinition | None) -> AgreementDocument:
    """A text as if it were in force since the agreement is: its earlier versions carried what was before."""
    begins = min(each.effective_from for each in entry.versions)
    if definition is not None and is_changed_by(document.calendars, definition):
        return with_calendar(document, definition, begins)
    return document.model_copy(update={"effective_from": begins})
