"""Laws of the agreement document: complete in 16 points, consistent, hashed by its content."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.completeness import POINTS, incomplete
from domain.consistency import faults_of
from domain.documents import AgreementDocument, AgreementLevel, FinalDraft, effective_terms, hash_of
from tests.domain.drafts import bank_draft, catalogue, changed, codes, support, with_document, with_target


def test_the_example_has_no_fault() -> None:
    assert faults_of(bank_draft(), catalogue()) == []
    for name in ("desk", "field-warsaw", "techteren"):
        assert faults_of(FinalDraft(documents=(support(name),))) == []


def test_there_are_16_points() -> None:
    assert len({point.name for point in POINTS}) == 16


@pytest.mark.parametrize(
    ("document", "fields", "where"),
    [
        ("bank", {"provider": {"name": "Serwis-Druk Polska sp. z o.o.", "signatories": ["Z1"]}}, "bank.parties.provider.representative"),
        ("bank", {"customer": {"name": "Bank Narew S.A.", "representative": "B1"}}, "bank.parties.customer.signatories"),
        ("warsaw", {"services": []}, "warsaw.services"),
        ("warsaw", {"targets": [], "links": []}, "warsaw.targets"),
        ("warsaw", {"workload_limits": None}, "warsaw.workload_limits"),
        ("warsaw", {"exclusions": None}, "warsaw.exclusions"),
        ("warsaw", {"price": None}, "warsaw.price"),
        ("warsaw", {"credits": None}, "warsaw.credits"),
        ("warsaw", {"outcomes": None}, "warsaw.outcomes"),
        ("warsaw", {"effective_from": None, "effective_until": None}, "warsaw.effective_from"),
        ("bank", {"modification_plan": None}, "bank.modification_plan"),
        ("bank", {"reviews": None}, "bank.reviews"),
        ("bank", {"termination": None}, "bank.termination"),
        ("bank", {"obligations": []}, "warsaw.obligations.provider"),
    ],
)
def test_a_point_left_open_is_named(document: str, fields: dict[str, Any], where: str) -> None:
    assert where in {fault.where for fault in incomplete(with_document(bank_draft(), document, fields))}


@pytest.mark.parametrize(
    "part", ["governance_roles", "measurement_and_reporting", "escalation_ladder", "change_control", "audit_and_evidence", "disputes"]
)
def test_the_control_layer_has_six_parts(part: str) -> None:
    layer = bank_draft().named("bank").control_layer.model_dump(mode="json") | {part: None}
    found = {fault.where for fault in incomplete(with_document(bank_draft(), "bank", {"control_layer": layer}))}

    assert found == {f"{name}.control_layer.{part}" for name in ("bank", "warsaw", "podlasie")}


def test_a_regulated_customer_asks_two_parts_more() -> None:
    found = {fault.where for fault in incomplete(bank_draft(), is_regulated=True)}

    assert "bank.control_layer.data_locations" in found
    assert "bank.control_layer.exit_plan" not in found


@pytest.mark.parametrize("name", ["source", "formula", "sampling", "rounding", "unknown_data", "dispute", "responsible"])
def test_a_target_says_how_it_is_measured(name: str) -> None:
    warsaw = bank_draft().named("warsaw")
    measurement = warsaw.targets[0].measurement.model_dump(mode="json") | {name: None}
    draft = FinalDraft(documents=(with_target(changed(warsaw, parent=None), measurement=measurement),))

    assert f"warsaw.targets.response.measurement.{name}" in {fault.where for fault in incomplete(draft)}


def in_draft(document: AgreementDocument) -> FinalDraft:
    draft = bank_draft()
    return draft.model_copy(
        update={"documents": tuple(document if each.document == document.document else each for each in draft.documents)}
    )


@pytest.mark.parametrize(
    ("document", "fields", "fault"),
    [
        ("bank", {"targets": "of warsaw"}, ("TARGET_NOT_ALLOWED_AT_LEVEL", "bank.targets")),
        ("bank", {"services": ["MPS"]}, ("TARGET_NOT_ALLOWED_AT_LEVEL", "bank.services")),
        ("warsaw", {"services": ["MPS", "MPS-2"]}, ("ONE_SERVICE_PER_DOCUMENT", "warsaw.services")),
        ("warsaw", {"services": ["*"]}, ("BLANKET_SLA", "warsaw.services")),
        ("warsaw", {"services": ["LIFTS"]}, ("UNKNOWN_SERVICE", "warsaw.services")),
        ("warsaw", {"parent": None}, ("NO_PARENT", "warsaw.parent")),
        ("podlasie", {"parent": "warsaw"}, ("WRONG_PARENT", "podlasie.parent")),
        ("warsaw", {"kind": "INTERNAL_SLA"}, ("WRONG_KIND", "warsaw.kind")),
        ("warsaw", {"regions": ["METRO", "REMOTE"]}, ("UMBRELLA_TARGET", "warsaw.targets.response")),
        ("warsaw", {"regions": []}, ("UMBRELLA_TARGET", "warsaw.targets.response")),
        (
            "bank",
            {"terms": [{"term": "reporting", "text": "monthly"}]},
            ("UNTRACED_TERM", "bank.terms.reporting"),
        ),
        (
            "warsaw",
            {"obligations": [{"obligation": "audit", "side": "PROVIDER", "text": "Toner is counted every quarter."}]},
            ("NO_WORK_PACKAGE", "warsaw.obligations.audit"),
        ),
        (
            "warsaw",
            {"obligations": [{"obligation": "audit", "side": side, "text": "Toner is counted."} for side in ("PROVIDER", "CUSTOMER")]},
            ("OBLIGATION_TWICE", "warsaw.obligations.audit"),
        ),
    ],
)
def test_what_does_not_fit_is_named(document: str, fields: dict[str, Any], fault: tuple[str, str]) -> None:
    if fields.get("targets") == "of warsaw":
        fields = {"targets": bank_draft().named("warsaw").model_dump(mode="json")["targets"]}

    assert fault in codes(faults_of(with_document(bank_draft(), document, fields), catalogue()))


@pytest.mark.parametrize(("days", "is_weaker"), [(90, True), (30, False), (7, False)])
def test_a_mandatory_term_may_be_tightened_and_not_weakened(days: int, is_weaker: bool) -> None:  # noqa: FBT001
    draft = with_document(bank_draft(), "warsaw", {"terms": [{"term": "reporting", "text": "A report.", "value": days}]})
    faults = codes(faults_of(draft, catalogue()))

    assert (("WEAKENS_MANDATORY", "warsaw.terms.reporting") in faults) is is_weaker
    [reporting] = [each for each in effective_terms(draft, draft.named("warsaw")) if each.term.term == "reporting"]
    assert reporting.origin is AgreementLevel.SERVICE


def test_inherited_terms_remember_where_they_come_from() -> None:
    draft = bank_draft()
    terms = effective_terms(draft, draft.named("podlasie"))

    assert [(each.term.term, each.origin, each.document) for each in terms] == [
        (name, AgreementLevel.CORPORATE, "bank") for name in ("contact", "reporting", "sites")
    ]


@pytest.mark.parametrize("accepted", [None, {"kind": "DURATION", "limit": "3h"}, {"kind": "NEXT_BUSINESS_DAY"}])
def test_the_promised_level_is_the_accepted_one(accepted: dict[str, str] | None) -> None:
    draft = in_draft(with_target(bank_draft().named("warsaw"), accepted=accepted))

    assert ("PROMISED_NE_ACCEPTED", "warsaw.targets.response.accepted") in codes(faults_of(draft))


def test_the_same_terms_a_third_time_need_a_reason() -> None:
    draft = bank_draft()
    warsaw = draft.named("warsaw")
    copies = tuple(changed(warsaw, document=f"copy-{number}", regions=["METRO"]) for number in (1, 2))
    thrice = draft.model_copy(update={"documents": (*draft.documents, *copies)})
    answered = thrice.model_copy(update={"same_terms_justification": "All three were asked in May."})

    assert [fault.code for fault in faults_of(thrice)] == ["SAME_TERMS"]
    assert faults_of(answered) == []


def test_documents_of_a_draft_have_names_of_their_own_and_no_circle() -> None:
    draft = bank_draft()
    with pytest.raises(ValidationError, match="'bank' stands twice"):
        FinalDraft(documents=(*draft.documents, draft.documents[0]))
    with pytest.raises(ValidationError, match="is not in the draft"):
        FinalDraft(documents=draft.documents[1:])
    with pytest.raises(ValidationError, match="its own parent"):
        with_document(draft, "bank", {"parent": "warsaw"})


def test_the_hash_names_the_content_and_nothing_else() -> None:
    draft = bank_draft()
    again = FinalDraft.model_validate_json(draft.model_dump_json())
    other = with_document(draft, "warsaw", {"price": {"monthly": "10800.01", "option": "Gold"}})

    assert hash_of(again) == hash_of(draft)
    assert hash_of(other) != hash_of(draft)
    assert hash_of(draft) == "569526019423a112ae260dcab20dcf683b0bd17b8282465bfdd239fd69311e61"


def test_tickets_get_the_targets_under_the_registry_number() -> None:
    supports = ["OLA/2026/0001", "OLA/2026/0002"]
    terms = bank_draft().named("warsaw").terms_for_tickets("SLA/2026/0002", "1.0", supports)

    assert (terms.agreement, terms.service, terms.regions) == ("SLA-2026-0002", "MPS", ("METRO",))
    assert terms.supported_by == ("OLA-2026-0001", "OLA-2026-0002")
    assert [target.target for target in terms.targets] == ["response"]
