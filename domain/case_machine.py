"""How cases go on: what may happen stands in a table, what a deed or a lapse of time leads to is carried out here.

Pure: the same functions answer the API, run in the process and are driven by the tests.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from domain.actors import Act
from domain.cases import Action, Answer, Case, Submission
from domain.errors import Conflict, Forbidden, ServandaError
from domain.human_tasks import Told, next_nudge, nudge
from domain.lifecycle import Transition, allowed, transition
from domain.people import Role

ANSWERS_KEPT = 200
"""How many answers a case remembers for a repeated question; more than any case has deeds in flight."""

AN_INSTANT = timedelta(microseconds=1)
"""What is done at the very instant it is due is done in time."""

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
    edits_the_issued: Callable[[Any, Action], bool] = lambda _case, _action: False


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
    steps = advance(machine, case, at - AN_INSTANT, nudging=False)
    before = steps[-1].case if steps else case
    action = machine.parse(submission.action)
    row = transition(machine.table, before.state, action.action)
    if row is None or not row.roles:
        options = allowed(machine.table, before.state)
        message = f"{action.action} cannot be done in {before.state}; allowed: {', '.join(options) or 'nothing'}"
        raise Conflict("ISSUED_IMMUTABLE" if machine.edits_the_issued(before, action) else "INVALID_TRANSITION", message, options)
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
