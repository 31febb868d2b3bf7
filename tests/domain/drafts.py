"""The bank's draft and its supports as values that a test damages in one place."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from connectors.agreement_stories import Deed, read_story
from connectors.documents import read_catalogue, read_document, read_draft
from domain.catalogue import Catalogue
from domain.documents import AgreementDocument, FinalDraft
from tests.conftest import EXAMPLES


@cache
def bank_draft() -> FinalDraft:
    return read_draft(EXAMPLES / "drafts" / "bank-narew.yaml")


@cache
def support(name: str) -> AgreementDocument:
    return read_document(EXAMPLES / "supports" / f"{name}.yaml")


def supports() -> dict[str, AgreementDocument]:
    return {name: support(name) for name in ("desk", "field-warsaw", "techteren")}


@cache
def story(name: str = "bank-agreement") -> tuple[Deed, ...]:
    """A story of the examples."""
    return tuple(read_story(EXAMPLES / "stories" / f"{name}.yaml"))


@cache
def catalogue() -> Catalogue:
    return read_catalogue(EXAMPLES / "catalogues" / "serwis-druk.yaml")


def changed(document: AgreementDocument, /, **fields: Any) -> AgreementDocument:
    return AgreementDocument.model_validate(document.model_dump(mode="json") | fields)


def with_target(document: AgreementDocument, **fields: Any) -> AgreementDocument:
    """The document with its first target changed; None takes a field away."""
    value = document.model_dump(mode="json")
    value["targets"][0] |= fields
    value["targets"][0] = {name: part for name, part in value["targets"][0].items() if part is not None}
    return AgreementDocument.model_validate(value)


def with_document(draft: FinalDraft, name: str, fields: Mapping[str, Any]) -> FinalDraft:
    return draft.model_copy(
        update={"documents": tuple(changed(each, **fields) if each.document == name else each for each in draft.documents)}
    )


def codes(faults: Any) -> set[tuple[str, str]]:
    return {(fault.code, fault.where) for fault in faults}
