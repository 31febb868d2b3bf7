"""Cases of any kind: a state, the people waited for, and time. What may happen stands in a table; here it is carried out.

Pure: the same functions answer the API, run in the process and are driven by the tests. A case is a value; every deed and
every lapse of time gives a new one, with what has to be told and written down.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple, Self

from pydantic import AwareDatetime

from domain.actors import Act, Actor
from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar, calendar_of
from domain.canonical import canonical_json
from domain.errors import Conflict, Forbidden, ServandaError
from domain.human_tasks import Assignment, HumanTask, TaskState, Told, next_nudge, nudge, open_task
from domain.lifecycle import Transition, allowed, transition
from domain.people import Role
from domain.timer_policy import TimerPolicy
from domain.values import Document, Message

ANSWERS_KEPT = 200
"""How many answers a case remembers for a repeated question; more than any case has deeds in flight."""


_AN_INSTANT = timedelta(microseconds=1)
"""What is done at the very instant it is due is done in time."""


class Action(Document):
    """Something a person does to a case; `action` names the row of the table."""

    action: str


class Submission(Message):
    """An action as a person sent it. The same key again is the same deed. `received_at` is when it first reached us.

    Who has several roles, or stands in for several people, may say which is meant.
    """

    key: str
    action: Mapping[str, Any]
    by: Actor
    acting_as: Role | None = None
    acting_for: str | None = None
    received_at: AwareDatetime | None = None

    @property
    def fingerprint(self) -> str:
        """What makes it the same deed: who does what."""
        return sha256(canonical_json([self.by.person, self.action]).encode()).hexdigest()


class Answer(Message):
    """What became of a deed: where the case stands after it, and who is waited for."""

    case_id: str
    state: str
    reason: str | None = None
    revision: int
    waiting_for: tuple[str, ...] = ()


class Deadline(Message):
    """An instant at which a stage goes on by itself."""

    name: str
    at: AwareDatetime


class CaseNews(Message):
    """Something people must be told beside their tasks."""

    recipients: tuple[str, ...]
    subject: str
    body: str


class Listing(NamedTuple):
    """How lists show a case: its kind, whose it is, and what the CRM calls it where the CRM asked for it."""

    kind: str
    customer: str
    party: str | None
    agent: str | None
    registry_nos: tuple[str, ...]
    crm_case: str | None


class Case(Message):
    """What every case has."""

    case_id: str
    calendar: CalendarDefinition
    policy: TimerPolicy = TimerPolicy()
    state: Any
    reason: str | None = None
    entered_at: AwareDatetime
    last_at: AwareDatetime
    visit: int = 0
    revision: int = 0
    tasks: tuple[HumanTask, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    answers: Mapping[str, tuple[str, Answer]] = {}
    untold: tuple[CaseNews, ...] = ()

    @property
    def listing(self) -> Listing:
        """How lists show it."""
        raise NotImplementedError

    def but(self, **changes: Any) -> Self:
        """The case with changes."""
        return self.model_copy(update=changes)

    @property
    def provider_days(self) -> ServiceCalendar:
        """The calendar people's time is counted in."""
        return calendar_of(self.calendar)

    def business_days_after(self, at: datetime, days: int) -> datetime:
        """The instant so many business days on."""
        return self.provider_days.due(at, days * self.provider_days.business_day)

    @property
    def open_tasks(self) -> tuple[HumanTask, ...]:
        """Who is waited for."""
        return tuple(task for task in self.tasks if task.is_open)

    def is_asked(self, kind: str) -> bool:
        """Does anybody have an open task of a kind?"""
        return any(task.kind == kind for task in self.open_tasks)

    def refuse_second_decision(self, kind: str, act: Act) -> None:
        """The first valid decision wins: who has decided in this stage does not decide again.

        Raises:
            Conflict: ALREADY_DECIDED.
        """
        mine = [task for task in self.tasks if task.kind == kind and task.opened_at >= self.entered_at and task.role is act.role]
        if mine and not any(task.is_open for task in mine):
            raise Conflict("ALREADY_DECIDED", f"{act.role} has decided: {mine[-1].decided_by} did")

    def telling(self, *recipients: str, subject: str, body: str) -> Self:
        """The case, with something to tell."""
        return self.but(untold=(*self.untold, CaseNews(recipients=recipients, subject=subject, body=body)))

    # ---- tasks and stages -------------------------------------------------------------------------------------------

    def asking(self, kind: str, at: datetime, *whom: Assignment) -> Self:
        """The case with a task opened for each; one that is open already stays as it is."""
        tasks = list(self.tasks)
        for each in whom:
            name = f"{kind}:{self.visit}:{each.person or each.role.value}"
            if any(task.task == name and task.is_open for task in tasks):
                continue
            again = sum(task.task == name or task.task.startswith(f"{name}#") for task in tasks)
            tasks.append(open_task(f"{name}#{again + 1}" if again else name, kind, each, (self.policy.of(kind), self.provider_days, at)))
        return self.but(tasks=tuple(tasks))

    def done(self, kind: str, act: Act) -> Self:
        """The case with the actor's open task of a kind decided."""
        return self.but(tasks=tuple(_decided(task, act) if _is_for(task, kind, act) else task for task in self.tasks))

    def voiding(self, at: datetime, *kinds: str, state: TaskState = TaskState.VOID) -> Self:
        """The case with open tasks closed without a decision: all of them, or those of some kinds."""
        close = {"state": state, "closed_at": at, "nudges": ()}
        return self.but(
            tasks=tuple(
                task.model_copy(update=close) if task.is_open and (not kinds or task.kind in kinds) else task for task in self.tasks
            )
        )

    def entering(self, state: StrEnum, at: datetime, reason: str | None = None) -> Self:
        """The case in another stage: what was waited for is not waited for any longer."""
        return self.voiding(at).but(state=state, reason=reason, entered_at=at, deadlines=(), visit=self.visit + 1)

    def until(self, name: str, at: datetime) -> Self:
        """The case with a deadline, in place of one of the same name."""
        return self.but(deadlines=(*(each for each in self.deadlines if each.name != name), Deadline(name=name, at=at)))

    def days_after(self, at: datetime, days: int) -> datetime:
        """The same time of day, so many calendar days on."""
        return self.provider_days.same_time_days_later(at, days)


