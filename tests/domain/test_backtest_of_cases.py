"""What a case has on the table becomes proposals: as asked, as priced, as drafted; and what is assumed is said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.agreement_case import AgreementCase
from domain.backtest.asked import AskedBacktest
from domain.backtest.completing import Known, Remark, RemarkKind
from domain.backtest.of_cases import CaseProposals, proposals_of_case
from domain.lifecycle import AgreementState
from domain.pricing import PriceProposal
from domain.requirements import RequirementsDocument
from domain.targets import TargetKind
from tests.domain.case_stories import CaseStory
from tests.domain.drafts import bank_draft

NOTHING = Known((), {})
WARSAW = next(each for each in bank_draft().documents if "METRO" in each.regions)
PODLASIE = next(each for each in bank_draft().documents if "REMOTE" in each.regions)
AGREED = Known((WARSAW, PODLASIE), {})
OPTION = {
    "option": "warsaw-gold",
    "service": "MPS",
    "region": "METRO",
    "level": "Gold",
    "quantity": 120,
    "unit_price": "95",
    "unit_cost": "76",
    "promised": "95",
    "limit": {"limit": "4h"},
}


def at(state: str) -> AgreementCase:
    return CaseStory().play("bank-agreement", until=state).case


def priced(*options: dict[str, Any], state: AgreementState = AgreementState.PRICING) -> AgreementCase:
    """The bank's case with these options on the table, the last one offered."""
    made = [{**OPTION, **each} for each in options]
    offer = PriceProposal.model_validate({"options": made, "offered": [made[-1]["option"]]})
    return at("PRICING").but(proposal=offer, state=state)


def asking(**fields: Any) -> AgreementCase:
    """The bank's case with one requirement of its own."""
    first = at("FEASIBILITY").requirements
    assert first is not None
    one = first.requirements[0].model_copy(update=fields)
    return at("FEASIBILITY").but(requirements=RequirementsDocument(requirements=(one,)))


def remarks(found: CaseProposals) -> list[tuple[RemarkKind, str, str | None]]:
    return [(each.remark, each.about, each.detail) for each in found.remarks]


def test_requirements_are_one_proposal_as_asked() -> None:
    found = proposals_of_case(at("FEASIBILITY"), AGREED)
    [asked] = found.proposals
    metro, remote = asked.documents
    assert (asked.proposal, metro.regions, remote.regions) == ("as asked", ("METRO",), ("REMOTE",))
    [response] = metro.targets
    assert (response.target, response.stop, response.limit, response.compliance) == (
        "response",
        ("RESPONDED",),
        timedelta(hours=4),
        Decimal(95),
    )
    assert response.pauses == ("AWAITING_CUSTOMER", "CUSTOMER_SITE_CLOSED"), "as the registered agreement of the service has it"
    assert (metro.calendars[0].calendar, metro.price, found.remarks) == ("PL-BH-8-17", None, ())


@pytest.mark.parametrize(
    ("value", "unit", "kind", "limit", "days"),
    [
        ("90", "minutes", TargetKind.DURATION, timedelta(minutes=90), None),
        ("1.5", "Business  hours", TargetKind.DURATION, timedelta(minutes=90), None),
        ("3", "business days", TargetKind.BUSINESS_DAYS, None, 3),
        ("7", "days", TargetKind.CALENDAR_DAYS, None, 7),
        ("1", "next business day", TargetKind.NEXT_BUSINESS_DAY, None, None),
    ],
)
def test_a_value_and_a_unit_are_a_limit(value: str, unit: str, kind: TargetKind, limit: timedelta | None, days: int | None) -> None:
    [asked] = proposals_of_case(asking(value=Decimal(value), unit=unit), NOTHING).proposals
    [target] = asked.documents[0].targets
    assert (target.rows[0].kind, target.rows[0].limit, target.rows[0].days) == (kind, limit, days)


@pytest.mark.parametrize(
    ("fields", "remark", "detail"),
    [
        ({"value": Decimal(120), "unit": "devices"}, RemarkKind.OTHER_UNIT, "120 devices"),
        ({"value": Decimal("1.5"), "unit": "business days"}, RemarkKind.OTHER_UNIT, "1.5 business days"),
        ({"value": Decimal("1e30"), "unit": "hours"}, RemarkKind.OTHER_UNIT, "1000000000000000000000000000000 hours"),
        ({"value": Decimal(-4), "unit": "hours"}, RemarkKind.OTHER_UNIT, "-4 hours"),
        ({"service": None}, RemarkKind.NO_SERVICE, None),
    ],
)
def test_what_no_ticket_is_measured_by_is_said(fields: dict[str, Any], remark: RemarkKind, detail: str | None) -> None:
    found = proposals_of_case(asking(**fields), AGREED)
    assert found == ((), (Remark(remark=remark, about="warsaw", detail=detail),))


