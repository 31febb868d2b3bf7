"""Events from the CRM or help desk."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from fastapi import APIRouter, Response
from pydantic import BaseModel, ValidationError

from api.case_intake import Opened
from api.dependencies import Parts, TheParts
from api.errors import InvalidEvents, faults_of
from api.inbox import Receipt, Taken
from api.people import ProvenBody
from api.termination_intake import TerminationReceipt
from api.views import ReceiptView
from domain.case_requests import REQUESTED, AgreementRequested
from domain.change_requests import CHANGE_REQUESTED, ChangeRequested
from domain.cloud_events import CloudEvent
from domain.termination_events import TERMINATION_ORDERED, TERMINATION_REVOKED, TerminationOrdered, TerminationRevoked

router = APIRouter(tags=["events"])

_E = TypeVar("_E", bound=BaseModel)
Event: TypeAlias = CloudEvent | AgreementRequested | ChangeRequested | TerminationOrdered | TerminationRevoked

MAX_BATCH = 1000
_MAX_FAULTS = 20
FORMS: Mapping[str, type[AgreementRequested | ChangeRequested | TerminationOrdered | TerminationRevoked]] = {
    REQUESTED: AgreementRequested,
    CHANGE_REQUESTED: ChangeRequested,
    TERMINATION_ORDERED: TerminationOrdered,
    TERMINATION_REVOKED: TerminationRevoked,
}
"""What the CRM sends of agreements, by type; whatever has another one is about a ticket."""
_ONE_EVENT = {"anyOf": [{"$ref": f"#/components/schemas/{form.__name__}"} for form in (CloudEvent, *FORMS.values())]}


class CaseReceiptView(BaseModel):
    """What became of a request for an agreement, or for a change: the case, or the change that is open."""

    event_id: str
    case_id: str
    taken: Taken

    @classmethod
    def of(cls, asked: AgreementRequested | ChangeRequested, opened: Opened) -> "CaseReceiptView":
        """The view of a case that was opened, now or before."""
        taken = Taken.ACCEPTED if opened.is_new else Taken.DUPLICATE
        return cls(event_id=asked.id, case_id=opened.case_id, taken=taken)


Result: TypeAlias = ReceiptView | CaseReceiptView | TerminationReceipt


class EventsAnswer(BaseModel):
    """What became of each event, in the order they were sent."""

    results: list[Result]


@router.post(
    "/crm/events",
    status_code=202,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {"schema": _ONE_EVENT},
                "application/cloudevents-batch+json": {"schema": {"type": "array", "maxItems": MAX_BATCH, "items": _ONE_EVENT}},
            },
        }
    },
)
async def take_events(body: ProvenBody, parts: TheParts, response: Response) -> EventsAnswer:
    """Take ticket events, requests for agreements and for changes, and orders to end them; one or a batch of all, all or none.

    A repeated one changes nothing.
    """
    results, is_new = await take(parse_body(body), parts)
    if not is_new:
        response.status_code = 200  # nothing is left to be done: the cases are there
    return EventsAnswer(results=results)


async def take(events: Sequence[Event], parts: Parts) -> tuple[list[Result], bool]:
    """Take what was told and asked, all or none; says what became of each, and whether anything is left to be done.

    Raises:
        ServandaError: one of them cannot be taken; none was.
    """
    asked = [each for each in events if isinstance(each, AgreementRequested)]
    changes = [each for each in events if isinstance(each, ChangeRequested)]
    orders = [each for each in events if isinstance(each, TerminationOrdered | TerminationRevoked)]
    facts = parts.inbox.facts([each for each in events if isinstance(each, CloudEvent)])
    # Whatever can be refused is refused before the first of all is kept; who sends again after a failure sends no double.
    raised = await parts.changes.take([each.asked for each in changes])
    ended = await parts.terminations.take(orders)
    opened, receipts = await parts.intake.take(asked), await parts.inbox.accept(facts)
    _nudge(parts, [*raised, *opened], receipts)
    if orders and parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    found = iter(opened), iter(raised), iter(receipts), iter(ended)
    is_new = bool(facts or orders) or any(each.is_new for each in (*raised, *opened))
    return [_result(each, found) for each in events], is_new


def _result(event: Event, found: tuple[Iterator[Opened], Iterator[Opened], Iterator[Receipt], Iterator[TerminationReceipt]]) -> Result:
    """What became of an event, the next one of its kind."""
    cases, changes, tickets, ended = found
    if isinstance(event, TerminationOrdered | TerminationRevoked):
        return next(ended)
    if isinstance(event, CloudEvent):
        return ReceiptView.of(next(tickets))
    return CaseReceiptView.of(event, next(cases if isinstance(event, AgreementRequested) else changes))


def _nudge(parts: Parts, opened: Sequence[Opened], receipts: Sequence[Receipt]) -> None:
    if receipts and parts.forwarder is not None:
        parts.forwarder.nudge()
    if any(each.is_new for each in opened) and parts.case_forwarder is not None:
        parts.case_forwarder.nudge()


def parse_body(body: bytes) -> list[Event]:
    """A body as what it tells and asks for.

    Raises:
        InvalidEvents: with the field of each fault; in a batch its number stands before the field.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise InvalidEvents([{"field": "body", "message": "not JSON in UTF-8"}]) from wrong
    if not isinstance(value, list):
        return [parse_event(value)]
    if not 0 < len(value) <= MAX_BATCH:
        raise InvalidEvents([{"field": "body", "message": f"a batch holds 1 to {MAX_BATCH} events"}])
    events: list[Event] = []
    faults: list[Mapping[str, Any]] = []
    for number, each in enumerate(value):
        try:
            events.append(parse_event(each, (number,)))
        except InvalidEvents as wrong:
            faults += wrong.faults
    if faults:
        raise InvalidEvents(faults[:_MAX_FAULTS])
    return events


def parse_event(value: Any, prefix: tuple[int, ...] = ()) -> Event:
    """A JSON value as what it tells or asks for; `prefix` names its place in a batch.

    Raises:
        InvalidEvents: with the field of each fault.
    """
    kind = value.get("type") if isinstance(value, dict) else None
    form: type[Event] = FORMS.get(kind, CloudEvent) if isinstance(kind, str) else CloudEvent
    return _validated(form, value, prefix)


def _validated(form: type[_E], value: Any, prefix: tuple[int, ...]) -> _E:
    try:
        return form.model_validate(value)
    except ValidationError as wrong:
        raise InvalidEvents(faults_of(wrong.errors(), prefix)) from wrong
