"""Laws of the difference between two versions: matched by name, one line each, nothing that did not change."""

from typing import Any

from domain.agreement_parts import CreditBand, CreditTable, WorkloadLimit
from domain.differences import Difference, DifferenceKind, differences
from domain.documents import AgreementDocument, FinalDraft, SupportLink
from domain.pricing import PriceProposal
from domain.requirements import RequirementsDocument, RequirementsStatement
from tests.domain.case_stories import proposal
from tests.domain.drafts import bank_draft, changed, support, with_document, with_target

ADDED, REMOVED, CHANGED = DifferenceKind.ADDED, DifferenceKind.REMOVED, DifferenceKind.CHANGED
NEED: dict[str, Any] = {"requirement": "warsaw", "text": "Fast", "metric": "response", "value": "4", "unit": "hours", "calendar": "BH"}


def warsaw(**fields: Any) -> FinalDraft:
    return with_document(bank_draft(), "warsaw", fields)


def with_limit(limit: str) -> FinalDraft:
    target = with_target(bank_draft().named("warsaw"), limit=limit).model_dump(mode="json")["targets"]
    return warsaw(targets=target)


def test_equal_documents_have_no_difference() -> None:
    assert differences(bank_draft(), bank_draft()) == []


def test_a_changed_limit_is_one_line_that_names_document_target_and_field() -> None:
    assert differences(bank_draft(), with_limit("3h30m")) == [Difference("warsaw.targets.response.limit", CHANGED, "4h", "3h30m")]


def test_the_same_length_of_time_in_another_spelling_is_no_difference() -> None:
    assert differences(bank_draft(), with_limit("PT240M")) == []


def test_the_same_amount_with_more_decimals_is_no_difference() -> None:
    assert differences(bank_draft(), warsaw(price={"monthly": "10800.00", "option": "Gold"})) == []


def test_reordered_documents_and_links_are_no_difference() -> None:
    draft = bank_draft()
    links = warsaw(links=draft.named("warsaw").model_dump(mode="json")["links"][::-1])

    assert differences(draft, draft.model_copy(update={"documents": draft.documents[::-1]})) == []
    assert differences(draft, links) == []


def test_an_added_document_is_one_line() -> None:
    draft = bank_draft()
    shorter = draft.model_copy(update={"documents": draft.documents[:2]})
    (difference,) = differences(shorter, draft)

    assert (difference.where, difference.kind, difference.before) == ("podlasie", ADDED, None)
    assert difference.after is not None
    assert difference.after.startswith("document podlasie, kind CUSTOMER_SLA, parent bank, title Managed printing, Podlasie")
    assert len(difference.after) == 301


def test_a_removed_term_is_one_line() -> None:
    terms = bank_draft().named("bank").model_dump(mode="json")["terms"]
    contact = "term contact, text One contact for all services: the service desk., standard_clause S-1 contact"

    assert differences(bank_draft(), with_document(bank_draft(), "bank", {"terms": [terms[2], terms[0]]})) == [
        Difference("bank.terms.contact", REMOVED, contact, None)
    ]


def test_a_nested_work_package_is_found_by_its_names() -> None:
    obligations = bank_draft().named("bank").model_dump(mode="json")["obligations"]
    obligations[0]["packages"][0]["owner"] = "TechTeren"

    assert differences(bank_draft(), with_document(bank_draft(), "bank", {"obligations": obligations[::-1]})) == [
        Difference("bank.obligations.repair.packages.dispatch.owner", CHANGED, "Field service", "TechTeren")
    ]


def test_a_value_that_is_given_as_its_default_is_no_difference() -> None:
    assert differences(bank_draft(), warsaw(price={"monthly": "10800", "option": "Gold", "currency": "PLN"}, reopening_days=5)) == []


def test_a_value_at_its_default_counts_as_absent() -> None:
    assert differences(bank_draft(), warsaw(reopening_days=3, renews=True)) == [
        Difference("warsaw.renews", ADDED, None, "yes"),
        Difference("warsaw.reopening_days", ADDED, None, "3"),
    ]


def test_the_answer_none_is_told_from_no_answer() -> None:
    assert differences(bank_draft(), warsaw(exclusions=None)) == [Difference("warsaw.exclusions", REMOVED, "none", None)]


def test_a_part_that_becomes_answered_is_one_line() -> None:
    reviews = {"every_months": 6, "first_on": "2026-09-16"}

    assert differences(bank_draft(), warsaw(reviews=reviews)) == [
        Difference("warsaw.reviews", ADDED, None, "every_months 6, first_on 2026-09-16")
    ]


