"""What has to be told and written down after a case went on."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.audit import AuditEvent
from domain.case_machine import Step, next_instant
from domain.case_messages import CaseEffects, CaseRecord
from domain.case_wording import task_title
from domain.cases import Case
from domain.effects import CrmCaseUpdate, Notice
from domain.human_tasks import HumanTask, NudgeKind, TaskState, Told
from domain.people import Side
from domain.wording import spoken

SYSTEM = "system"

_ASKING = frozenset({"task_opened", "task_reminder"})
"""Phrases of notices to those who decide; an escalation goes to others."""


def effects_of(steps: Sequence[Step], process: str) -> CaseEffects:
    """Everything the steps bring about, in their order; the last one's case is what is written down."""
    if not steps:
        return CaseEffects()
    record = record_of(steps[-1].case, [_event(step, process) for step in steps])
    notices = [notice for step in steps for notice in _notices(step, process)]
    updates = [
        _crm_update(step, crm_case, process)
        for step in steps
        if step.case.state is not step.before.state and (crm_case := step.case.listing.crm_case) is not None
    ]
    billed = tuple(note for step in steps for note in step.case.bills[len(step.before.bills) :])
    return CaseEffects(records=(record,), notices=tuple(notices), crm_updates=tuple(updates), credit_notes=billed)


def record_of(case: Case, events: Sequence[AuditEvent] = ()) -> CaseRecord:
    """A case as it is written down."""
    listing = case.listing
    return CaseRecord(
        case_id=case.case_id,
        kind=listing.kind,
        revision=case.revision,
        state=case.state.value,
        reason=case.reason,
        entered_at=case.entered_at,
        customer=listing.customer,
        party=listing.party,
        agent=listing.agent,
        agreement=listing.agreement,
        registry_nos=listing.registry_nos,
        next_at=next_instant(case),
        tasks=case.tasks,
        events=tuple(events),
        case=case.model_dump(mode="json", exclude={"answers", "untold"}),
    )


def _event(step: Step, process: str) -> AuditEvent:
    act, case = step.act, step.case
    told = "; ".join(f"{each.nudge.kind.value.lower()} {each.task.task}" for each in step.told)
    return AuditEvent(
        key=f"{process}:audit:{case.revision}",
        subject=process,
        action=step.action,
        from_state=step.before.state.value,
        to_state=case.state.value,
        actor=act.by.person if act is not None else SYSTEM,
        role=act.role.value if act is not None else None,
        on_behalf_of=act.on_behalf_of if act is not None else None,
        reason=told or (case.reason if case.visit != step.before.visit else None),
        document_hash=step.document_hash,
        at=step.at,
    )


def _notices(step: Step, process: str) -> Iterable[Notice]:
    case, before = step.case, {task.task: task for task in step.before.tasks}
    for task in case.tasks:
        known, key = before.get(task.task), f"{process}:task:{task.task}"
        if task.is_open and (known is None or not known.is_open):
            body = f"Due {_spoken(task.due_at, case)}."
            yield _task_notice(task, case, (f"{key}:opened", "task_opened"), (task.assignee,), (task_title(task.kind), body))
        elif task.state is TaskState.VOID and known is not None and known.is_open:
            said = f"No longer needed: {task_title(task.kind)}", "The case has gone on; nothing is left to do here."
            yield _task_notice(task, case, (f"{key}:void", "task_void"), (task.assignee,), said)
    for told in step.told:
        yield _nudge_notice(told, case, process)
    for number, news in enumerate(case.untold[len(step.before.untold) :]):
        yield Notice(
            key=f"{process}:{case.revision}:news:{number}",
            case_id=case.case_id,
            recipients=tuple(each for each in news.recipients if each),
            subject=news.subject,
            body=news.body,
            phrase=news.phrase,
            values=news.values,
        )


def _nudge_notice(told: Told, case: Case, process: str) -> Notice:
    task, nudge = told
    key = f"{process}:task:{task.task}"
    waiting = f"Open since {_spoken(task.opened_at, case)}, due {_spoken(task.due_at, case)}."
    if nudge.kind is NudgeKind.REMIND:
        named = f"{key}:reminder:{nudge.number}", "task_reminder"
        return _task_notice(task, case, named, (task.assignee,), (f"Reminder: {task_title(task.kind)}", waiting))
    named = f"{key}:escalation:{nudge.number}", "task_escalation"
    return _task_notice(task, case, named, nudge.to, (f"Escalated: {task_title(task.kind)} ({task.assignee})", waiting))


def _task_notice(task: HumanTask, case: Case, named: tuple[str, str], recipients: tuple[str, ...], english: tuple[str, str]) -> Notice:
    """A notice about a task: its key and phrase, who is told, and what in English."""
    (key, phrase), (subject, body), zone = named, english, case.provider_days.zone
    values = {
        "task": task.kind,
        "assignee": task.assignee,
        "opened_at": task.opened_at.astimezone(zone).isoformat(),
        "due_at": task.due_at.astimezone(zone).isoformat(),
    }
    return Notice(
        key=key,
        case_id=case.case_id,
        recipients=recipients,
        subject=subject,
        body=body,
        phrase=phrase,
        values={**case.said_of, **values},
        customer=task.party if task.side is Side.CUSTOMER else None,
        supplier=task.party if task.side is Side.SUPPLIER else None,
        side=task.side,
        task=task.task if phrase in _ASKING else None,
    )


def _crm_update(step: Step, crm_case: str, process: str) -> CrmCaseUpdate:
    case = step.case
    return CrmCaseUpdate(
        key=f"{process}:crm:{case.revision}",
        case_id=case.case_id,
        crm_case=crm_case,
        state=case.state.value,
        reason=case.reason,
        registry_nos=case.listing.registry_nos,
        at=step.at,
        text=f"{crm_case} is {case.state.value}" + (f": {case.reason}" if case.reason else ""),
    )


def _spoken(instant: datetime, case: Case) -> str:
    return spoken(instant, case.provider_days.zone)
