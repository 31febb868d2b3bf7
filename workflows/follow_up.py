"""The process of one follow-up of an agreement in force: a review, a plan, a credit, a change, or another kind."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.case_messages import CaseResult, CaseStanding, FollowUpOrder
    from domain.cases import Answer, Submission
    from domain.follow_ups.follow_up import FollowUp as FollowUpCase
    from domain.follow_ups.follow_up import News
    from domain.follow_ups.kinds import KINDS, MACHINES, begin, has_ended, hear
    from domain.lifecycle import leads_on

from workflows.case_process import CaseProcess
from workflows.effects import open_follow_up, take_effect


@workflow.defn(name="FollowUp")
class FollowUp:
    """Waits for people, time and news; `domain/follow_ups/` says what each kind of case makes of them."""

    @workflow.init
    def __init__(self, order: FollowUpOrder) -> None:
        """Take over where the last run left off; a new one opens what it waits for."""
        self._kind = order.case.kind
        self._process = CaseProcess(MACHINES[self._kind], order)
        self._is_new = order.case.revision == 0
        if self._is_new:
            self._process.take([begin(order.case)])
        self._too_late: list[News] = []
        self._seen = self._at

    @workflow.run
    async def run(self, order: FollowUpOrder) -> CaseResult:
        """From the occasion to its end, state after state; then what was decided becomes fact."""
        del order  # taken in __init__, because a decision may come before run
        if self._is_new:
            await self._take_effect()
        while not has_ended(self._process.case):
            leads_to = sorted(leads_on(KINDS[self._kind].table, self._process.case.state))
            await self._process.wait(leads_to, lambda: self._at != self._seen)
            if self._at != self._seen and not has_ended(self._process.case):
                await self._take_effect()
            if self._process.is_long and not has_ended(self._process.case):
                workflow.continue_as_new(FollowUpOrder(**self._process.carried))
        await self._process.wait((), until=lambda: True)
        await self._process.deliver_all()
        await self._take_effect()
        case = await self._succeeded()
        return CaseResult(state=case.state.value, reason=case.reason, registry_nos=(case.registry_no,))

    async def _take_effect(self) -> None:
        """Where the case got to may be a fact for others."""
        self._seen = self._at
        if self._process.case.has_effect:
            if self._process.case.stated is not None:
                await self._process.written()  # figures are counted from what is written down
            await take_effect(self._process.case, self._process.timer.now())

    async def _succeeded(self) -> FollowUpCase:
        """Open what the case leads to, one after the other: what was heard too late for it is among them."""
        case: FollowUpCase = self._process.case
        opened = 0
        while True:
            while self._too_late:
                case = case.too_late(self._too_late.pop(0))
            if opened == len(case.successors):
                return case
            await open_follow_up(case.successors[opened], self._process.timer.shift)
            opened += 1

    @property
    def _at(self) -> tuple[object, bool, str | None]:
        """Where the case stands: a state, whether it is a fact for others by now, and what was stated."""
        return self._process.case.state, self._process.case.has_effect, self._process.case.stated

    @workflow.update
    def act(self, submission: Submission) -> Answer:
        """Somebody decides something; the answer says where the case stands then."""
        answer, steps = self._process.judge(submission)
        self._process.take(steps)
        return answer

    @act.validator
    def _may_act(self, submission: Submission) -> None:
        """Refuse before anything is written down."""
        self._process.judge(submission)

    @workflow.signal
    def news(self, news: News) -> None:
        """The agreement's process, or what became of an effect, has something to say."""
        if has_ended(self._process.case):
            self._too_late.append(news)
        self._process.take(hear(self._process.case, news))

    @workflow.query
    def standing(self) -> CaseStanding:
        """How far the case and its deliveries are; for a look at it."""
        return self._process.standing()
