"""Ticket events as they come in and go out: CloudEvents 1.0 in JSON.

`type` says what happened, `time` when, `source` and `id` name the event for ever; `data` carries the ticket and what
the type needs. The optional extension `sequence` orders events of one instant.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from domain.events import OURS, EventKind, TicketEvent
from domain.instants import SERVICE_YEARS

PauseReason = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$", examples=["AWAITING_CUSTOMER"])]
MilestoneName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$", examples=["RESPONDED", "RESOLVED"])]
AttributeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
AttributeValue = Annotated[str, Field(min_length=1, max_length=200)]

EVENT_TYPES = tuple(f"ticket.{kind.value}" for kind in EventKind if kind not in OURS)
"""Excluding a ticket is a decision of two people, not a message of a help desk, so `voided` is not among them; nor is that
its terms end or change."""


FIELDS = ("customer", "group", "site", "service", "region", "priority", "request_type", "held_by")
"""Ticket attributes with a field of their own."""


class TicketData(BaseModel):
    """The `data` of a ticket event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="the ticket's number in its source")]
    customer: AttributeValue | None = None
    group: Annotated[AttributeValue | None, Field(description="the customer's user group; left out, the site tells it")] = None
    site: Annotated[AttributeValue | None, Field(description="address of the customer, as the catalogue names it")] = None
    service: AttributeValue | None = None
    region: Annotated[AttributeValue | None, Field(description="service region; left out, the site tells it")] = None
    priority: AttributeValue | None = None
    request_type: AttributeValue | None = None
    held_by: Annotated[AttributeValue | None, Field(description="team or supplier that has the ticket now")] = None
    attributes: Annotated[
        Mapping[AttributeName, AttributeValue | None], Field(max_length=50, description="anything else targets select by; null removes it")
    ] = {}
    milestone: Annotated[MilestoneName | None, Field(description="ticket.milestone: which")] = None
    reason: Annotated[PauseReason | None, Field(description="ticket.paused and ticket.cancelled: why")] = None

    def facts(self) -> dict[str, str | None]:
        """What the event says is now true of the ticket; a field sent as null is no longer true."""
        return {**self.attributes, **{name: getattr(self, name) for name in FIELDS if name in self.model_fields_set}}


class CloudEvent(BaseModel):
    """One ticket event in its envelope; fields of the envelope that we do not know are accepted, as the standard asks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._~/:@-]{1,140}$",
            description="system the ticket lives in; with the ticket's number an id the engine can hold",
        ),
    ]
    type: Annotated[str, Field(json_schema_extra={"enum": list(EVENT_TYPES)})]
    time: Annotated[AwareDatetime, Field(description="when it happened, with offset")]
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: Annotated[int, Field(ge=0, le=2**31 - 1, description="order among events of one instant")] = 0
    data: TicketData

    @model_validator(mode="after")
    def _is_complete(self) -> "CloudEvent":
        if self.type not in EVENT_TYPES:
            raise ValueError(f"type: {self.type!r} is not one of {', '.join(EVENT_TYPES)}")
        if self.time.year not in SERVICE_YEARS:
            raise ValueError(f"time: must lie in the years {SERVICE_YEARS[0]} to {SERVICE_YEARS[-1]}")
        needed = {"ticket.milestone": "milestone", "ticket.paused": "reason"}.get(self.type)
        if needed is not None and getattr(self.data, needed) is None:
            raise ValueError(f"data.{needed}: {self.type} needs it")
        if self.type == "ticket.changed" and not self.data.facts():
            raise ValueError("data: ticket.changed says nothing that changed")
        return self

    def ticket_event(self, received_at: datetime) -> TicketEvent:
        """The fact, as clocks are read from it."""
        kind = EventKind(self.type.removeprefix("ticket."))
        return TicketEvent(
            source=self.source,
            event_id=self.id,
            ticket_id=self.data.ticket_id,
            kind=kind,
            occurred_at=self.time,
            received_at=received_at,
            sequence=self.sequence,
            milestone=self.data.milestone if kind is EventKind.MILESTONE else None,
            reason=self.data.reason,
            attributes=self.data.facts() if kind in {EventKind.CREATED, EventKind.CHANGED} else {},
        )


def cloud_event(event: TicketEvent) -> dict[str, Any]:
    """A ticket event as the JSON object that `CloudEvent` reads."""
    data: dict[str, Any] = {"ticket_id": event.ticket_id}
    data |= {name: value for name, value in event.attributes.items() if name in FIELDS}
    if other := {name: value for name, value in event.attributes.items() if name not in FIELDS}:
        data["attributes"] = other
    data |= {name: value for name in ("milestone", "reason") if (value := getattr(event, name)) is not None}
    return {
        "specversion": "1.0",
        "id": event.event_id,
        "source": event.source,
        "type": f"ticket.{event.kind.value}",
        "time": event.occurred_at.isoformat(),
        "sequence": event.sequence,
        "data": data,
    }
