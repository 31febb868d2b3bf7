"""One address for each decision: the body is what it decides, the header `Idempotency-Key` makes a repeated one count once."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import Row

from api.case_bodies import BODIES, sent_as
from api.case_desk import Received
from api.dependencies import Parts, TheParts
from api.people import ThePerson
from api.routes.cases import TheCase
from api.someone import Someone
from domain.agreement_case import AgreementCase
from domain.cases import Answer, Submission
from domain.errors import NotFound
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


Completed = Callable[[Parts, str, BaseModel, Someone, Row[Any]], Awaitable[dict[str, Any]]]
"""(parts, action, body, who, case) → the action that the case judges."""


def add_decision(routes: APIRouter, address: str, kind: str, named: tuple[str, type[BaseModel]], complete: Completed) -> None:
    """Add the address of one decision on cases of a kind; `complete` adds to a body what we know better than who sent it."""
    name, body_type = named

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
        if row.kind != kind:
            raise NotFound(f"{row.case_id} is another kind of case")
        action = await complete(parts, name, body, someone, row)
        said = Submission(
            key=idempotency_key, action=action, sent=sent_as(name, body), by=someone.actor, acting_as=acting_as, acting_for=acting_for
        )
        answer = await parts.desk.act(row, said)
        if isinstance(answer, Received):
            response.status_code = 202
            if parts.case_forwarder is not None:
                parts.case_forwarder.nudge()
        return AnswerView.of(answer)

    decide.__doc__ = body_type.__doc__
    decide.__name__ = name
    routes.add_api_route(
        f"{address}/{name}",
        decide,
        methods=["POST"],
        response_model=AnswerView,
        summary=name.replace("_", " ").capitalize(),
        responses={202: {"description": "received, not yet judged"}},
    )


async def as_sent(_: Parts, name: str, body: BaseModel, __: Someone, ___: Row[Any]) -> dict[str, Any]:
    """A body to which nothing is added."""
    return {"action": name, **body.model_dump(mode="json", exclude_unset=True)}


async def _enriched(parts: Parts, name: str, body: BaseModel, someone: Someone, row: Row[Any]) -> dict[str, Any]:
    return await parts.enricher.action(name, body, someone, AgreementCase.model_validate(row.document))


for _named in BODIES.items():
    add_decision(router, "/cases/{case_id}", "AGREEMENT", _named, _enriched)
