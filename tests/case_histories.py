"""Stories of cases and agreements whose histories are kept: each plays its process to its end."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from domain.actors import actor_of
from domain.agreement_case import AgreementCase as Case
from domain.agreement_parts import Period
from domain.case_messages import AgreementOrder, Registered, SupportOrder
from domain.cases import Submission
from domain.closing import ClosedTarget, Closing, Due, Irregularity, Looked
from domain.documents import FinalDraft, hash_of
from domain.ending import WindingUp
from domain.in_force import Watched
from domain.lifecycle import AgreementState
from domain.results import Colour, Verdict
from domain.support_case import SupportCase as Support
from domain.support_case import SupportState
from domain.termination import TerminationNews, TerminationOrder
from domain.terms import AgreementKind
from tests.case_processes import CaseProcess
from tests.conftest import World
from tests.domain.case_stories import CATALOGUE, CaseStory, candidate, hashes_of, local, proposal
from tests.domain.drafts import story, support, with_target
from workflows.agreement import Agreement
from workflows.names import CASES_QUEUE, agreement_workflow_id, support_workflow_id
from workflows.processes import tell_agreement, tell_termination
from workflows.starting import start_support
from workflows.support_case import SupportCase

S = AgreementState
Handle = WorkflowHandle[Any, Any]
Story = Callable[[World], Awaitable[Handle]]


def entering(state: AgreementState, visit: int = 0) -> Case:
    """The bank's case as it gets into a state, without what is long: supports, closed tasks, all documents but the first."""
    story = CaseStory().play("bank-agreement")
    case: Case = [step.case for step in story.steps if step.case.state is state and step.before.state is not state][visit]
    draft = FinalDraft(documents=case.draft.documents[:1]) if case.draft is not None else None
    case = case.but(draft=draft, supports={}, alignment=(), decisions=(), tasks=case.open_tasks, answers={})
    return case.but(frozen_hash=case.draft_hash if case.frozen_hash is not None else None)


# ---- agreement cases ------------------------------------------------------------------------------------------------


async def bank_agreement_registered(world: World) -> Handle:
    """From the final review on; what comes before is in the other stories."""
    case = entering(S.FINAL_REVIEW, -1)
    process = await CaseProcess.go_on(world, case)
    for deed in story():
        if deed.at > case.last_at:
            await process.act(deed.person, deed.action, deed.at, **deed.filled(hashes_of(case)))
    return process.handle


async def rejected_in_review_and_lapsed(world: World) -> Handle:
    case = entering(S.FINAL_REVIEW)
    process = await CaseProcess.go_on(world, case)
    why = {"reason_code": "REQUIREMENT_GAP", "reason": "the branch in Sejny is missing"}
    await process.act("B1", "reject_draft", document_hash=case.frozen_hash, **why)
    at = case.last_at + timedelta(hours=1)
    await process.act("A1", "requirements_complete", at)
    statement = {"text": "All as before, with Sejny.", "version": case.requirements_version + 1}
    await process.act("A1", "feasibility_done", statement=statement)
    await process.until(at + timedelta(days=40))
    return process.handle


async def offer_expired_twice(world: World) -> Handle:
    case = entering(S.NEGOTIATION)
    process = await CaseProcess.go_on(world, case)
    await process.until(case.last_at + timedelta(days=31))
    await process.act("L1", "set_prices", proposal=proposal("95", "88"))
    await process.act("P1", "approve_price", document_hash=(await process.hashes())["$proposal"])
    await process.until(case.last_at + timedelta(days=62))
    return process.handle


async def withdrawn(world: World) -> Handle:
    process = await CaseProcess.start(world)
    await process.act("L1", "nominate_agent", "2026-01-12T14:00", agent=candidate("A1"))
    await process.act("C1", "withdraw", "2026-01-14T10:00", reason="The customer has changed its mind.")
    return process.handle


