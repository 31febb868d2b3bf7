"""What the API shows of cases: who is waited for until when, what one may do, and to the customer no more than is its business."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.someone import Someone
from domain.agreement_case import AgreementCase
from domain.case_wording import task_title
from domain.documents import AgreementDocument, hash_of
from domain.follow_ups.follow_up import FollowUp, FollowUpKind
from domain.follow_ups.kinds import KINDS
from domain.lifecycle import TRANSITIONS, AgreementState
from domain.lifecycle import allowed as allowed_actions
from domain.people import Side
from domain.stages.feasibility import Alternative, proposed_alternatives
from domain.supply import Need
from domain.support_case import SUPPORT_TRANSITIONS, SupportState
from store.follow_ups import follow_up_of

_AFTER_OFFER = frozenset(AgreementState) - {
    AgreementState.REQUESTED,
    AgreementState.AGENT_SELECTION,
    AgreementState.REQUIREMENTS,
    AgreementState.FEASIBILITY,
    AgreementState.PIPELINE_WAIT,
    AgreementState.REQUIREMENTS_APPROVAL,
    AgreementState.PRICING,
}
"""Where an approved offer is the customer's business (R-047)."""

_CUSTOMERS_OWN = ("requirements", "statement", "draft", "receipts", "comments", "decisions", "signatures", "contacts", "pipeline")
"""What the customer sees of a case beside its state; never costs, margins or supports."""

_SUPPLIERS_OWN = ("partner", "document", "version", "refusals", "signatures")
"""What the supplier sees of a contract on its way."""

HIDDEN_FROM_CUSTOMER: Mapping[str, frozenset[str]] = {
    "AGREEMENT": frozenset(),
    "REVIEW": frozenset(),
    "DISPUTE": frozenset(),
    "EXCLUSION": frozenset(),
    "PLAN": frozenset({"PROPOSED", "REJECTED"}),
    "CREDIT": frozenset({"DRAFTED", "REJECTED"}),
    "CHANGE": frozenset(),
    "RENEWAL": frozenset(),
}
"""The kinds of cases that are the customer's business, and the states in which they are not yet."""

_INSIDE = frozenset({"calendar", "policy", "waits", "held"})
"""What nobody outside sees of a follow-up."""

_PRICED_ANEW = frozenset({"COUNTER", "REQUIREMENT_CHANGED", "EXPIRED"})
"""How rounds end after which there may be other prices, not yet approved."""


class TaskView(BaseModel):
    """A decision that is waited for."""

    case_id: str
    task: str
    kind: str
    title: str
    role: str
    person: str | None
    party: str | None
    state: str
    opened_at: AwareDatetime
    due_at: AwareDatetime
    escalated: bool
    decided_by: str | None
    on_behalf_of: str | None

    @classmethod
    def of(cls, row: Row[Any]) -> "TaskView":
        """A row as it is shown."""
        fields = {name: getattr(row, name) for name in cls.model_fields if name != "title"}
        return cls(title=task_title(row.kind), **fields)


class CandidateView(BaseModel):
    """A registered OLA or UC, as if it carried the target alone; `failures` are the rules it breaks."""

    support: str
    support_target: str
    carries: bool
    failures: list[str]


class NeedView(BaseModel):
    """A target, what it rests on, and what it could rest on, best first."""

    document: str
    target: str
    regions: list[str]
    links: list[dict[str, Any]]
    candidates: list[CandidateView]

    @classmethod
    def of(cls, need: Need) -> "NeedView":
        """A need as it is shown."""
        candidates = [
            CandidateView(
                support=each.support,
                support_target=each.support_target,
                carries=each.report.holds,
                failures=[f"{fault.code}: {fault.message}" for fault in each.report.failures],
            )
            for each in need.candidates
        ]
        links = [link.model_dump(mode="json") for link in need.links]
        return cls(document=need.document, target=need.target, regions=list(need.regions), links=links, candidates=candidates)


class ListedCaseView(BaseModel):
    """A case in a list."""

    case_id: str
    kind: str
    customer: str
    state: str
    reason: str | None
    revision: int
    agent: str | None
    opened_at: AwareDatetime
    entered_at: AwareDatetime
    next_at: AwareDatetime | None
    waiting_for: list[TaskView]
    registry_nos: list[str]


class CasePage(BaseModel):
    """Cases, newest first; `next` goes on."""

    cases: list[ListedCaseView]
    next: str | None


