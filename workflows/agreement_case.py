"""The process of one agreement, from the customer's wish to the registry: each stage of its life is one method below `run`."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.agreement_machine import AGREEMENT, begin, not_registered, register
    from domain.amendment import outcome_of
    from domain.case_messages import AgreementOrder, CaseOrder, CaseResult, CaseStanding, Registration
    from domain.cases import Answer, Submission
    from domain.documents import content_of
    from domain.lifecycle import CASE_ENDS
    from domain.lifecycle import AgreementState as S

from workflows.case_process import CaseProcess
from workflows.effects import register as register_agreement
from workflows.effects import start_agreement, tell_follow_up


@workflow.defn(name="AgreementCase")
class AgreementCase:
    """Waits for people, for weeks if need be. What they may do, and what it leads to, is judged by `domain/agreement_machine.py`."""

    @workflow.init
    def __init__(self, order: CaseOrder) -> None:
        """Take over what the last run, or the inbox, knows."""
        self._process = CaseProcess(AGREEMENT, order)
        if order.case.state is S.REQUESTED:
            self._process.take([begin(order.case)])

    @workflow.run
    async def run(self, order: CaseOrder) -> CaseResult:
        """From the CRM's request to the registry, or to an end on the way."""
        del order  # taken in __init__, because a decision may come before run; not kept a second time
        stages = {
            S.AGENT_SELECTION: self._choose_the_agent,
            S.REQUIREMENTS: self._capture_requirements,
            S.FEASIBILITY: self._decide_feasibility,
            S.PIPELINE_WAIT: self._wait_for_a_new_service,
            S.REQUIREMENTS_APPROVAL: self._approve_requirements,
            S.PRICING: self._price,
            S.NEGOTIATION: self._negotiate,
            S.UNDERPINNING: self._set_up_supports,
            S.DRAFT_DISCUSSION: self._discuss_the_final_version,
            S.FINAL_REVIEW: self._review_the_final_draft,
            S.SIGNING: self._sign_and_register,
        }
        if self._process.case.state is S.REGISTERED:
            await self._start_agreements()  # in an engine that was made anew: the registry knows the case already
        while (state := self._process.case.state) not in CASE_ENDS:
            await stages[state]()
            if self._process.is_long:
                workflow.continue_as_new(CaseOrder(**self._process.carried))
        await self._process.wait((), until=lambda: True)
        await self._process.deliver_all()
        case = self._process.case
        if (news := outcome_of(case)) is not None:
            await tell_follow_up(news)
        return CaseResult(state=case.state.value, reason=case.reason, registry_nos=case.registry_nos)

    @workflow.update
    def act(self, submission: Submission) -> Answer:
        """Somebody decides something; the answer says where the case stands then."""
        answer, steps = self._process.judge(submission)
        self._process.take(steps)
        return answer

    @act.validator
    def _may_act(self, submission: Submission) -> None:
        """Refuse before anything is written down: wrong stage, person, document, or decided otherwise before."""
        self._process.judge(submission)

    @workflow.query
    def standing(self) -> CaseStanding:
        """How far the case and its deliveries are; for a look at it."""
        return self._process.standing()

    # ---- the stages, in their order ---------------------------------------------------------------------------------

    async def _choose_the_agent(self) -> None:
        """SLA team and CRM staff name the same person; after two disagreements the SLM manager appoints one."""
        await self._decided(S.AGENT_SELECTION, S.REQUIREMENTS, S.CANCELLED)

    async def _capture_requirements(self) -> None:
        """The agent contacts the customer and writes down, measurably, what it needs."""
        await self._decided(S.REQUIREMENTS, S.FEASIBILITY, S.CANCELLED)

    async def _decide_feasibility(self) -> None:
        """The agent gives a technical and a commercial verdict on every requirement; alternatives go back to the customer."""
        await self._decided(S.FEASIBILITY, S.REQUIREMENTS_APPROVAL, S.REQUIREMENTS, S.PIPELINE_WAIT, S.DECLINED, S.CANCELLED)

    async def _wait_for_a_new_service(self) -> None:
        """Service development accepts with a date or declines; the customer is asked whether it goes on waiting."""
        await self._decided(S.PIPELINE_WAIT, S.FEASIBILITY, S.CANCELLED)

    async def _approve_requirements(self) -> None:
        """The customer approves the final statement; rejected it goes back to the agent, silence lapses."""
        await self._decided(S.REQUIREMENTS_APPROVAL, S.PRICING, S.REQUIREMENTS, S.CANCELLED)

    async def _price(self) -> None:
        """SLA team and agent price the options; the pricing approver lets the offer out, below the floor with finance."""
        await self._decided(S.PRICING, S.NEGOTIATION, S.CANCELLED)

    async def _negotiate(self) -> None:
        """Customer, then CRM staff, accept the same options; a counter-offer or an expired offer is priced anew."""
        await self._decided(S.NEGOTIATION, S.UNDERPINNING, S.PRICING, S.REQUIREMENTS, S.DECLINED, S.CANCELLED)

    async def _set_up_supports(self) -> None:
        """The supply manager puts OLAs and UCs under every target until the alignment check passes."""
        await self._decided(S.UNDERPINNING, S.DRAFT_DISCUSSION, S.NEGOTIATION, S.CANCELLED)

    async def _discuss_the_final_version(self) -> None:
        """The SLA team sends it to all parties; with every receipt and no open comment it is frozen."""
        await self._decided(S.DRAFT_DISCUSSION, S.FINAL_REVIEW, S.UNDERPINNING, S.NEGOTIATION, S.REQUIREMENTS, S.CANCELLED)

    async def _review_the_final_draft(self) -> None:
        """All parties, the control tier among them, approve one hash; one rejection sends it back where its reason belongs."""
        await self._decided(S.FINAL_REVIEW, S.SIGNING, S.DRAFT_DISCUSSION, S.UNDERPINNING, S.NEGOTIATION, S.REQUIREMENTS, S.CANCELLED)

    async def _sign_and_register(self) -> None:
        """Every signatory of every party signs the issued hash; then the registry gives the numbers."""
        await self._decided(S.SIGNING, S.REGISTERED, S.DRAFT_DISCUSSION, S.NEGOTIATION, S.CANCELLED)
        if self._process.case.state is S.SIGNING and self._process.case.all_signed:
            await self._register()

    # ---- how a stage is waited for ----------------------------------------------------------------------------------

    async def _decided(self, stage: S, *leads_to: S) -> None:
        """Wait until the stage is left, or all that people have to do in it is done."""

        def is_left() -> bool:
            case = self._process.case
            return case.state is not stage or (stage is S.SIGNING and case.all_signed)

        await self._process.wait([state.value for state in leads_to], is_left)

    async def _register(self) -> None:
        try:
            numbers = await self._start_agreements()
        except ActivityError as failure:
            # Another agreement is in the way. People must end it; the signed one waits, and is tried again every day.
            self._process.take([not_registered(self._process.case, str(failure.cause), self._process.timer.now())])
            self._process.deliveries.start()
            await workflow.sleep(timedelta(days=1), summary="try the registry again")
            return
        self._process.take([register(self._process.case, numbers, self._process.timer.now())])

    async def _start_agreements(self) -> list[str]:
        """The registry's numbers, once for the case, and a process for each agreement."""
        case = self._process.case
        assert case.draft is not None
        assert case.frozen_hash is not None
        registration = Registration(
            case_id=case.case_id,
            documents=tuple(content_of(document) for document in case.draft.documents),
            document_hash=case.frozen_hash,
            supports={name: each.registry_no for name, each in case.supports.items() if each.registry_no is not None},
            amends={name: each.registry_no for name, each in case.amends.items()},
            signed_at=case.last_at,
            calendar=case.calendar,
            policy=case.policy,
        )
        registered = await register_agreement(registration)
        for each in registered:
            order = AgreementOrder(registered=each, crm_case=case.request.crm_case, time_shift=self._process.timer.shift)
            await start_agreement(order)
        return [each.registry_no for each in registered]