def test_plain_entries_come_and_go_one_by_one() -> None:
    assert differences(bank_draft(), warsaw(regions=["REGIONAL", "REMOTE"])) == [
        Difference("warsaw.regions", REMOVED, "METRO", None),
        Difference("warsaw.regions", ADDED, None, "REGIONAL"),
        Difference("warsaw.regions", ADDED, None, "REMOTE"),
    ]


def test_another_order_of_a_ladder_is_a_difference() -> None:
    old = changed(support("desk"), escalation=["TEAM_LEAD", "OWNER"])
    new = changed(support("desk"), escalation=["OWNER", "TEAM_LEAD"])

    assert differences(old, new) == [Difference("escalation", CHANGED, "TEAM_LEAD, OWNER", "OWNER, TEAM_LEAD")]


def test_hours_of_a_weekday_are_named_by_calendar_and_day() -> None:
    calendars = support("desk").model_dump(mode="json")["calendars"]
    del calendars[0]["weekly"]["sat"]

    assert differences(support("desk"), changed(support("desk"), calendars=calendars)) == [
        Difference("calendars.PL-DESK.weekly.sat", REMOVED, "07:00-20:00", None)
    ]


def test_a_band_is_named_by_its_share_and_a_workload_by_its_unit() -> None:
    before = support("techteren")
    bands = (CreditBand(below="95", credit="25"),)
    after = before.model_copy(
        update={"credits": (CreditTable(target="on-site", bands=bands),), "workload_limits": (WorkloadLimit(volume=250, unit="tickets"),)}
    )

    assert differences(before, after) == [
        Difference("workload_limits.tickets.volume", CHANGED, "200", "250"),
        Difference("credits.on-site.bands.95.credit", CHANGED, "20", "25"),
    ]


def test_links_of_one_target_are_told_apart_by_their_support() -> None:
    link = SupportLink(target="response", support="desk", support_target="triage", segment="triage")

    def resting_on(*links: SupportLink) -> AgreementDocument:
        return bank_draft().named("podlasie").model_copy(update={"links": links})

    other = link.model_copy(update={"support": "techteren", "lane": 1})
    assert differences(resting_on(link), resting_on(other)) == [
        Difference("links.response.support", CHANGED, "desk", "techteren"),
        Difference("links.response.lane", ADDED, None, "1"),
    ]
    assert differences(resting_on(link, other), resting_on(other.model_copy(update={"segment": "travel"}), link)) == [
        Difference("links.response.techteren.segment", CHANGED, "triage", "travel")
    ]


def test_rules_are_read_from_the_top_and_named_by_their_place() -> None:
    rules: list[dict[str, Any]] = [{"when": {"priority": ["P1"]}, "limit": "1h"}, {"when": {"priority": ["P2"]}}]
    target = with_target(support("desk"), rules=rules)
    changed_target = with_target(support("desk"), rules=[rules[0] | {"limit": "2h"}, rules[1]])

    assert differences(target, changed_target) == [Difference("targets.triage.rules.1.limit", CHANGED, "1h", "2h")]


def test_a_long_text_shows_what_changed_and_a_little_around_it() -> None:
    before = RequirementsStatement(text="a" * 1000 + "four" + "b" * 1000, version=1)
    after = RequirementsStatement(text="a" * 1000 + "three" + "b" * 1000, version=1)
    start, end = "…" + "a" * 40, "b" * 40 + "…"

    assert differences(before, after) == [Difference("text", CHANGED, f"{start}four{end}", f"{start}three{end}")]


def test_requirements_and_topics_are_named() -> None:
    before = RequirementsDocument.model_validate({"requirements": [NEED], "topics": {"hours": "8-17"}})
    after = RequirementsDocument.model_validate(
        {"requirements": [NEED | {"requirement": "podlasie"}, NEED | {"value": "3"}], "topics": {"hours": "8-18", "growth": "none"}}
    )

    assert differences(before, after) == [
        Difference("warsaw.value", CHANGED, "4", "3"),
        Difference("podlasie", ADDED, None, "requirement podlasie, text Fast, metric response, value 4, unit hours, calendar BH"),
        Difference("topics.hours", CHANGED, "8-17", "8-18"),
        Difference("topics.growth", ADDED, None, "none"),
    ]


def test_options_of_a_proposal_are_named() -> None:
    def priced(*prices: str) -> PriceProposal:
        return PriceProposal.model_validate(proposal(*prices))

    assert differences(priced("95", "88"), priced("90", "88", "12000")) == [
        Difference("warsaw-gold.unit_price", CHANGED, "95", "90"),
        Difference("total", ADDED, None, "12000"),
    ]
