"""The whole agreement in words: all that is hashed is there, in the order people look for it, and what is open is said."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from connectors.readable import duties, governance, scope
from connectors.readable.blocks import Block, text
from connectors.readable.chapter import Chapter
from connectors.readable.targets import availability, targets
from connectors.readable.words import Words
from domain.documents import AgreementDocument, FinalDraft

_REASONS = ("umbrella_justification", "same_terms_justification")


def readable(draft: FinalDraft, draft_hash: str, words: Words, *, is_regulated: bool = False) -> dict[str, Any]:
    """The agreement in words: documents of sections, sections of blocks.

    `is_regulated` asks the two questions of the control layer that the law asks of such customers; answers to them are always shown.
    """
    first = draft.documents[0]
    documents = [{"title": each.title, "sections": list(_sections(Chapter(draft, each, words, is_regulated)))} for each in draft.documents]
    reasons = [{"heading": words[name], "blocks": [text(reason)]} for name in _REASONS if (reason := getattr(draft, name)) is not None]
    return {
        "title": words[f"kind.{first.kind}"],
        "subtitle": f"{first.provider.name} – {first.customer.name}",
        "hash": draft_hash,
        "language": words["language"],
        "words": {name: words[name] for name in ("hash", "page", "contents")},
        "documents": [*documents, {"title": words["reasons"], "sections": reasons}] if reasons else documents,
    }


class Section(NamedTuple):
    """A part of a document: the fields it tells, of which documents it is asked, and its blocks.

    One that is not asked is shown all the same where the document says something of it.
    """

    name: str
    fields: tuple[str, ...]
    is_asked: Callable[[Chapter], bool]
    blocks: Callable[[Chapter], Iterable[Block]]


def _sections(chapter: Chapter) -> Iterator[dict[str, Any]]:
    fields = AgreementDocument.model_fields
    for section in SECTIONS:
        is_said = any(getattr(chapter.document, name) != fields[name].default for name in section.fields)
        if (is_said or section.is_asked(chapter)) and (blocks := list(section.blocks(chapter))):
            yield {"heading": chapter.words[section.name], "blocks": blocks}


def _always(_: Chapter) -> bool:
    return True


def _never(_: Chapter) -> bool:
    return False


def _service(chapter: Chapter) -> bool:
    return chapter.is_service


def _sold(chapter: Chapter) -> bool:
    return chapter.is_sold


def _clocked(chapter: Chapter) -> bool:
    """A service that is promised to be up needs no clocks."""
    return chapter.is_service and not chapter.document.availability


_SCOPE = ("document", "kind", "level", "parent", "group", "services", "regions", "time_zone")
_TERM = ("effective_from", "effective_until", "renews")

SECTIONS = (
    Section("parties", ("provider", "customer"), _always, scope.parties),
    Section("scope", (*_SCOPE, *_TERM), _always, scope.scope),
    Section("terms", ("terms",), _always, scope.terms),
    Section("calendars", ("calendars",), _clocked, scope.calendars),
    Section("targets", ("targets",), _clocked, targets),
    Section("availability", ("availability",), _never, availability),
    Section("every_ticket", ("reopening_days", "escalation"), _clocked, governance.every_ticket),
    Section("workload_limits", ("workload_limits",), _service, duties.workload_limits),
    Section("exclusions", ("exclusions",), _service, duties.exclusions),
    Section("obligations", ("obligations",), _always, duties.obligations),
    Section("outcomes", ("outcomes",), _sold, duties.outcomes),
    Section("price", ("price",), _service, duties.price),
    Section("credits", ("credits", "credit_limits", "penalties"), _service, duties.credit_tables),
    Section("links", ("links", "self_provided"), _sold, duties.links),
    Section("modification_plan", ("modification_plan",), _always, governance.modification_plan),
    Section("reviews", ("reviews",), _always, governance.reviews),
    Section("termination", ("termination",), _always, governance.termination),
    Section("renewal", ("renewal",), _never, governance.renewal),
    Section("control_layer", ("control_layer",), _always, governance.control_layer),
)
"""Every field of a document but its title, which stands above, belongs to one of them."""