async def waited_for_a_new_service(world: World) -> Handle:
    case = entering(S.FEASIBILITY)
    assert case.requirements is not None
    unmatched = [each.model_copy(update={"service": None}) for each in case.requirements.requirements]
    case = case.but(requirements=case.requirements.model_copy(update={"requirements": unmatched}))
    process = await CaseProcess.go_on(world, case)
    await process.act("A1", "need_new_service", description="shredding")
    await process.act("V1", "pipeline_answered", case.last_at + timedelta(hours=2), accepted=True, ready_on="2026-06-01")
    await process.until(case.last_at + timedelta(days=31))
    await process.act("B1", "answer_waiting", waits_on=True)
    await process.act("V1", "pipeline_ready", case.last_at + timedelta(days=33), service="SHRED")
    await process.act("C1", "withdraw", reason="The customer has it from elsewhere.")
    return process.handle


async def continued_as_new(world: World) -> Handle:
    process = await CaseProcess.start(world)
    await process.act("L1", "nominate_agent", "2026-01-12T14:00", agent=candidate("A1"))
    await process.act("C1", "confirm_agent", "2026-01-13T10:00", agent=candidate("A1"))
    for hour in range(8, 16):
        await process.act("A1", "log_contact", f"2026-01-14T{hour:02}:30", channel="call", persons=["B1"], note=f"Talk at {hour}.")
        await process.quiet()
    await process.until("2026-02-20T10:00")
    await process.act("C1", "withdraw", reason="The customer does not answer.")
    return process.handle


AGREEMENT_CASES: tuple[Story, ...] = (
    bank_agreement_registered,
    rejected_in_review_and_lapsed,
    offer_expired_twice,
    withdrawn,
    waited_for_a_new_service,
    continued_as_new,
)


# ---- supports -------------------------------------------------------------------------------------------------------


async def accepted_after_a_counter_proposal(world: World) -> Handle:
    at = local("2026-02-16T12:00")
    case = Support(
        case_id=f"support-{uuid4().hex[:12]}",
        calendar=CATALOGUE.calendar,
        state=SupportState.NEEDED,
        entered_at=at,
        last_at=at,
        partner="Field service Warsaw",
        partner_rep="O2",
        asked_by="S1",
    )
    await start_support(world.client, SupportOrder(case=case, time_shift=datetime.now(UTC) - at))
    handle = world.client.get_workflow_handle_for(SupportCase.run, support_workflow_id(case.case_id))

    async def act(person: str, action: str, **fields: Any) -> None:
        said = Submission(
            key=f"{person}-{action}-{uuid4().hex[:4]}", action={"action": action, **fields}, by=actor_of(CATALOGUE, person, at.date())
        )
        await handle.execute_update(SupportCase.act, said, id=said.key)

    first, second = with_target(support("field-warsaw"), limit="2h"), support("field-warsaw")
    await act("S1", "propose_support", document=first.model_dump(mode="json", exclude_defaults=True))
    await act("O2", "reject_support", document_hash=hash_of(first), reason="two hours need two more technicians")
    await world.engine.fast_forward(handle, timedelta(days=12))
    await act("S1", "propose_support", document=second.model_dump(mode="json", exclude_defaults=True))
    await act("O2", "accept_support", document_hash=hash_of(second))
    await act("O2", "sign_support", document_hash=hash_of(second), method="INTERNAL_SIGN_OFF")
    await act("S1", "sign_support", document_hash=hash_of(second), method="INTERNAL_SIGN_OFF")
    return handle


SUPPORT_CASES: tuple[Story, ...] = (accepted_after_a_counter_proposal,)


# ---- agreements -----------------------------------------------------------------------------------------------------


async def in_force_and_expired(world: World) -> Handle:
    registered = Registered(
        registry_no="SLA/2026/0341",
        customer="Bank Narew S.A.",
        effective_from=local("2026-03-16T00:00").date(),
        effective_until=local("2026-06-16T00:00").date(),
        time_zone="Europe/Warsaw",
    )
    order = AgreementOrder(registered=registered, crm_case="CRM-000341", time_shift=datetime.now(UTC) - local("2026-03-06T10:45"))
    handle = await world.client.start_workflow(
        Agreement.run, order, id=agreement_workflow_id(registered.registry_no), task_queue=CASES_QUEUE
    )
    await world.engine.fast_forward(handle, timedelta(days=120))
    return handle


