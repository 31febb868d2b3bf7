"""Events from the CRM or help desk."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import APIRouter, Response
from pydantic import BaseModel, ValidationError

from api.dependencies import SignedBody, TheParts
from api.errors import InvalidEvents, faults_of
from api.inbox import Taken
from api.views import ReceiptView
from domain.case_requests import REQUESTED, AgreementRequested
from domain.cloud_events import CloudEvent

router = APIRouter(tags=["events"])

_E = TypeVar("_E", bound=BaseModel)

MAX_BATCH = 1000
_MAX_FAULTS = 20


class CaseReceiptView(BaseModel):
    """What became of a request for an agreement."""

    event_id: str
    case_id: str
    taken: Taken


class EventsAnswer(BaseModel):
    """What became of each event, in the order they were sent."""

    results: list[ReceiptView | CaseReceiptView]


@router.post(
    "/crm/events",
    status_code=202,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {"schema": {"$ref": "#/components/schemas/CloudEvent"}},
                "application/cloudevents-batch+json": {
                    "schema": {"type": "array", "maxItems": MAX_BATCH, "items": {"$ref": "#/components/schemas/CloudEvent"}}
                },
            },
        }
    },
)
async def take_events(body: SignedBody, parts: TheParts, response: Response) -> EventsAnswer:
    """Take one ticket event or request for an agreement, or a batch of ticket events, all or none; a repeated one changes nothing."""
    parsed = parse_body(body)
    if isinstance(parsed, AgreementRequested):
        return await _open_case(parsed, parts, response)
    receipts = await parts.inbox.accept(parsed)
    if parts.forwarder is not None:
        parts.forwarder.nudge()
    return EventsAnswer(results=[ReceiptView.of(receipt) for receipt in receipts])


async def _open_case(asked: AgreementRequested, parts: TheParts, response: Response) -> EventsAnswer:
    """Open the case; the same request again is answered 200 with the same case."""
    opened = await parts.intake.take(asked)
    if opened.is_new and parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    response.status_code = 202 if opened.is_new else 200
    taken = Taken.ACCEPTED if opened.is_new else Taken.DUPLICATE
    return EventsAnswer(results=[CaseReceiptView(event_id=asked.id, case_id=opened.case_id, taken=taken)])


def parse_body(body: bytes) -> list[CloudEvent] | AgreementRequested:
    """A body as ticket events, or as one request for an agreement.

    Raises:
        InvalidEvents: with the field of each fault; in a batch its number stands before the field.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise InvalidEvents([{"field": "body", "message": "not JSON in UTF-8"}]) from wrong
    if isinstance(value, dict) and value.get("type") == REQUESTED:
        return _validated(AgreementRequested, value, ())
    if not isinstance(value, list):
        return [_validated(CloudEvent, value, ())]
    if not 0 < len(value) <= MAX_BATCH:
        raise InvalidEvents([{"field": "body", "message": f"a batch holds 1 to {MAX_BATCH} events"}])
    events: list[CloudEvent] = []
    faults: list[Mapping[str, Any]] = []
    for number, each in enumerate(value):
        try:
            events.append(_validated(CloudEvent, each, (number,)))
        except InvalidEvents as wrong:
            faults += wrong.faults
    if faults:
        raise InvalidEvents(faults[:_MAX_FAULTS])
    return events


def _validated(form: type[_E], value: Any, prefix: tuple[int, ...]) -> _E:
    try:
        return form.model_validate(value)
    except ValidationError as wrong:
        raise InvalidEvents(faults_of(wrong.errors(), prefix)) from wrong
