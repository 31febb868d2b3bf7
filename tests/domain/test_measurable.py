"""What is signed can be registered: terms that no ticket could run under are refused while they can be mended."""

from typing import Any

import pytest

from domain.consistency import faults_of
from domain.documents import FinalDraft
from tests.domain.drafts import bank_draft, changed, support, with_document

DESK = support("desk").model_dump(mode="json")
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("a term that ends before it begins", {"effective_until": "2020-01-01"}, "effective_until must lie after effective_from"),
    ("a year nobody counts", {"effective_until": "9999-12-31"}, "effective_until must lie in the years 1970 to 2100"),
    ("a calendar it does not have", {"targets": [DESK["targets"][0] | {"calendar": "nope"}]}, "calendar 'nope' is not among"),
    ("a target twice", {"targets": DESK["targets"] * 2}, "stands twice"),
    ("an OLA that rests on another", {"links": [{"target": "triage", "support": "X", "support_target": "x", "segment": "s"}]}, "supports"),
]


@pytest.mark.parametrize(("fields", "message"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_terms_no_ticket_can_run_under_are_a_fault_of_the_document(fields: dict[str, Any], message: str) -> None:
    faults = faults_of(FinalDraft(documents=(changed(support("desk"), **fields),)))

    assert [fault.code for fault in faults] == ["NOT_MEASURABLE"]
    assert message in faults[0].message


def test_a_draft_names_the_document_that_cannot_be_measured() -> None:
    [fault] = faults_of(with_document(bank_draft(), "warsaw", {"effective_until": "2026-03-16"}))

    assert (fault.code, fault.where) == ("NOT_MEASURABLE", "warsaw")


def test_the_examples_can_be_measured() -> None:
    assert faults_of(bank_draft()) == []
    assert [faults_of(FinalDraft(documents=(support(name),))) for name in ("desk", "field-warsaw", "techteren")] == [[], [], []]
