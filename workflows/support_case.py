"""The process of one OLA or UC: drafted, proposed, accepted, signed, registered."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.case_messages import AgreementOrder, CaseResult, CaseStanding, Registration, SupportOrder
    from domain.cases import Answer, Submission
    from domain.documents import content_of
    from domain.support_case import SUPPORT, SUPPORT_ENDS, need, register_support
    from domain.support_case import SupportState as S

from workflows.case_process import CaseProcess
from workflows.effects import register, start_agreement


@workflow.defn(name="SupportCase")
class SupportCase:
    """Waits for the supply manager, the team or supplier, and the signatories."""

    @workflow.init
    def __init__(self, order: SupportOrder) -> None:
        """Take over what the last run, or the supply manager, knows."""
        self._process = CaseProcess(SUPPORT, order)
        if order.case.state is S.NEEDED:
            self._process.take([need(order.case)])

    @workflow.run
    async def run(self, order: SupportOrder) -> CaseResult:
        """From the need to the registry, or withdrawn on the way."""
        del order  # taken in __init__, because a decision may come before run
        if self._process.case.state is S.REGISTERED:
            await self._start_agreement()  # in an engine that was made anew: the registry knows the case already
        while (state := self._process.case.state) not in SUPPORT_ENDS:
            if state is S.SIGNED:
                await self._register()
            else:
                await self._decided(state)
            if self._process.is_long:
                workflow.continue_as_new(SupportOrder(**self._process.carried))
        await self._process.wait((), until=lambda: True)
        await self._process.deliver_all()
        case = self._process.case
        return CaseResult(state=case.state.value, reason=case.reason, registry_nos=case.registry_nos)

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

    @workflow.query
    def standing(self) -> CaseStanding:
        """How far the case and its deliveries are; for a look at it."""
        return self._process.standing()

    async def _decided(self, state: S) -> None:
        """DRAFTED: the supply manager proposes. PROPOSED: the partner accepts or refuses. ACCEPTED: everybody signs."""
        leads_to = {S.DRAFTED: (S.PROPOSED,), S.PROPOSED: (S.ACCEPTED, S.DRAFTED), S.ACCEPTED: (S.SIGNED, S.PROPOSED)}[state]
        await self._process.wait([each.value for each in leads_to], lambda: self._process.case.state is not state)

    async def _register(self) -> None:
        numbers = await self._start_agreement()
        self._process.take([register_support(self._process.case, numbers, self._process.timer.now())])

    async def _start_agreement(self) -> list[str]:
        """The registry's number, once for the case; from then on it is an agreement like any other."""
        case = self._process.case
        assert case.document is not None
        assert case.document_hash is not None
        document, digest = content_of(case.document), case.document_hash
        registration = Registration(
            case_id=case.case_id,
            documents=(document,),
            amends={case.document.document: case.amends} if case.amends is not None else {},
            document_hash=digest,
            signed_at=case.last_at,
            calendar=case.calendar,
            policy=case.policy,
        )
        registered = await register(registration)
        for each in registered:
            await start_agreement(AgreementOrder(registered=each, time_shift=self._process.timer.shift))
        return [each.registry_no for each in registered]
