"""The case of SC-8: five reviewers decide on the bank's draft, from Fri 20 Feb 2026 12:00 on."""

from datetime import timedelta
from uuid import uuid4

from domain.agreement_case import AgreementCase
from tests.case_processes import story
from tests.domain.case_stories import CaseStory, local

FROZEN = local("2026-02-20T12:00")
R1, R2, R3, R4, R5 = "C1", "M1", "B1", "S1", "T1"
"""CRM staff, SLM manager, the bank's representative, supply manager, control tier."""


def in_review(until: str = "FINAL_REVIEW") -> AgreementCase:
    """The bank's case of the examples without the bank's lawyer, so much earlier that its draft is frozen on 20 Feb at 12:00."""
    earlier = local("2026-02-23T09:00") - FROZEN
    played = CaseStory((local("2026-01-12T09:15") - earlier).strftime("%Y-%m-%dT%H:%M"), customer_has_legal=False)
    for deed in story():
        if played.case.state.value == until:
            break
        if deed.person != "B2":
            played.do(deed._replace(at=deed.at - earlier))
    return renamed(played.case)


def approved(case: AgreementCase, *reviewers: str, after: timedelta = timedelta(hours=2)) -> AgreementCase:
    """The case once some have approved."""
    played = CaseStory()
    played.steps[-1] = played.steps[-1]._replace(case=case)
    at = (case.last_at + after).astimezone(FROZEN.tzinfo).strftime("%Y-%m-%dT%H:%M")
    for person in reviewers:
        played.act(person, "approve_draft", at, document_hash=case.frozen_hash)
    return renamed(played.case)


def renamed(case: AgreementCase) -> AgreementCase:
    """The case under a name of its own."""
    return case.but(case_id=f"case-{uuid4().hex[:12]}", answers={})
