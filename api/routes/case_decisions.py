"""One address for each decision: the body is what it decides, the header `Idempotency-Key` makes a repeated one count once."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel

from api.case_bodies import BODIES, hash_of_body
from api.case_desk import Received
from api.dependencies import TheParts
from api.people import ThePerson
from api.routes.cases import TheCase
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
    waiting_for: list[str] = []

    @classmethod
    def of(cls, answer: Answer | Received) -> "AnswerView":
        """The answer as it is shown."""
        if isinstance(answer, Received):
            return cls(outcome="RECEIVED", case_id=answer.case_id)
        return cls(outcome="JUDGED", case_id=answer.case_id, state=answer.state, reason=answer.reason, waiting_for=list(answer.waiting_for))


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
        if row.kind != "AGREEMENT":
            raise NotFound(f"there is no agreement case {row.case_id}")
        case = AgreementCase.model_validate(row.document)
        action: dict[str, Any] = await parts.enricher.action(name, body, someone, case)
        said = Submission(
            key=idempotency_key,
            action=action,
            by=someone.actor,
            acting_as=acting_as,
            acting_for=acting_for,
            body_hash=hash_of_body(body),
        )
        return await answered(parts, row, said, response)

    decide.__doc__ = body_type.__doc__
    decide.__name__ = name
    return decide


async def answered(parts: TheParts, row: TheCase, said: Submission, response: Response) -> AnswerView:
    """Take a deed to its case; 202 where it could only be received."""
    answer = await parts.desk.act(row, said)
    if isinstance(answer, Received):
        response.status_code = 202
        if parts.case_forwarder is not None:
            parts.case_forwarder.nudge()
    return AnswerView.of(answer)


for _name, _body in BODIES.items():
    router.add_api_route(
        f"/cases/{{case_id}}/{_name}",
        _route(_name, _body),
        methods=["POST"],
        response_model=AnswerView,
        summary=_name.replace("_", " ").capitalize(),
        responses={202: {"description": "received, not yet judged"}},
    )
