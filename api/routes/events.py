"""Events from the CRM or help desk."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError

from api.dependencies import SignedBody, TheParts
from api.errors import InvalidEvents, faults_of
from api.views import ReceiptView
from domain.cloud_events import CloudEvent

router = APIRouter(tags=["events"])

MAX_BATCH = 1000
_MAX_FAULTS = 20


class EventsAnswer(BaseModel):
    """What became of each event, in the order they were sent."""

    results: list[ReceiptView]


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
async def take_events(body: SignedBody, parts: TheParts) -> EventsAnswer:
    """Take one ticket event, or a batch of them, all or none; a repeated event changes nothing."""
    receipts = await parts.inbox.accept(parse_events(body))
    if parts.forwarder is not None:
        parts.forwarder.nudge()
    return EventsAnswer(results=[ReceiptView.of(receipt) for receipt in receipts])


def parse_events(body: bytes) -> list[CloudEvent]:
    """A body as events.

    Raises:
        InvalidEvents: with the field of each fault; in a batch its number stands before the field.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise InvalidEvents([{"field": "body", "message": "not JSON in UTF-8"}]) from wrong
    if not isinstance(value, list):
        return [_parse(value, ())]
    if not 0 < len(value) <= MAX_BATCH:
        raise InvalidEvents([{"field": "body", "message": f"a batch holds 1 to {MAX_BATCH} events"}])
    events: list[CloudEvent] = []
    faults: list[Mapping[str, Any]] = []
    for number, each in enumerate(value):
        try:
            events.append(_parse(each, (number,)))
        except InvalidEvents as wrong:
            faults += wrong.faults
    if faults:
        raise InvalidEvents(faults[:_MAX_FAULTS])
    return events


def _parse(value: Any, prefix: tuple[int, ...]) -> CloudEvent:
    try:
        return CloudEvent.model_validate(value)
    except ValidationError as wrong:
        raise InvalidEvents(faults_of(wrong.errors(), prefix)) from wrong
