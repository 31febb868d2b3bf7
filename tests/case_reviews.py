"""The case of SC-8: five reviewers decide on the bank's draft, from Fri 20 Feb 2026 12:00 on."""

from uuid import uuid4

from domain.agreement_case import AgreementCase
from tests.domain.case_stories import CaseStory, local
from tests.domain.drafts import story

FROZEN = local("2026-02-20T12:00")
R1, R2, R3, R4, R5 = "C1", "M1", "B1", "S1", "T1"
"""CRM staff, SLM manager, the bank's representative, supply manager, control tier."""


SIGNATORIES = ("Z1", "B3", "B4")
"""The provider's signatory, and the bank's two."""


def discussed() -> CaseStory:
    """The bank's case of the examples without the bank's lawyer, so much earlier that its draft can be frozen on 20 Feb at 12:00."""
    earlier = local("2026-02-23T09:00") - FROZEN
    played = CaseStory((local("2026-01-12T09:15") - earlier).strftime("%Y-%m-%dT%H:%M"), customer_has_legal=False)
    for deed in story():
        if deed.action == "freeze_draft":
            break
        if deed.person != "B2":
            played.do(deed._replace(at=deed.at - earlier))
    return played


def in_discussion() -> AgreementCase:
    """The case before its draft is frozen: everybody has it, nobody has a comment."""
    return named(discussed())


def in_review(*approvals: str) -> AgreementCase:
    """The case with its draft frozen on 20 Feb at 12:00; some reviewers have approved it at once."""
    return named(reviewed(*approvals))


def reviewed(*approvals: str) -> CaseStory:
    """The case up to its review, and what some reviewers decided."""
    played = discussed()
    played.act("L1", "freeze_draft", "2026-02-20T12:00", document_hash=played.case.draft_hash)
    for person in approvals:
        played.act(person, "approve_draft", document_hash=played.case.frozen_hash)
    return played


def almost_signed() -> AgreementCase:
    """The case that all have approved, and that all but the last have signed, at once."""
    played = reviewed(R1, R2, R3, R4, R5)
    for person in SIGNATORIES[:-1]:
        played.act(person, "sign", document_hash=played.case.frozen_hash, method="QUALIFIED_ESIGN")
    return named(played)


def named(played: CaseStory) -> AgreementCase:
    """The case under a name of its own."""
    return played.case.but(case_id=f"case-{uuid4().hex[:12]}", answers={})
