"""A registered agreement's own life: the instants its term begins and ends, and what its changes of state bring about."""

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.audit import AuditEvent
from domain.case_messages import AgreementOrder, Registered, StateChange
from domain.effects import CrmCaseUpdate, Notice
from domain.errors import ServandaError
from domain.in_force import Occasion, Stage, Switch, Term, next_occasion
from domain.lifecycle import AgreementState
from domain.versions import LATEST, Validity, VersionTerm, containing, cut_at, in_force_at, newest_in, stages_in, terms_of


def term_of(registered: Registered) -> Term:
    """Start of the first day in force, and of the first day no longer, in the agreement's zone."""

    def midnight(on: date) -> datetime:
        return datetime.combine(on, time(), ZoneInfo(registered.time_zone))

    return Term(midnight(registered.effective_from), midnight(registered.effective_until) if registered.effective_until else None)


def with_version(order: AgreementOrder, registered: Registered, at: datetime) -> AgreementOrder:
    """What a process knows once it has learned of another version; one it knows changes nothing.

    A minor version changes nothing that is watched, and need not say what that is.
    """
    known = (order.registered, *order.later)
    if registered.version in {each.version for each in known}:
        return order
    watched = registered.watched or known[-1].watched
    learned = registered.model_copy(update={"told_at": at, "watched": watched})
    return order.model_copy(update={"later": (*order.later, learned)})


def versions_of(order: AgreementOrder) -> tuple[VersionTerm, ...]:
    """When each version that its process knows of is in force, earliest first; up to an early end where one was ordered."""
    known = (order.registered, *order.later)
    agreed = terms_of([Validity(each.version, each.effective_from, each.effective_until) for each in known], _zone(order))
    return cut_at(agreed, order.termination.effective_at if order.termination is not None else None)


def stages_of(order: AgreementOrder) -> tuple[Stage, ...]:
    """The agreement between its material changes, one stage after the other; minor ones count within theirs.

    What is ordered to end is not renewed.
    """
    terms, known = versions_of(order), {each.version: each for each in (order.registered, *order.later)}
    watched = [known[newest_in(terms, stage, LATEST)].watched for stage in stages_in(terms)]
    if order.termination is not None:
        watched = [each.model_copy(update={"renewal_days": 0}) if each is not None else None for each in watched]
    return tuple(map(Stage, stages_in(terms), watched))


def switches_of(order: AgreementOrder) -> tuple[Switch, ...]:
    """When each later version comes into force; one that was made on its first day, when the process learned of it."""
    told = {each.version: each.told_at for each in order.later}
    later = versions_of(order)[1:]
    switches = [Switch(max(each.begins, told.get(each.version) or each.begins), each.version) for each in later]
    ends = later[-1].ends if later else None
    return tuple(each for each in switches if ends is None or each.at < ends)


def stage_at(order: AgreementOrder, at: datetime) -> Stage:
    """The version in force at an instant; of what is left to do after the end, the last."""
    stages = stages_of(order)
    term = in_force_at([stage.term for stage in stages], at)
    return next(stage for stage in stages if stage.term == term)


def ends_with_its_term(order: AgreementOrder) -> bool:
    """Has it an end, so that somewhen all is done?"""
    return stages_of(order)[-1].term.ends is not None


def occasion_after(order: AgreementOrder, last: Occasion | None) -> Occasion | None:
    """The occasion on which a registered agreement is looked at next; None when all is done."""
    return next_occasion(stages_of(order), _zone(order), last, switches_of(order))


def periods_to_close_again(order: AgreementOrder, period: str) -> tuple[str, ...]:
    """The periods whose figures change with those of a named one: it, and those it begins in."""
    stages = stages_of(order)
    kinds = [kind for stage in stages if stage.watched is not None for kind in stage.watched.periods]
    try:
        return containing(period, kinds, [stage.term for stage in stages], _zone(order)) if kinds else ()
    except ServandaError:
        return ()  # one that a later version split: its parts are looked at again at midnight


def switching(order: AgreementOrder, version: str, at: datetime, process: str) -> list[StateChange]:
    """A version comes into force in the place of the one before it; if the agreement is about to end, so is the version."""
    in_force = AgreementState.TERMINATING if order.termination is not None else AgreementState.ACTIVE
    terms = [term.version for term in versions_of(order)]
    before = terms[terms.index(version) - 1]
    states = {before: ("superseded", in_force, AgreementState.SUPERSEDED)}
    states[version] = ("effective", AgreementState.REGISTERED, in_force)
    return [
        StateChange(
            registry_no=order.registered.registry_no,
            version=name,
            event=AuditEvent(
                key=f"{process}:{name}:{what}:audit",
                subject=process,
                action=what,
                from_state=left.value,
                to_state=to.value,
                actor="system",
                at=at,
                reason=f"version {version}",
            ),
        )
        for name, (what, left, to) in states.items()
    ]


def switched(order: AgreementOrder, version: str, at: datetime, process: str) -> tuple[Notice, CrmCaseUpdate | None]:
    """Who is told that another version is in force."""
    number = order.registered.registry_no
    text = f"Version {version} of {number} is in force; new tickets are measured by it, those that came before by theirs."
    notice = Notice(
        key=f"{process}:{version}:notice",
        case_id=number,
        recipients=_TOLD,
        subject=f"{number} {version} is in force",
        body=text,
        phrase="version_in_force",
        values={"registry_no": number, "version": version},
    )
    update = CrmCaseUpdate(
        key=f"{process}:{version}:crm",
        case_id=number,
        crm_case=order.crm_case or "",
        state=AgreementState.ACTIVE.value,
        registry_nos=(number,),
        at=at,
        text=text,
    )
    return notice, update if order.crm_case is not None else None


def _zone(order: AgreementOrder) -> ZoneInfo:
    return ZoneInfo(order.registered.time_zone)


_TOLD = ("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER")


class Entering(NamedTuple):
    """What a change of state brings about."""

    change: StateChange
    notice: Notice
    crm_update: CrmCaseUpdate | None


_SAID = {
    AgreementState.ACTIVE: "is in force; its tickets are measured from now on",
    AgreementState.EXPIRED: "has ended with its term; nothing is measured under it any more",
}


def entering(order: AgreementOrder, before: AgreementState, after: AgreementState, at: datetime, process: str) -> Entering:
    """A registered agreement gets into another state, at the instant its term says."""
    number = order.registered.registry_no
    text = f"{number} {_SAID[after]}."
    key = f"{process}:{after.value.lower()}"
    event = AuditEvent(
        key=f"{key}:audit",
        subject=process,
        action=after.value.lower(),
        from_state=before.value,
        to_state=after.value,
        actor="system",
        at=at,
    )
    update = CrmCaseUpdate(
        key=f"{key}:crm", case_id=number, crm_case=order.crm_case or "", state=after.value, registry_nos=(number,), at=at, text=text
    )
    notice = Notice(
        key=f"{key}:notice",
        case_id=number,
        recipients=_TOLD,
        subject=f"{number} is {after}",
        body=text,
        phrase="comes_into_force" if after is AgreementState.ACTIVE else "term_ended",
        values={"registry_no": number},
    )
    return Entering(StateChange(registry_no=number, event=event), notice, update if order.crm_case is not None else None)