def _is_for(task: HumanTask, kind: str, act: Act) -> bool:
    who = act.entitled
    return task.is_open and task.kind == kind and (task.person == who.person if task.person is not None else task.role is act.role)


def _decided(task: HumanTask, act: Act) -> HumanTask:
    by = {"decided_by": act.by.person, "on_behalf_of": act.acting_for.person if act.acting_for is not None else None}
    return task.model_copy(update={"state": TaskState.DECIDED, "closed_at": act.at, "nudges": (), **by})


Handler = Callable[[Any, Any, Act], Any]
"""(case, action, act) → the case after it. Raises a refusal of `domain/errors.py`."""


class Machine(NamedTuple):
    """How cases of one kind go on: their table, what each action does, what each stage waits for, what each deadline brings."""

    table: Sequence[Transition]
    parse: Callable[[Any], Action]
    handlers: Mapping[str, Handler]
    stages: Mapping[StrEnum, Callable[[Any, datetime], Any]]
    deadlines: Mapping[str, Callable[[Any, datetime], Any]]
    may_act: Callable[[Any, Action, Act], None]


class Step(NamedTuple):
    """A case after something happened to it. `action` and `act` say what; a lapse of time has no act."""

    case: Any
    action: str
    before: Any
    at: datetime
    act: Act | None = None
    told: tuple[Told, ...] = ()
    document_hash: str | None = None


