"""OLAs and UCs on their way to the registry: opened by the supply manager, decided on by team or supplier."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.case_bodies import body_of
from api.dependencies import TheParts
from api.people import TheInsider, ThePerson
from api.routes.case_decisions import ActingAs, ActingFor, AnswerView, IdempotencyKey, answered
from api.routes.cases import TheCase
from domain.case_telling import record_of
from domain.cases import Submission
from domain.catalogue import PartnerKind
from domain.errors import BadInput, Forbidden, NotFound
from domain.people import Role
from domain.support_case import SUPPORT_BY_NAME, SupportCase

router = APIRouter(tags=["supports"])


class NeedBody(BaseModel):
    """Whose support is needed."""

    partner: Annotated[str, Field(min_length=1, max_length=200, description="team or supplier of the catalogue")]


class OpenedView(BaseModel):
    """The support case that was opened."""

    case_id: str


@router.post("/support-cases", status_code=201)
async def need_support(body: NeedBody, parts: TheParts, someone: TheInsider, idempotency_key: IdempotencyKey) -> OpenedView:
    """Open a support case with a team or supplier; the same key opens it once."""
    if not someone.has(Role.SUPPLY_MANAGER):
        raise Forbidden("the supply manager sets up supports")
    partner = next((each for each in someone.catalogue.partners if each.partner == body.partner), None)
    if partner is None:
        raise BadInput(f"partner: there is no team or supplier {body.partner!r}")
    now = parts.now()
    case = SupportCase(
        case_id=f"support-{uuid4().hex[:16]}",
        calendar=someone.catalogue.calendar,
        policy=parts.policy,
        entered_at=now,
        last_at=now,
        partner=partner.partner,
        partner_rep=partner.representative,
        supplier=partner.partner if partner.kind is PartnerKind.SUPPLIER else None,
        asked_by=someone.actor.person,
    )
    opened = await parts.intake.open_support(record_of(case), f"people {someone.actor.person}", idempotency_key)
    if parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    return OpenedView(case_id=opened.case_id)


def _route(name: str, body_type: type[BaseModel]) -> Callable[..., Awaitable[AnswerView]]:
    async def decide(
        body: body_type,  # type: ignore[valid-type]
        row: TheCase,
        parts: TheParts,
        someone: ThePerson,
        response: Response,
        idempotency_key: IdempotencyKey,
        acting_as: ActingAs = None,
        acting_for: ActingFor = None,
    ) -> AnswerView:
        if row.kind != "SUPPORT":
            raise NotFound(f"there is no support case {row.case_id}")
        action = {"action": name, **body.model_dump(mode="json", exclude_unset=True)}  # type: ignore[attr-defined]
        said = Submission(key=idempotency_key, action=action, by=someone.actor, acting_as=acting_as, acting_for=acting_for)
        return await answered(parts, row, said, response)

    decide.__doc__ = body_type.__doc__
    decide.__name__ = name
    return decide


for _name, _action in SUPPORT_BY_NAME.items():
    router.add_api_route(
        f"/support-cases/{{case_id}}/{_name}",
        _route(_name, body_of(_action)),
        methods=["POST"],
        response_model=AnswerView,
        summary=_name.replace("_", " ").capitalize(),
        responses={202: {"description": "received, not yet judged"}},
    )
