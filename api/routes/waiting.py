"""Whom open cases wait for, and where they stand."""

from collections.abc import Mapping

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from api.case_views import HIDDEN_FROM_CUSTOMER
from api.dependencies import TheParts
from api.people import ThePerson
from api.someone import Someone
from domain.follow_ups.kinds import KINDS
from domain.lifecycle import CASE_ENDS
from domain.people import Side
from domain.support_case import SUPPORT_ENDS
from store.case_counts import StageCount, Whose, cases_by_stage, tasks_by_role

router = APIRouter(tags=["cases"])

_ENDS: Mapping[str, frozenset[str]] = {
    "AGREEMENT": frozenset(CASE_ENDS),
    "SUPPORT": frozenset(SUPPORT_ENDS),
    **{kind.value: frozenset(each.ends) for kind, each in KINDS.items()},
}


class RoleView(BaseModel):
    """How many open tasks wait for a role, since when, how many are overdue, and when the soonest is due."""

    role: str
    side: str
    tasks: int
    overdue: int
    since: AwareDatetime
    next_due_at: AwareDatetime


class StageView(BaseModel):
    """How many open cases of a kind stand in a state."""

    kind: str
    state: str
    cases: int


class WaitingView(BaseModel):
    """Open tasks by role, most overdue first, and open cases by kind and state."""

    roles: list[RoleView]
    stages: list[StageView]


@router.get("/waiting")
async def show_waiting(parts: TheParts, someone: ThePerson) -> WaitingView:
    """Whom open cases wait for, and where they stand; outside the provider, one's own side and cases only."""
    whose = _whose(someone)
    async with parts.database.reading() as connection:
        roles = await tasks_by_role(connection, whose, parts.now())
        stages = await cases_by_stage(connection, whose)
    return WaitingView(
        roles=[RoleView(**each._asdict()) for each in roles],
        stages=[StageView(**each._asdict()) for each in stages if _is_shown(each, someone)],
    )


def _whose(someone: Someone) -> Whose:
    actor = someone.actor
    if actor.side is Side.CUSTOMER:
        return Whose(actor.side.value, customer=actor.party)
    return Whose(actor.side.value, party=actor.party) if actor.side is Side.SUPPLIER else Whose()


def _is_shown(stage: StageCount, someone: Someone) -> bool:
    if stage.state in _ENDS[stage.kind]:
        return False
    if someone.actor.side is Side.CUSTOMER:
        return stage.kind in HIDDEN_FROM_CUSTOMER and stage.state not in HIDDEN_FROM_CUSTOMER[stage.kind]
    return someone.is_inside or stage.kind == "SUPPORT"