async def watched_for_two_months(world: World) -> Handle:
    watched = Watched(kind=AgreementKind.CUSTOMER_SLA, periods=(Period.MONTH,), targets=("response",), calendar=CATALOGUE.calendar)
    registered = Registered(
        registry_no="SLA/2026/0342",
        customer="Bank Narew S.A.",
        effective_from=local("2026-03-16T00:00").date(),
        effective_until=local("2026-05-01T00:00").date(),
        time_zone="Europe/Warsaw",
        watched=watched,
    )
    missed = ClosedTarget(
        target="response", promised="95 %", achieved="92.5 %", verdict=Verdict.MISSED, colour=Colour.RED, chronic=True, may_be_ended=True
    )
    fields = {"registry_no": registered.registry_no, "customer": registered.customer, "kind": AgreementKind.CUSTOMER_SLA, "version": 1}
    months = (("2026-03", "2026-03-16", "2026-04-01"), ("2026-04", "2026-04-01", "2026-05-01"))
    for period, began, ended in months:
        spent = {"period": period, "began": local(f"{began}T00:00"), "ended": local(f"{ended}T00:00")}
        due = (Due(target="response", amount=Decimal(540), currency="PLN", why=("5 % of 10800",)),)
        world.periods.closings[period] = Closing.model_validate({**fields, **spent, "targets": (missed,), "due": due})
    world.periods.seen["2026-04-09"] = Looked(irregular=(Irregularity(kind="BURN_RATE", target="response", why="too fast"),))
    order = AgreementOrder(registered=registered, crm_case="CRM-000342", time_shift=datetime.now(UTC) - local("2026-03-15T10:45"))
    handle = await world.client.start_workflow(
        Agreement.run, order, id=agreement_workflow_id(registered.registry_no), task_queue=CASES_QUEUE
    )
    await tell_agreement(world.client, registered.registry_no, "2026-03")
    await world.engine.fast_forward(handle, timedelta(days=52))
    return handle


async def ended_by_the_crm(world: World) -> Handle:
    """Ordered, revoked, ordered again for another instant; the CRM is away when it comes."""
    watched = Watched(kind=AgreementKind.CUSTOMER_SLA, periods=(Period.MONTH,), targets=("response",), calendar=CATALOGUE.calendar)
    registered = Registered(
        registry_no="SLA/2026/0343",
        customer="Bank Narew S.A.",
        effective_from=local("2026-10-01T00:00").date(),
        effective_until=None,
        time_zone="Europe/Warsaw",
        watched=watched,
    )
    world.terminations.tickets = ["crm/B"]
    world.terminations.found = WindingUp(calendar=CATALOGUE.calendar, supports=("UC/2026/0343",))
    order = AgreementOrder(registered=registered, time_shift=datetime.now(UTC) - local("2026-10-05T10:00"))
    handle = await world.client.start_workflow(
        Agreement.run, order, id=agreement_workflow_id(registered.registry_no), task_queue=CASES_QUEUE
    )
    first, second = (termination(registered.registry_no, name, at) for name, at in (("A", "2026-11-01T00:00"), ("B", "2026-10-08T07:00")))
    at = local("2026-10-05T10:00")
    for news in (
        TerminationNews(key="A", standing=first, at=at),
        TerminationNews(key="C", standing=None, dropped=(first,), at=at, reason="it stays"),
        TerminationNews(key="B", standing=second, at=at),
    ):
        await tell_termination(world.client, registered.registry_no, news)
    await world.engine.fast_forward(handle, timedelta(days=2, hours=20))
    world.crm.is_down = True
    await world.engine.fast_forward(handle, timedelta(days=1))
    world.crm.is_down = False
    await world.engine.fast_forward(handle, timedelta(hours=1))
    return handle


def termination(number: str, name: str, effective: str) -> TerminationOrder:
    """An order of the CRM of 5 October."""
    at = local("2026-10-05T10:00")
    fields = {"registry_no": number, "agreement": number.replace("/", "-"), "basis": "NOTICE", "legal_ref": "WYP/2026/77"}
    instants = {"ordered_at": at, "received_at": at, "effective_at": local(effective)}
    return TerminationOrder.model_validate({**fields, **instants, "order_id": f"order-{name}", "crm_case": name, "requested_by": "them"})


AGREEMENTS: tuple[Story, ...] = (in_force_and_expired, watched_for_two_months, ended_by_the_crm)