def test_where_nothing_is_registered_the_milestone_of_the_name_is_assumed() -> None:
    found = proposals_of_case(asking(metric="Installation time"), NOTHING)
    [target] = found.proposals[0].documents[0].targets
    assert (target.target, target.stop, target.pauses) == ("installation-time", ("INSTALLATION-TIME",), None)
    assert remarks(found) == [(RemarkKind.ASSUMED_STOP, "warsaw", "INSTALLATION-TIME")]


def test_a_calendar_that_nobody_knows_is_said() -> None:
    found = proposals_of_case(asking(calendar="US-9-5"), NOTHING)
    assert (found.proposals, remarks(found)[-1]) == ((), (RemarkKind.NO_CALENDAR, "warsaw", "US-9-5"))
    published = at("FEASIBILITY").calendar.model_copy(update={"calendar": "US-9-5"})
    assert proposals_of_case(asking(calendar="US-9-5"), Known((), {"US-9-5": published})).proposals


def test_two_requirements_of_one_metric_keep_their_own_names() -> None:
    first = asking().requirements
    assert first is not None
    both = (first.requirements[0], first.requirements[0].model_copy(update={"requirement": "vip", "value": Decimal(1)}))
    case = asking().but(requirements=RequirementsDocument(requirements=both))
    [asked] = proposals_of_case(case, AGREED).proposals
    assert [(each.target, each.limit) for each in asked.documents[0].targets] == [
        ("warsaw", timedelta(hours=4)),
        ("vip", timedelta(hours=1)),
    ]


@pytest.mark.parametrize("state", [AgreementState.PRICING, AgreementState.NEGOTIATION])
def test_every_option_with_a_limit_is_a_proposal_those_offered_first(state: AgreementState) -> None:
    case = priced({}, {"option": "warsaw-slow", "limit": {"limit": "8h"}, "unit_price": "60"}, state=state)
    found = proposals_of_case(case, AGREED)
    slow, gold = found.proposals
    [document] = gold.documents
    assert (slow.proposal, gold.proposal) == ("warsaw-slow", "warsaw-gold")
    assert (document.services, document.regions, document.customer.name) == (("MPS",), ("METRO",), "Bank Narew S.A.")
    assert (document.targets[0].limit, document.targets[0].compliance, document.targets[0].calendar) == (
        *(timedelta(hours=4), Decimal(95)),
        "PL-BH-8-17",
    )
    assert document.price is not None
    assert (document.price.monthly, document.credits) == (Decimal(11400), WARSAW.credits)
    assert {each for each, _, _ in remarks(found)} == {RemarkKind.CREDITS_FROM}


def test_an_option_without_a_limit_is_listed_with_the_reason() -> None:
    found = proposals_of_case(at("NEGOTIATION"), AGREED)
    assert found.proposals == ()
    assert remarks(found) == [(RemarkKind.NO_LIMIT, name, None) for name in ("warsaw-gold", "podlasie-nbd", "podlasie-resident")]


def test_more_options_than_are_compared_at_a_glance_are_listed() -> None:
    found = proposals_of_case(priced(*({"option": f"o-{number}"} for number in range(7))), NOTHING)
    assert [each.proposal for each in found.proposals] == ["o-6", "o-0", "o-1", "o-2", "o-3"]
    assert remarks(found)[-2:] == [(RemarkKind.TOO_MANY, "o-4", "5"), (RemarkKind.TOO_MANY, "o-5", "5")]


def test_an_option_that_contradicts_itself_is_said() -> None:
    found = proposals_of_case(priced({"limit": {"kind": "BUSINESS_DAYS"}}), AGREED)
    assert (found.proposals, remarks(found)) == (
        (),
        [(RemarkKind.NOT_MEASURABLE, "warsaw-gold", "target 'response': BUSINESS_DAYS needs days")],
    )


def test_a_draft_is_one_proposal_of_all_its_documents() -> None:
    case = at("DRAFT_DISCUSSION")
    [draft] = proposals_of_case(case, NOTHING).proposals
    assert case.draft is not None
    assert (draft.proposal, draft.documents) == ("draft", case.draft.documents)


def test_what_is_asked_can_be_kept_and_read_again() -> None:
    found = proposals_of_case(priced({}), AGREED)
    asked = AskedBacktest.model_validate({"proposals": found.proposals, "since": "2026-01-01", "until": "2026-05-01"})
    assert AskedBacktest.model_validate_json(asked.model_dump_json()) == asked
