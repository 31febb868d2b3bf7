"""Agreements with what belongs to them: the texts of their set in force, and what their promises rest on now."""

import asyncio
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from api.dependencies import Parts
from domain.alignment import check_alignment
from domain.alignment_chains import Chain, chains_of
from domain.documents import AgreementDocument, FinalDraft
from domain.findings import AlignmentReport
from domain.terms import SUPPORT_KINDS
from store.alignments import Alignments
from store.entries import Entry


class Carried(NamedTuple):
    """What the alignment rules say of a document now, and its promises as chains."""

    report: AlignmentReport
    chains: tuple[Chain, ...]


async def signed_together(entry: Entry, parts: Parts) -> FinalDraft:
    """The documents that were signed as one with a version."""
    together = await parts.registry.signed_with(entry) if entry.case_id is not None else [entry]
    return FinalDraft(documents=tuple(each.text for each in together))


async def set_in_force(entry: Entry, parts: Parts, at: datetime) -> list[Entry]:
    """The agreement, those above it and those below, each in the version in force at an instant."""
    if entry.case_id is None:
        return [entry.at(at)]
    return [each.at(at) for each in await parts.registry.set_of(entry.registry_no)]


async def carried(entry: Entry, parts: Parts, at: datetime) -> Carried | None:
    """Whether what an agreement rests on carries it, with the versions in force at an instant; None of one that rests on nothing."""
    text = entry.at(at).text
    if entry.case_id is None or entry.kind in SUPPORT_KINDS or not (text.targets or text.availability):
        return None
    draft = FinalDraft(documents=tuple(each.text for each in await set_in_force(entry, parts, at)))
    supports = await Alignments(parts.database).carrying(entry, at)
    written = tuple((name, each.model_dump_json()) for name, each in sorted(supports.items()))
    # Some rules play every minute of a week: beside the event loop, and once for the same texts.
    return await asyncio.to_thread(_carried, draft.in_full(draft.named(text.document)).model_dump_json(), written)


@lru_cache(maxsize=256)
def _carried(written: str, supports: tuple[tuple[str, str], ...]) -> Carried:
    document = AgreementDocument.model_validate_json(written)
    known = {name: AgreementDocument.model_validate_json(each) for name, each in supports}
    report = check_alignment(document, known)
    return Carried(report, chains_of(document, known, report))


def chains_as_checked(
    draft: FinalDraft, supports: dict[str, AgreementDocument], reports: tuple[AlignmentReport, ...]
) -> tuple[Carried, ...]:
    """The promises of a draft as chains, by the reports that were made of it; documents without a report are left out."""
    by_name = {each.document: each for each in reports}
    return tuple(
        Carried(by_name[each.document], chains_of(draft.in_full(each), supports, by_name[each.document]))
        for each in draft.documents
        if each.document in by_name
    )