def judge(machine: Machine, case: Any, submission: Submission, now: datetime) -> tuple[Answer, list[Step]]:
    """Carry a deed out.

    It counts at the instant it reached us, so that nobody loses a decision to an outage of ours; deadlines that had
    passed by then come first.

    Returns:
        The answer, and the steps to write down; no step where the same deed was done before.

    Raises:
        Conflict: not in this state, on another document than the present one, or decided otherwise before.
        Forbidden: the person may not do that.
        BadInput: the action itself is wrong.
    """
    if (known := case.answers.get(submission.key)) is not None:
        if known[0] != submission.fingerprint:
            raise Conflict("ALREADY_DECIDED", f"{submission.key} was used for another decision; it stays as it was decided first")
        return known[1], []
    at = max(min(submission.received_at or now, now), case.last_at)
    steps = advance(machine, case, at - _AN_INSTANT, nudging=False)
    before = steps[-1].case if steps else case
    action = machine.parse(submission.action)
    row = transition(machine.table, before.state, action.action)
    if row is None or not row.roles:
        options = allowed(machine.table, before.state)
        message = f"{action.action} cannot be done in {before.state}; allowed: {', '.join(options) or 'nothing'}"
        raise Conflict("INVALID_TRANSITION", message, options)
    act = _capacity(machine, before, action, (row, submission, at))
    after = _entered(machine, before, machine.handlers[action.action](before, action, act), at)
    assert after.state in row.to, f"{action.action} led from {before.state} to {after.state}"
    after = after.but(revision=before.revision + 1, last_at=at)
    answer = answer_of(after)
    kept = dict(list(after.answers.items())[1 - ANSWERS_KEPT :]) | {submission.key: (submission.fingerprint, answer)}
    steps.append(Step(after.but(answers=kept), action.action, before, at, act, (), getattr(action, "document_hash", None)))
    return answer, steps


def advance(machine: Machine, case: Any, now: datetime, *, nudging: bool = True) -> list[Step]:
    """What time brings up to an instant: lapses at the instants they were due, then reminders and escalations."""
    steps: list[Step] = []
    while case.deadlines and (first := min(case.deadlines, key=lambda each: each.at)).at <= now:
        at = max(first.at, case.last_at)
        left = case.but(deadlines=tuple(each for each in case.deadlines if each is not first))
        after = _entered(machine, left, machine.deadlines[first.name](left, at), at)
        after = after.but(revision=case.revision + 1, last_at=at)
        steps.append(Step(after, first.name, case, at))
        case = after
    if nudging:
        nudged = [nudge(task, case.provider_days, now) for task in case.tasks]
        told = tuple(each for _, tellings in nudged for each in tellings)
        if told:
            after = case.but(tasks=tuple(task for task, _ in nudged), revision=case.revision + 1)
            steps.append(Step(after, "nudge", case, now, None, told))
    return steps


def next_instant(case: Case) -> datetime | None:
    """When time brings something next."""
    instants = [each.at for each in case.deadlines]
    if (nudged := next_nudge(case.tasks)) is not None:
        instants.append(nudged)
    return min(instants, default=None)


def answer_of(case: Any) -> Answer:
    """Where a case stands, as it is told to those who act."""
    waiting = tuple(sorted({task.role.value for task in case.open_tasks}))
    return Answer(case_id=case.case_id, state=case.state.value, reason=case.reason, revision=case.revision, waiting_for=waiting)


def _entered(machine: Machine, before: Any, after: Any, at: datetime) -> Any:
    """A stage that was just entered opens its tasks."""
    if after.visit == before.visit or after.state not in machine.stages:
        return after
    return machine.stages[after.state](after, at)


def _capacity(machine: Machine, case: Any, action: Action, said: tuple[Transition, Submission, datetime]) -> Act:
    """The role somebody acts in: the first, of their own and then of those they stand in for, in which they may.

    Raises:
        Forbidden: there is none, or the stage's own reason.
        BadInput: SEPARATION_OF_DUTIES.
    """
    row, submission, at = said
    by, first_refusal = submission.by, None
    roles = row.roles if submission.acting_as is None else row.roles & {submission.acting_as}
    for who in (by, *by.deputises):
        if submission.acting_for is not None and who.person != submission.acting_for:
            continue
        for role in sorted(roles & set(who.roles), key=list(Role).index):
            act = Act(by, role, at, who if who is not by else None)
            try:
                machine.may_act(case, action, act)
            except ServandaError as refusal:
                first_refusal = first_refusal or refusal
            else:
                return act
    wanted = ", ".join(sorted(role.value for role in row.roles))
    raise first_refusal or Forbidden(f"{row.action} is done by {wanted}; {by.person} is {', '.join(role.value for role in by.roles)}")