class CaseView(ListedCaseView):
    """A case: who must act until when, what may be done, and the documents that decisions are attached to."""

    crm_case: str | None = None
    loop_count: int = 0
    allowed: list[str]
    hashes: dict[str, str]
    tasks: list[TaskView]
    case: dict[str, Any]
    process: str | None


def listed(row: Row[Any], tasks: Sequence[Row[Any]]) -> dict[str, Any]:
    """The fields of a list."""
    fields = {name: getattr(row, name) for name in ListedCaseView.model_fields if name != "waiting_for"}
    return fields | {"waiting_for": [TaskView.of(task) for task in tasks if task.state == "OPEN"]}


def visible_to(someone: Someone, tasks: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """The tasks somebody may see: whom the provider waits for among its own is nobody else's business."""
    return tasks if someone.is_inside else [task for task in tasks if task.side == someone.actor.side.value]


def shown(row: Row[Any], tasks: Sequence[Row[Any]], someone: Someone, process: str | None) -> CaseView:
    """A case as somebody may see it."""
    is_inside = someone.is_inside
    visible = visible_to(someone, tasks)
    more: dict[str, Any]
    if row.kind in set(FollowUpKind):
        found = follow_up_of(row.document)
        more = {"allowed": allowed_actions(KINDS[found.kind].table, found.state), "hashes": _follow_up_hashes(found)}
        content = {name: value for name, value in row.document.items() if is_inside or name not in _INSIDE}
    elif row.kind == "SUPPORT":
        more = {"allowed": allowed_actions(SUPPORT_TRANSITIONS, SupportState(row.state)), "hashes": _support_hashes(row.document)}
        content = dict(row.document) if is_inside else {name: row.document.get(name) for name in _SUPPLIERS_OWN}
    else:
        case = AgreementCase.model_validate(row.document)
        hashes = {name: value for name, value in hashes_of(case).items() if value and (is_inside or may_see(case, name))}
        more = {"allowed": allowed_actions(TRANSITIONS, case.state), "hashes": hashes}
        more |= {"crm_case": case.request.crm_case, "loop_count": case.loop_count}
        content = dict(row.document) if is_inside else _for_customer(case, row.document)
        content["alternatives"] = [_alternative(each) for each in proposed_alternatives(case)]
    return CaseView(
        **listed(row, visible),
        **more,
        tasks=[TaskView.of(task) for task in visible],
        case=content,
        process=process if is_inside else None,
    )


def hashes_of(case: AgreementCase) -> dict[str, str | None]:
    """The hashes that decisions are attached to, by document."""
    return {"statement": case.statement_hash, "proposal": case.proposal_hash, "draft": case.draft_hash, "frozen": case.frozen_hash}


def may_see(case: AgreementCase, document: str) -> bool:
    """Is a document the customer's business yet?"""
    if document == "proposal":
        return case.state in _AFTER_OFFER and bool(case.rounds) and case.rounds[-1].ended not in _PRICED_ANEW
    if document == "draft":
        return case.compiled_hash is not None and case.compiled_hash == case.draft_hash
    return True


def _alternative(found: Alternative) -> dict[str, Any]:
    asked = {"requirement": found.requirement.requirement, "text": found.requirement.text}
    return asked | {"technical": found.technical, "commercial": found.commercial, "alternative": found.alternative}


def _for_customer(case: AgreementCase, document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document.get(name) for name in _CUSTOMERS_OWN if may_see(case, name)}


def _follow_up_hashes(case: FollowUp) -> dict[str, str]:
    found = {name: getattr(case, f"{name}_hash", None) for name in ("minutes", "content", "edited")}
    return {name: value for name, value in found.items() if value is not None}


def _support_hashes(document: Mapping[str, Any]) -> dict[str, str]:
    found = document.get("document")
    return {"document": hash_of(AgreementDocument.model_validate(found))} if found is not None else {}


def concerns(row: Row[Any], someone: Someone) -> bool:
    """Is a case any of somebody's business? What is not theirs does not exist for them."""
    actor = someone.actor
    if actor.side is Side.PROVIDER:
        return True
    if actor.side is Side.CUSTOMER:
        return bool(row.customer == actor.party and row.kind in HIDDEN_FROM_CUSTOMER and row.state not in HIDDEN_FROM_CUSTOMER[row.kind])
    return bool(row.kind == "SUPPORT" and row.party == actor.party)
