"""Who does the work of obligations, and what happens when they leave (R-148, R-150)."""

from typing import Any

import pytest

from domain.agreement_parts import Obligation
from domain.catalogue import Catalogue
from domain.consistency import faults_of
from domain.work_packages import OwnerChange, PackageName, PackageState, leavers, owned_packages
from tests.domain.case_stories import local
from tests.domain.drafts import bank_draft, catalogue, codes, with_document
from tests.domain.follow_up_stories import STRANGER, WHY, FollowUpStory, handover, refusals


def without(who: str, what: str = "people", key: str = "person") -> Catalogue:
    """The example catalogue after somebody has left."""
    value = catalogue().model_dump(mode="json", by_alias=True)
    value[what] = [each | {"active": False} if each[key] == who else each for each in value[what]]
    return Catalogue.model_validate(value)


def obligation(name: str, *owners: str) -> Obligation:
    packages = [{"package": f"p{number}", "task": "It is done.", "owner": owner} for number, owner in enumerate(owners, 1)]
    return Obligation.model_validate({"obligation": name, "side": "PROVIDER", "text": "It is done.", "packages": packages})


AUDIT, REPAIR = obligation("audit", "O2", "O1"), obligation("repair", "O2")
TO_O1 = OwnerChange(PackageName("audit", "p1"), "O2", "O1")


def owners(*changes: OwnerChange) -> dict[str, str]:
    return {str(each.name): each.owner for each in owned_packages((AUDIT, REPAIR), changes)}


def test_the_owner_is_whom_the_text_names_until_another_is_named_in_their_place() -> None:
    assert owners() == {"audit/p1": "O2", "audit/p2": "O1", "repair/p1": "O2"}
    assert owners(TO_O1) == {"audit/p1": "O1", "audit/p2": "O1", "repair/p1": "O2"}
    assert owners(TO_O1, OwnerChange(PackageName("audit", "p1"), "O1", "L1"))["audit/p1"] == "L1"


def test_a_later_text_that_names_somebody_else_counts_before_what_was_named_once() -> None:
    [package] = owned_packages((obligation("audit", "V1"),), [TO_O1])

    assert (package.owner, package.written) == ("V1", "V1")


@pytest.mark.parametrize(
    ("owner", "after", "state"),
    [
        ("O2", catalogue(), PackageState.OWNED),
        ("O2", without("O2"), PackageState.ORPHANED),
        ("TechTeren", without("TechTeren", "partners", "partner"), PackageState.ORPHANED),
        ("whoever is on duty", without("O2"), PackageState.OWNED),
    ],
    ids=["there", "left", "dissolved", "words"],
)
def test_a_package_is_orphaned_when_its_owner_is_there_no_more(owner: str, after: Catalogue, state: PackageState) -> None:
    [package] = owned_packages((obligation("audit", owner),), ())

    assert package.state(after) is state


def test_leavers_are_those_who_were_there_before() -> None:
    assert leavers(catalogue(), without("O2")) == {"O2"}
    assert leavers(without("O2"), without("O2")) == frozenset()
    assert leavers(without("O2"), catalogue()) == frozenset()
    assert leavers(catalogue(), without("TechTeren", "partners", "partner")) == {"TechTeren"}


# ---- the handover ---------------------------------------------------------------------------------------------------


def test_an_owner_who_leaves_three_packages_is_a_task_of_the_slm_manager_due_in_two_business_days() -> None:
    story = FollowUpStory(handover("2026-06-11T15:00"))  # a Thursday

    assert story.waiting() == {"NAME_OWNER SLM_MANAGER": local("2026-06-15T15:00")}
    assert story.told(to="SLM_MANAGER")[1] == "Work packages without an owner: 3 of SLA/2026/0001, as O2 has left"


def test_nobody_acts_and_the_director_hears_of_it() -> None:
    story = FollowUpStory(handover("2026-06-11T15:00")).until("2026-06-17T00:00")

    assert [each.partition(":")[0] for each in story.told(to="SERVICE_DIRECTOR")] == ["Escalated"]


def test_packages_are_given_to_several_people_and_the_task_ends_with_the_last() -> None:
    story = FollowUpStory(handover())
    assert story.act("M1", "name_owner", owner="O1", packages=["audit/count"]).state == "OPEN"
    assert list(story.waiting()) == ["NAME_OWNER SLM_MANAGER"]
    assert story.act("L1", "name_owner", owner="L1").state == "HANDED_OVER"

    assert [(str(each.name), each.before, each.after) for each in story.case.changes] == [
        ("audit/count", "O2", "O1"),
        ("audit/report", "O2", "L1"),
        ("repair/dispatch", "O2", "L1"),
    ]
    assert (story.waiting(), story.refused("M1", "name_owner", owner="O1")) == ({}, "INVALID_TRANSITION")


def test_packages_are_left_for_a_reason_and_end_with_their_agreement() -> None:
    left, ended = FollowUpStory(handover()), FollowUpStory(handover())
    left.act("M1", "leave_orphaned", reason=WHY)
    ended.hears("agreement_ended", "2026-06-12T00:00")

    assert (left.state, left.case.reason, left.case.changes, ended.state) == ("LEFT_ORPHANED", WHY, (), "GONE")


def test_an_unknown_package_is_refused_by_its_name() -> None:
    story = FollowUpStory(handover())

    assert story.refused("M1", "name_owner", owner="O1", packages=["audit/count", "audit/nothing"]) == "BAD_INPUT"


@pytest.mark.parametrize(("deed", "said"), [("name_owner", {"owner": "O1"}), ("leave_orphaned", {"reason": WHY})])
def test_owners_are_named_by_the_slm_manager_and_the_sla_team_alone(deed: str, said: dict[str, Any]) -> None:
    assert refusals(handover(), deed, ("S1", "O1", "B1", "U1", STRANGER), **said) == {"FORBIDDEN"}


# ---- before it is signed --------------------------------------------------------------------------------------------


def written(owner: str, *names: str) -> dict[str, Any]:
    packages = [{"package": name, "task": "It is done.", "owner": owner} for name in names]
    return {"obligations": [{"obligation": "audit", "side": "PROVIDER", "text": "Toner is counted.", "packages": packages}]}


def test_nothing_is_signed_that_somebody_does_who_has_left_or_that_cannot_be_told_apart() -> None:
    draft = with_document(bank_draft(), "warsaw", written("O2", "count", "count"))
    faults = codes(faults_of(draft, without("O2")))

    assert ("OWNER_HAS_LEFT", "warsaw.obligations.audit.packages.count") in faults
    assert ("WORK_PACKAGE_TWICE", "warsaw.obligations.audit.packages.count") in faults
    assert "OWNER_HAS_LEFT" not in {code for code, _ in codes(faults_of(draft, catalogue()))}
