"""What people decide of a change, what others say of it, and its table."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.actors import Act
from domain.cases import Action
from domain.documents import AgreementDocument, hash_of
from domain.errors import BadInput, Conflict
from domain.follow_ups.change import Change, ChangeState, material, raised
from domain.follow_ups.follow_up import CUSTOMER_REP, Kind, News, Reason, row
from domain.follow_ups.triggers import MATERIAL_BY_DEFINITION, Trigger
from domain.human_tasks import Assignment
from domain.materiality import is_material
from domain.people import Role
from domain.stages.hashes import Hash, check_hash

S = ChangeState


def _minor(case: Change, at: datetime) -> Change:
    both = Assignment(Role.CRM_STAFF), Assignment(*CUSTOMER_REP, party=case.customer)
    return case.warned_in_time(at).asking("ACKNOWLEDGE_CHANGE", at, *both)


class KeepAgreement(Action):
    """Examined: the agreement is right as it is."""

    action: Literal["keep_agreement"] = "keep_agreement"
    reason: Reason


class EditMinor(Action):
    """A small change, with the whole text as it is to be; on anything material it is refused, saying what that is."""

    action: Literal["edit_minor"] = "edit_minor"
    document: AgreementDocument
    note: Reason
    before: Annotated[AgreementDocument, Field(description="the text in force")]


class Renegotiate(Action):
    """A material change: requirements, price, support, review and signing are gone through again."""

    action: Literal["renegotiate"] = "renegotiate"
    reason: Reason | None = None


class AcknowledgeChange(Action):
    """One side agrees with a small change as it was edited."""

    action: Literal["acknowledge_change"] = "acknowledge_change"
    document_hash: Hash


class RefuseChange(Action):
    """One side does not agree with a small change; it is examined anew."""

    action: Literal["refuse_change"] = "refuse_change"
    document_hash: Hash
    reason: Reason


class WithdrawChange(Action):
    """A small change is given up."""

    action: Literal["withdraw_change"] = "withdraw_change"
    reason: Reason


def keep_agreement(case: Change, action: KeepAgreement, act: Act) -> Change:
    """The reason is kept, and told to those who asked."""
    _refuse_by_definition(case)
    case = _examined(case, act).entering(S.NO_CHANGE, act.at, action.reason)
    return case.telling("CRM_STAFF", "CUSTOMER_REP", subject=f"{case.registry_no} stays as it is", body=action.reason, phrase="stays")


def edit_minor(case: Change, action: EditMinor, act: Act) -> Change:
    """Both sides are asked."""
    _refuse_agreed(case)
    _refuse_by_definition(case)
    if found := is_material(action.before, action.document):
        raise BadInput(f"document: this is material: {'; '.join(found)}"[:2000], "MATERIAL_CHANGE")
    if hash_of(action.before) == hash_of(action.document):
        raise BadInput("document: nothing is different from the text in force", "NOTHING_CHANGED")
    return _examined(case, act).entering(S.MINOR, act.at).but(edited=action.document, note=action.note)


def renegotiate(case: Change, action: Renegotiate, act: Act) -> Change:
    """An agreement case is opened for it."""
    _refuse_agreed(case)
    return _examined(case, act).entering(S.MATERIAL, act.at, action.reason).but(edited=None, note="")


def acknowledge_change(case: Change, action: AcknowledgeChange, act: Act) -> Change:
    """Once both sides have, it goes to the registry."""
    _check_edited(case, action.document_hash, act)
    case = case.done("ACKNOWLEDGE_CHANGE", act)
    return case if case.is_asked("ACKNOWLEDGE_CHANGE") else case.but(agreed=True)


def refuse_change(case: Change, action: RefuseChange, act: Act) -> Change:
    """Back to those who edited it, with the reason."""
    _check_edited(case, action.document_hash, act)
    return case.done("ACKNOWLEDGE_CHANGE", act).entering(S.RAISED, act.at, action.reason).but(edited=None, note="")


def withdraw_change(case: Change, action: WithdrawChange, act: Act) -> Change:
    """The text in force stays."""
    _refuse_agreed(case)
    case = case.entering(S.WITHDRAWN, act.at, action.reason)
    return case.telling("CRM_STAFF", "CUSTOMER_REP", subject=f"{case.registry_no} stays as it is", body=action.reason, phrase="stays")


def _examined(case: Change, act: Act) -> Change:
    for task in case.open_tasks:
        case = case.closing_task(task.task, act) if task.kind == "EXAMINE_CHANGE" else case
    return case


def _check_edited(case: Change, document_hash: str, act: Act) -> None:
    check_hash(document_hash, case.edited_hash)
    _refuse_agreed(case)
    case.refuse_second_decision("ACKNOWLEDGE_CHANGE", act)


def _refuse_agreed(case: Change) -> None:
    if case.agreed:
        raise Conflict("ALREADY_DECIDED", "both sides have agreed; the change is being registered")


def _refuse_by_definition(case: Change) -> None:
    found = next((each for each in case.triggers if each.code in MATERIAL_BY_DEFINITION), None)
    if found is not None:
        message = f"{found.code} is material: {MATERIAL_BY_DEFINITION[found.code]}"
        raise Conflict("MATERIAL_BY_DEFINITION", message, ("renegotiate",))


# ---- what others say, and time --------------------------------------------------------------------------------------


def _triggered(case: Change, news: News) -> Change:
    """Another fact that asks for a change belongs to the one that is open; the earliest date counts."""
    trigger = Trigger.model_validate(news.content)
    if case.knows(trigger):
        return case
    if case.agreed:
        return case.keeping(trigger)
    before = case.needed
    case = case.but(triggers=(*case.triggers, trigger))
    if case.needed != before:
        case = case.but(warned=()).warned_in_time(news.at)
    case = case.telling(
        "SLM_MANAGER",
        "CRM_STAFF",
        subject=f"{case.registry_no}: also {trigger.code}",
        body=trigger.text,
        phrase="also_asks",
        code=trigger.code.value,
    )
    if case.state is S.MINOR and trigger.code in MATERIAL_BY_DEFINITION:
        return case.entering(S.RAISED, news.at, f"{trigger.code} is material").but(edited=None, note="")
    return case


def _opened(case: Change, news: News) -> Change:
    return case.but(amendment=str(news.content["case_id"]))


def _registered(case: Change, news: News) -> Change:
    if case.state is S.MINOR and not case.agreed:
        return case
    version = str(news.content["version"])
    case = case.entering(S.REGISTERED, news.at).but(registered_as=version)
    said = case.note or "; ".join(each.text for each in case.triggers)
    return case.telling(
        "CUSTOMER_REP",
        "CRM_STAFF",
        "SLM_MANAGER",
        subject=f"{case.registry_no} {version} is registered",
        body=said,
        phrase="new_version",
        version=version,
    )


def _failed(case: Change, news: News) -> Change:
    return _old_terms_stay(case.entering(S.FAILED, news.at, str(news.content["reason"])))


def _not_registered(case: Change, news: News) -> Change:
    """The registry has its reasons, such as another version of the same day: it is examined anew."""
    if not case.agreed:
        return case
    return _old_terms_stay(case.entering(S.RAISED, news.at, str(news.content["reason"])).but(agreed=False, edited=None, note=""))


def _old_terms_stay(case: Change) -> Change:
    subject = f"{case.registry_no} is not changed: old terms stay"
    return case.telling("SLM_MANAGER", "CRM_STAFF", "CUSTOMER_REP", subject=subject, body=case.reason or "", phrase="not_changed")


def _needed_soon(case: Change, at: datetime) -> Change:
    """Nobody may believe that a date is kept by itself."""
    due = [days for instant, days in case.warnings if instant <= at]
    needed = case.needed
    assert needed is not None
    when = f"{min(due)} business days before {needed.needed_by}" if min(due) else f"on {needed.needed_by}, the day it is needed"
    case = case.but(warned=(*case.warned, *due)).warned_in_time(at)
    said = "Old terms stay in force until a new version is registered and its day has come."
    return case.telling(
        "SLM_MANAGER",
        "CRM_STAFF",
        subject=f"Change of {case.registry_no} not registered {when}",
        body=said,
        phrase="change_not_registered",
        days=min(due),
        needed_by=str(needed.needed_by),
    )


_TEAM = (Role.SLM_MANAGER, Role.SLA_TEAM)
_BOTH = (Role.CRM_STAFF, Role.CUSTOMER_REP)
_OPEN = (S.RAISED, S.MINOR, S.MATERIAL)

CHANGE = Kind(
    table=(
        row(S.RAISED, "keep_agreement", _TEAM, S.NO_CHANGE),
        *(row(at, "edit_minor", _TEAM, S.MINOR) for at in (S.RAISED, S.MINOR)),
        *(row(at, "renegotiate", _TEAM, S.MATERIAL) for at in (S.RAISED, S.MINOR)),
        row(S.MINOR, "acknowledge_change", _BOTH),
        row(S.MINOR, "refuse_change", _BOTH, S.RAISED),
        row(S.MINOR, "withdraw_change", (*_TEAM, Role.CRM_STAFF), S.WITHDRAWN),
        row(S.RAISED, "trigger", ()),
        row(S.MINOR, "trigger", (), S.MINOR, S.RAISED),
        row(S.MATERIAL, "trigger", ()),
        row(S.MATERIAL, "case_opened", ()),
        *(row(at, "registered", (), S.REGISTERED) for at in (S.MINOR, S.MATERIAL)),
        row(S.MINOR, "not_registered", (), S.RAISED),
        row(S.MATERIAL, "case_ended", (), S.FAILED),
        *(row(at, "needed_by", ()) for at in _OPEN),
    ),
    actions={
        KeepAgreement: keep_agreement,
        EditMinor: edit_minor,
        Renegotiate: renegotiate,
        AcknowledgeChange: acknowledge_change,
        RefuseChange: refuse_change,
        WithdrawChange: withdraw_change,
    },
    stages={S.RAISED: raised, S.MINOR: _minor, S.MATERIAL: material},
    deadlines={"needed_by": _needed_soon},
    hears={
        "trigger": _triggered,
        "case_opened": _opened,
        "registered": _registered,
        "not_registered": _not_registered,
        "case_ended": _failed,
    },
    ends=frozenset({S.NO_CHANGE, S.REGISTERED, S.WITHDRAWN, S.FAILED}),
)
