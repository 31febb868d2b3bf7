"""Stories of follow-ups whose histories are kept: each plays its process to its end."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from domain.actors import Actor, actor_of
from domain.agreement_parts import RenewalClause
from domain.case_messages import FollowUpOrder
from domain.cases import Submission
from domain.documents import hash_of
from domain.follow_ups.credit import Credit
from domain.follow_ups.follow_up import FollowUp as AnyCase
from domain.follow_ups.follow_up import News
from tests.case_histories import Handle, Story
from tests.conftest import World
from tests.domain.case_stories import CATALOGUE, local
from tests.domain.drafts import bank_draft, changed
from tests.domain.follow_up_stories import LAWYER, change, renewal, settlement, trigger
from workflows.follow_up import FollowUp
from workflows.starting import start_follow_up


async def followed_up(world: World, case: AnyCase, *others: Actor) -> tuple[Handle, Callable[..., Awaitable[None]]]:
    """A follow-up's process, and how people act in it."""
    await start_follow_up(world.client, FollowUpOrder.model_validate({"case": case, "time_shift": datetime.now(UTC) - case.entered_at}))
    handle = world.client.get_workflow_handle_for(FollowUp.run, case.case_id)

    async def act(person: str, action: str, **fields: Any) -> None:
        known = {each.person: each for each in others}
        by = known.get(person) or actor_of(CATALOGUE, person, case.entered_at.date())
        said = Submission(key=f"{person}-{action}", action={"action": action, **fields}, by=by)
        await handle.execute_update(FollowUp.act, said, id=said.key)

    return handle, act


async def credit_approved_and_disputed(world: World) -> Handle:
    at = local("2026-05-04T08:00")
    case = Credit(
        case_id=f"credit:SLA-2026-0001:response:{uuid4().hex[:6]}",
        calendar=CATALOGUE.calendar,
        entered_at=at,
        last_at=at,
        registry_no="SLA/2026/0001",
        customer="Bank Narew S.A.",
        about="response",
        period="2026-04",
        amount=Decimal(540),
        currency="PLN",
        why=("5 % of 10800",),
    )
    handle, act = await followed_up(world, case)
    await world.engine.fast_forward(handle, timedelta(days=6))
    news = News(name="redrafted", about=case.case_id, content={"amount": "500", "why": ["late facts"], "version": 2}, at=at)
    await handle.signal(FollowUp.news, news)
    await act("F1", "approve_credit", amount="500")
    await act("B1", "dispute_credit", reason="five more tickets were late")
    await act("F1", "resolve_credit", amount="540", reason="one of them was late indeed")
    return handle


async def small_change_registered(world: World) -> Handle:
    before, case = bank_draft().named("warsaw"), change("2026-07-20T09:00", "CONTACT_DATA", "2026-09-01")
    handle, act = await followed_up(world, case.but(case_id=f"{case.case_id}{uuid4().hex[:6]}"))
    edited = changed(before, title="Printers of Warsaw")
    texts = {"before": before.model_dump(mode="json"), "document": edited.model_dump(mode="json")}
    await world.engine.fast_forward(handle, timedelta(days=24))
    await act("L1", "edit_minor", note="the title is to say where", **texts)
    await act("C1", "acknowledge_change", document_hash=hash_of(edited))
    await act("B1", "acknowledge_change", document_hash=hash_of(edited))
    return handle


async def material_change_failed(world: World) -> Handle:
    case = change("2026-07-20T09:00", "WORKING_HOURS")
    case = case.but(case_id=f"{case.case_id}{uuid4().hex[:6]}")
    handle, act = await followed_up(world, case)
    await act("M1", "renegotiate")
    at = case.entered_at + timedelta(hours=1)
    await handle.signal(FollowUp.news, News(name="trigger", about=case.case_id, content=trigger("LAW").model_dump(mode="json"), at=at))
    await handle.signal(FollowUp.news, News(name="case_ended", about=case.case_id, content={"reason": "LAPSED"}, at=at))
    return handle


async def renewed_by_its_clause(world: World) -> Handle:
    case = renewal(clause=RenewalClause(automatic=True, months=12, notice_days=30))
    handle, act = await followed_up(world, case.but(case_id=f"{case.case_id}{uuid4().hex[:6]}"))
    await act("M1", "decide_renewal", decision="RENEW_AS_IS")
    await world.engine.fast_forward(handle, timedelta(days=90))
    return handle


async def renegotiated_before_its_end(world: World) -> Handle:
    case = renewal()
    handle, act = await followed_up(world, case.but(case_id=f"{case.case_id}{uuid4().hex[:6]}"))
    for person in ("M1", "C1", "B1"):
        await act(person, "decide_renewal", decision="RENEGOTIATE")
    return handle


async def settled_after_a_ruling(world: World) -> Handle:
    case = settlement("2026-10-14T11:00", basis="WITHDRAWAL")
    handle, act = await followed_up(world, case.but(case_id=f"{case.case_id}{uuid4().hex[:6]}"), LAWYER)
    at = case.entered_at + timedelta(hours=1)
    steps = {"steps": ["FINAL_REPORT", "CRM_CONFIRMATION"]}
    await handle.signal(FollowUp.news, News(name="steps_done", about=case.case_id, content=steps, at=at))
    await act("G1", "enter_ruling", ruling="what was measured up to the withdrawal counts")
    await act("F1", "settle_agreement", statement="nothing is owed any more")
    return handle


FOLLOW_UPS: tuple[Story, ...] = (
    credit_approved_and_disputed,
    small_change_registered,
    material_change_failed,
    renewed_by_its_clause,
    renegotiated_before_its_end,
    settled_after_a_ruling,
)
