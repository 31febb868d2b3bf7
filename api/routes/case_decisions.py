"""One address for each decision: the body is what it decides, the header `Idempotency-Key` makes a repeated one count once."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from api.case_desk import Received
from api.decisions import DECISIONS, Decision, Signed, decide
from api.dependencies import TheParts
from api.people import ThePerson
from api.routes.cases import TheCase
from domain.cases import Answer
from domain.people import Role

router = APIRouter(tags=["decisions"])

IdempotencyKey = Annotated[
    str, Header(min_length=1, max_length=150, description="sent again with the same key, the decision counts once and is answered alike")
]
ActingAs = Annotated[Role | None, Query(description="which of one's roles is meant")]
ActingFor = Annotated[str | None, Query(description="whom one stands in for")]


class AnswerView(BaseModel):
    """What became of a decision: JUDGED with where the case stands then, or RECEIVED and judged as soon as a worker is back."""

    outcome: str
    case_id: str
    state: str | None = None
    reason: str | None = None
    revision: Annotated[int | None, Field(description="a case that shows this number, or a later one, shows what was decided")] = None
    waiting_for: list[str] = []

    @classmethod
    def of(cls, answer: Answer | Received) -> "AnswerView":
        """The answer as it is shown."""
        if isinstance(answer, Received):
            return cls(outcome="RECEIVED", case_id=answer.case_id)
        return cls(outcome="JUDGED", **answer.model_dump())


def add_decision(routes: APIRouter, address: str, decision: Decision) -> None:
    """Add the address of one decision on cases of a kind."""
    body_type = decision.body

    async def take(
        body: body_type,  # type: ignore[valid-type]
        row: TheCase,
        parts: TheParts,
        someone: ThePerson,
        response: Response,
        idempotency_key: IdempotencyKey,
        acting_as: ActingAs = None,
        acting_for: ActingFor = None,
    ) -> AnswerView:
        answer = await decide(decision, row, body, Signed(someone, idempotency_key, acting_as, acting_for), parts)
        if isinstance(answer, Received):
            response.status_code = 202
        return AnswerView.of(answer)

    take.__doc__ = body_type.__doc__
    take.__name__ = decision.action
    routes.add_api_route(
        f"{address}/{decision.action}",
        take,
        methods=["POST"],
        response_model=AnswerView,
        summary=decision.action.replace("_", " ").capitalize(),
        responses={202: {"description": "received, not yet judged"}},
    )


for _kind, _decisions in DECISIONS.items():
    for _decision in _decisions.values():
        add_decision(router, "/support-cases/{case_id}" if _kind == "SUPPORT" else "/cases/{case_id}", _decision)
