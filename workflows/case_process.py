"""What the processes of cases share: judging deeds, letting time pass, telling people, and showing administrators where it stands."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.case_machine import Machine, Step, advance, judge, next_instant
    from domain.case_messages import CaseOrder, CaseStanding, FollowUpOrder, SupportOrder
    from domain.case_telling import effects_of
    from domain.case_wording import case_table
    from domain.cases import Answer, Submission
    from domain.errors import BadInput, Conflict, Forbidden, ServandaError

from workflows.business_time import BusinessTimer
from workflows.deliveries import CaseDeliveries
from workflows.names import AGREEMENT_STATE, NEXT_DUE_AT, PENDING_ROLE

LONG_HISTORY = 1000
"""Events after which a run continues as new, long before the engine would ask for it."""

REFUSALS = {BadInput: "INVALID", Forbidden: "FORBIDDEN", Conflict: "CONFLICT"}
"""How the kinds of refusal travel to the API."""


class CaseProcess:
    """One case in a process: its state, its timer, and what it still has to deliver."""

    def __init__(self, machine: Machine, order: CaseOrder | SupportOrder | FollowUpOrder) -> None:
        """Take over where the last run, or the inbox, left off."""
        self.case: Any = order.case
        self.timer = BusinessTimer(order.time_shift)
        self.deliveries = CaseDeliveries(order.undelivered)
        self._machine = machine
        self._hear_first = order.hear_first
        self._has_news = True

    def take(self, steps: Sequence[Step]) -> None:
        """Go on to where the steps lead, and deliver what they bring about."""
        if steps:
            self.deliveries.add(effects_of(steps, workflow.info().workflow_id))
            self.case = steps[-1].case.but(untold=())
            self._has_news = True

    def judge(self, submission: Submission) -> tuple[Answer, list[Step]]:
        """What a deed leads to.

        Raises:
            ApplicationError: it is refused; type is the code, the details say the kind of refusal and what is allowed.
        """
        try:
            return judge(self._machine, self.case, submission, self.timer.now())
        except ServandaError as refusal:
            kind = next((kind for error, kind in REFUSALS.items() if isinstance(refusal, error)), "INVALID")
            allowed = list(getattr(refusal, "allowed", ()))
            raise ApplicationError(str(refusal), kind, allowed, type=refusal.code, non_retryable=True) from refusal
        except ValidationError as wrong:
            fault = wrong.errors()[0]
            message = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            raise ApplicationError(message, "INVALID", [], type="INVALID", non_retryable=True) from wrong

    async def wait(self, leads_to: Sequence[str], until: Callable[[], bool]) -> None:
        """Let people act and time pass until the condition holds, or a new run should begin."""
        while True:
            if self.timer.is_late_by(self._hear_first):
                # Nobody was at work when the timer ran out. Decisions that reached the inbox meanwhile are heard first:
                # nobody is reminded of what they have done, and nothing lapses that was decided in time.
                await workflow.sleep(self._hear_first, summary="hear what came in meanwhile")
            self.take(advance(self._machine, self.case, self.timer.now()))
            self._has_news = False
            self._show(leads_to)
            self.timer.set(next_instant(self.case), self._what_is_next())
            self.deliveries.start()  # last: see CaseDeliveries on the order in which things are started
            if until() or self.is_long:
                return
            await workflow.wait_condition(lambda: self._has_news or self.timer.fired or until() or self.is_long)

    @property
    def is_long(self) -> bool:
        """Should the next run begin? When nothing is on its way; yet a CRM that is away for days puts it off only for a while."""
        info = workflow.info()
        length = info.get_current_history_length()
        is_long = info.is_continue_as_new_suggested() or length > LONG_HISTORY
        return is_long and (self.deliveries.all_done or length > 2 * LONG_HISTORY)

    async def written(self) -> None:
        """Wait until everything so far is written down, whoever is still to be told."""
        await workflow.wait_condition(lambda: not self.deliveries.undelivered().records)

    async def deliver_all(self) -> None:
        """Wait until everybody knows."""
        self.deliveries.start()
        await workflow.wait_condition(lambda: self.deliveries.all_done)

    def standing(self) -> CaseStanding:
        """How far the case and its deliveries are."""
        left = self.deliveries.undelivered()
        return CaseStanding(
            state=self.case.state.value,
            revision=self.case.revision,
            unwritten=len(left.records),
            untold=len(left.notices),
            unknown_to_crm=len(left.crm_updates),
        )

    @property
    def carried(self) -> dict[str, Any]:
        """What the next run goes on with."""
        return {
            "case": self.case,
            "undelivered": self.deliveries.undelivered(),
            "time_shift": self.timer.shift,
            "hear_first": self._hear_first,
        }

    def _what_is_next(self) -> str:
        at = next_instant(self.case)
        names = [each.name for each in self.case.deadlines if each.at == at]
        kinds = [
            f"{task.nudges[0].kind.value.lower()} {task.kind}" for task in self.case.open_tasks if task.nudges and task.nudges[0].at == at
        ]
        return ", ".join([*names, *dict.fromkeys(kinds)])[:150]

    def _show(self, leads_to: Sequence[str]) -> None:
        """Show who is waited for, and write the search attributes that changed: each write costs."""
        workflow.set_current_details(case_table(self.case.tasks, leads_to, self.case.provider_days.zone))
        shown = workflow.info().typed_search_attributes
        changes: list[SearchAttributeUpdate[Any]] = []
        if shown.get(AGREEMENT_STATE) != self.case.state.value:
            changes.append(AGREEMENT_STATE.value_set(self.case.state.value))
        roles = sorted({task.role.value for task in self.case.open_tasks})
        if sorted(shown.get(PENDING_ROLE) or []) != roles:
            changes.append(PENDING_ROLE.value_set(roles) if roles else PENDING_ROLE.value_unset())
        due = min((task.due_at for task in self.case.open_tasks), default=None)
        if shown.get(NEXT_DUE_AT) != due:
            changes.append(NEXT_DUE_AT.value_set(due) if due is not None else NEXT_DUE_AT.value_unset())
        if changes:
            workflow.upsert_search_attributes(changes)
