"""Cases of any kind: a state, the people waited for, and time.

A case is a value; every deed and every lapse of time gives a new one (`domain/case_machine.py`), with what has to be told
and written down.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AwareDatetime, Field

from domain.actors import Act, Actor
from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar, calendar_of
from domain.canonical import digest_of
from domain.effects import CreditNote, Said
from domain.errors import Conflict
from domain.human_tasks import Assignment, HumanTask, TaskState, open_dated_task, open_task
from domain.people import Role
from domain.timer_policy import TimerPolicy
from domain.values import Document, Message


class Action(Document):
    """Something a person does to a case; `action` names the row of the table."""

    action: str


class Submission(Message):
    """An action as a person sent it. The same key again is the same deed. `received_at` is when it first reached us.

    `sent` is what the person sent, where we added to it what we know: that may be another the next time, the deed is the
    same. Who has several roles, or stands in for several people, may say which is meant.
    """

    key: str
    action: Mapping[str, Any]
    sent: Annotated[str | None, Field(description="canonical JSON, hashed")] = None
    by: Actor
    acting_as: Role | None = None
    acting_for: str | None = None
    received_at: AwareDatetime | None = None

    @property
    def update_id(self) -> str:
        """The id the engine knows the deed by. Another deed under the same key gets there too, to be refused."""
        return f"{self.by.person}:{self.key}:{self.fingerprint[:16]}"

    @property
    def fingerprint(self) -> str:
        """What makes it the same deed: who does what."""
        return digest_of([self.by.person, self.sent or self.action])


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
    phrase: str | None = None
    values: Mapping[str, Said] = {}


class Listing(NamedTuple):
    """How lists show a case: its kind, whose it is, what the CRM calls it where the CRM asked for it, and the agreement it is about."""

    kind: str
    customer: str
    party: str | None
    agent: str | None
    registry_nos: tuple[str, ...]
    crm_case: str | None
    agreement: str | None = None


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

    @property
    def said_of(self) -> Mapping[str, Said]:
        """What every phrase about it may name."""
        return {"case": self.case_id, "customer": self.listing.customer}

    @property
    def bills(self) -> tuple[CreditNote, ...]:
        """What billing is told, in its order."""
        return ()

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

    def telling(self, *recipients: str, subject: str, body: str, phrase: str, **values: Said) -> Self:
        """The case, with something to tell: in English, and as a phrase with what fills it beside what `said_of` has."""
        news = CaseNews(recipients=recipients, subject=subject, body=body, phrase=phrase, values={**self.said_of, **values})
        return self.but(untold=(*self.untold, news))

    # ---- tasks and stages -------------------------------------------------------------------------------------------

    def asking(self, kind: str, at: datetime, *whom: Assignment) -> Self:
        """The case with a task opened for each; one that is open already stays as it is."""
        tasks = list(self.tasks)
        for each in whom:
            name = f"{kind}:{self.visit}:{each.person or each.role.value}"
            if any(task.task == name and task.is_open for task in tasks):
                continue
            tasks.append(open_task(_numbered(name, tasks), kind, each, (self.policy.of(kind), self.provider_days, at)))
        return self.but(tasks=tuple(tasks))

    def asking_by(self, kind: str, due: datetime, at: datetime, whom: Assignment, name: str | None = None) -> Self:
        """The case with a task opened that is due at a given instant; `name` tells several of one kind apart."""
        task = _numbered(f"{kind}:{self.visit}:{name or whom.person or whom.role.value}", self.tasks)
        return self.but(tasks=(*self.tasks, open_dated_task(task, kind, whom, (self.policy.of_dated(kind), self.provider_days, at), due)))

    def closing_task(self, name: str, act: Act) -> Self:
        """The case with the task of this name decided, whoever does so."""
        return self.but(tasks=tuple(_decided(task, act) if task.task == name and task.is_open else task for task in self.tasks))

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


def _numbered(name: str, tasks: Sequence[HumanTask]) -> str:
    """A name no task has: one that is asked again in the same visit is numbered."""
    again = sum(task.task == name or task.task.startswith(f"{name}#") for task in tasks)
    return f"{name}#{again + 1}" if again else name


def _is_for(task: HumanTask, kind: str, act: Act) -> bool:
    who = act.entitled
    if not task.is_open or task.kind != kind:
        return False
    if task.person is not None:
        return task.person == who.person
    return (task.role, task.side, task.party) == (act.role, who.side, who.party)


def _decided(task: HumanTask, act: Act) -> HumanTask:
    by = {"decided_by": act.by.person, "on_behalf_of": act.on_behalf_of}
    return task.model_copy(update={"state": TaskState.DECIDED, "closed_at": act.at, "nudges": (), **by})
