"""What a promise needs from teams and suppliers, and which of those that exist could carry it: reuse comes before new."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.agreement_parts import AvailabilityTarget, DocumentTarget
from domain.alignment import check_alignment
from domain.documents import AgreementDocument, FinalDraft, SupportLink
from domain.findings import AlignmentReport


class Candidate(NamedTuple):
    """An OLA or UC that exists, held against one need as if it carried it alone."""

    support: str
    support_target: str
    report: AlignmentReport


class Need(NamedTuple):
    """A target of a document that must rest on something; `links` are what it rests on already."""

    document: str
    target: str
    regions: Sequence[str]
    links: Sequence[SupportLink]
    candidates: Sequence[Candidate]


def needs_of(draft: FinalDraft, supports: Mapping[str, AgreementDocument]) -> list[Need]:
    """Every target that is not provided by ourselves, with the existing supports that fit best first.

    Args:
        draft: the promise; its links say what is arranged already.
        supports: OLAs and UCs that are registered or in force, by registry number.
    """
    return [
        Need(
            document=document.document,
            target=target.target,
            regions=document.regions,
            links=[link for link in document.links if link.target == target.target],
            candidates=sorted(_candidates(document, target, supports), key=_how_bad),
        )
        for document in map(draft.in_full, draft.documents)
        for target in _targets_of(document)
        if target.target not in document.self_provided
    ]


def _targets_of(document: AgreementDocument) -> list[DocumentTarget | AvailabilityTarget]:
    return [*document.targets, *document.availability]


def _candidates(
    document: AgreementDocument, target: DocumentTarget | AvailabilityTarget, supports: Mapping[str, AgreementDocument]
) -> list[Candidate]:
    found = []
    only = {"targets": (target,), "availability": ()} if isinstance(target, DocumentTarget) else {"targets": (), "availability": (target,)}
    for name, support in supports.items():
        for promise in _targets_of(support):
            if type(promise) is type(target):
                link = SupportLink(target=target.target, support=name, support_target=promise.target, segment=promise.target)
                alone = document.model_copy(update={**only, "links": (link,), "self_provided": ()})
                found.append(Candidate(name, promise.target, check_alignment(alone, supports)))
    return found


def _how_bad(candidate: Candidate) -> tuple[int, str, str]:
    return len(candidate.report.failures), candidate.support, candidate.support_target
