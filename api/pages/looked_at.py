"""What one decides on: the document as people read it, and what changed since its last version."""

from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import Row

from api.case_views import may_see
from api.dependencies import Parts
from api.offer_views import offer_of
from api.pages.deciding import AnyCase, hash_of_document
from api.pages.visitors import Visitor
from api.routes.case_documents import documents_of
from connectors.readable.agreement import readable
from connectors.readable.words import Words, phrases_of
from domain.agreement_case import AgreementCase
from domain.differences import Difference, differences
from domain.documents import FinalDraft
from domain.support_case import SupportCase
from store.cases import form_of

_STORED_AS = {"statement": ("statement", "requirements"), "proposal": ("proposal",), "draft": ("draft",), "document": ("support",)}
"""The kinds of stored documents that a document people decide on is made of."""


class LookedAt(NamedTuple):
    """A document before a person: told in sections of blocks, or as plain values; `changes` say what is new in it."""

    name: str
    digest: str
    told: dict[str, Any] | None
    values: Any
    changes: list[Difference]
    version: int | None


async def looked_at(name: str | None, case: AnyCase, row: Row[Any], parts: Parts, visitor: Visitor) -> LookedAt | None:
    """The document of a decision as the visitor may see it; None where there is none, or it is not theirs yet."""
    digest = hash_of_document(case, name) if name is not None else None
    if name is None or digest is None or not _is_theirs(case, name, visitor):
        return None
    changes, version = await _changes(name, row, parts, visitor)
    return LookedAt(name, digest, _told(name, case, visitor), _values(name, case, visitor), changes, version)


def _is_theirs(case: AnyCase, name: str, visitor: Visitor) -> bool:
    return visitor.is_inside or not isinstance(case, AgreementCase) or may_see(case, name)


def _told(name: str, case: AnyCase, visitor: Visitor) -> dict[str, Any] | None:
    draft = case.draft if isinstance(case, AgreementCase) and name == "draft" else None
    if isinstance(case, SupportCase) and case.document is not None:
        draft = FinalDraft(documents=(case.document,))
    if draft is None:
        return None
    customer = case.request.customer if isinstance(case, AgreementCase) else ""
    is_regulated = visitor.someone.catalogue.is_regulated(customer)
    return readable(draft, hash_of_document(case, name) or "", Words(phrases_of(visitor.language)), is_regulated=is_regulated)


def _values(name: str, case: AnyCase, visitor: Visitor) -> Any:
    """What is no text of an agreement, as names and values."""
    if isinstance(case, AgreementCase):
        if name == "proposal":
            offer = offer_of(case, is_inside=visitor.is_inside)
            return {key: value for key, value in (offer or {}).items() if key not in {"hash", "rounds"}}
        if name == "statement" and case.statement is not None and case.requirements is not None:
            return {"statement": case.statement.text, **case.requirements.model_dump(mode="json", exclude_none=True, exclude_defaults=True)}
        return None
    found = getattr(case, name, None)
    return found.model_dump(mode="json", exclude_none=True, exclude_defaults=True) if isinstance(found, BaseModel) else None


async def _changes(name: str, row: Row[Any], parts: Parts, visitor: Visitor) -> tuple[list[Difference], int | None]:
    """What differs from the version before, and the number of the present one."""
    stored = await documents_of(row, parts, visitor.someone)
    found: list[Difference] = []
    number = None
    for kind in _STORED_AS.get(name, ()):
        versions = [each for each in stored if each.kind == kind]
        if versions:
            number = number or versions[-1].number
        if len(versions) > 1:
            form = form_of(kind)
            found += differences(form.model_validate(versions[-2].document), form.model_validate(versions[-1].document))
    return found, number
