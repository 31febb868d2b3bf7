"""Laws of an OLA or UC on its way to the registry: who accepts, who signs, and when they are reminded."""

from typing import Any

import pytest

from domain.actors import Actor, actor_of
from domain.case_machine import judge
from domain.cases import Submission
from domain.errors import BadInput, Conflict, Forbidden
from domain.people import Person
from domain.support_case import SUPPORT, SupportCase, need
from tests.domain.case_stories import CATALOGUE, local
from tests.domain.drafts import support

AT = local("2026-02-16T12:00")


def needed() -> SupportCase:
    """A team is to support the bank's agreement."""
    case = SupportCase(
        case_id="support-1",
        calendar=CATALOGUE.calendar,
        entered_at=AT,
        last_at=AT,
        partner="Field service Warsaw",
        partner_rep="O2",
        asked_by="S1",
    )
    after: SupportCase = need(case).case
    return after


def person(key: str, **deputy_of: str) -> Actor:
    """Somebody of the example, who may stand in for others this week."""
    away = {absent: {"deputy": deputy, "first_on": "2026-02-16", "last_on": "2026-02-20"} for absent, deputy in deputy_of.items()}
    people = tuple(
        Person.model_validate(each.model_dump(mode="json") | {"delegations": [away[each.person]] if each.person in away else []})
        for each in CATALOGUE.people
    )
    return actor_of(CATALOGUE.model_copy(update={"people": people}), key, AT.date())


def did(case: SupportCase, by: Actor | str, action: str, **fields: Any) -> SupportCase:
    who = by if isinstance(by, Actor) else person(by)
    if action in {"accept_support", "reject_support", "sign_support"}:
        fields = {"document_hash": case.document_hash} | fields
    said = Submission(key=f"{who.person}-{action}-{case.revision}", action={"action": action, **fields}, by=who)
    _, steps = judge(SUPPORT, case, said, case.last_at)
    after: SupportCase = steps[-1].case
    return after


def refusal(case: SupportCase, by: Actor | str, action: str, **fields: Any) -> str:
    with pytest.raises((Conflict, BadInput, Forbidden)) as refused:
        did(case, by, action, **fields)
    return refused.value.code


def proposed() -> SupportCase:
    return did(needed(), "S1", "propose_support", document=support("field-warsaw").model_dump(mode="json", exclude_defaults=True))


def accepted() -> SupportCase:
    return did(proposed(), "O2", "accept_support")


def test_the_team_has_ten_business_days_and_is_reminded_after_five_and_eight() -> None:
    [task] = proposed().open_tasks

    assert (task.kind, task.assignee, task.due_at) == ("ACCEPT_SUPPORT", "O2", local("2026-03-02T12:00"))
    assert [f"{each.kind} {each.at:%m-%d}" for each in task.nudges] == ["REMIND 02-23", "REMIND 02-26", "ESCALATE 03-02"]


def test_a_refused_proposal_goes_back_with_the_reason() -> None:
    case = did(proposed(), "O2", "reject_support", reason="two hours need two more technicians")

    assert (case.state.value, case.refusals) == ("DRAFTED", ("two hours need two more technicians",))
    assert refusal(proposed(), "S1", "accept_support") == "FORBIDDEN"


def test_all_signatories_sign_what_was_accepted() -> None:
    case = did(accepted(), "O2", "sign_support", method="INTERNAL_SIGN_OFF")
    assert (case.state.value, [task.assignee for task in case.open_tasks]) == ("ACCEPTED", ["S1"])

    assert refusal(case, "O2", "sign_support", method="INTERNAL_SIGN_OFF") == "ALREADY_DECIDED"
    assert refusal(case, "S1", "sign_support", method="INTERNAL_SIGN_OFF", document_hash="0" * 64) == "STALE_DOCUMENT"
    assert did(case, "S1", "sign_support", method="INTERNAL_SIGN_OFF").state.value == "SIGNED"


def test_a_deputys_signature_says_for_whom_it_was_given() -> None:
    case = did(accepted(), person("M1", S1="M1"), "sign_support", method="INTERNAL_SIGN_OFF")

    [signature] = case.signatures
    assert (signature.person, signature.by, signature.on_behalf_of) == ("S1", "M1", "S1")
