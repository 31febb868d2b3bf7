"""What the CRM orders: an agreement ends early, or an order to end it is taken back."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from domain.crm_events import CrmEvent
from domain.instants import SERVICE_YEARS
from domain.termination import OpenTickets, TerminationBasis

TERMINATION_ORDERED = "agreement.termination_ordered"
TERMINATION_REVOKED = "agreement.termination_revoked"

Number = Annotated[str, Field(min_length=1, max_length=40, description="SLA/2026/0001 or SLA-2026-0001")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class OrderData(BaseModel):
    """The `data` of an order to end an agreement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registry_no: Number
    basis: TerminationBasis
    legal_ref: Annotated[Text, Field(description="the letter, clause or decision it rests on")]
    requested_by: Annotated[Text, Field(description="who asked the CRM for it")]
    effective_at: Annotated[
        AwareDatetime | None, Field(description="from when on nothing is promised; a withdrawal takes effect at once")
    ] = None
    crm_case: Annotated[Text | None, Field(description="the CRM's own case, told in every answer; else the event's id")] = None
    open_tickets: OpenTickets = OpenTickets.VOID
    successor: Annotated[Number | None, Field(description="CARRY_TO: the agreement that takes open tickets over")] = None

    @model_validator(mode="after")
    def _names_a_successor_if_need_be(self) -> Self:
        if (self.open_tickets is OpenTickets.CARRY_TO) != (self.successor is not None):
            raise ValueError("successor: is named with CARRY_TO, and only then")
        if self.effective_at is not None and self.effective_at.year not in SERVICE_YEARS:
            raise ValueError(f"effective_at: must lie in the years {SERVICE_YEARS[0]} to {SERVICE_YEARS[-1]}")
        return self


class RevocationData(BaseModel):
    """The `data` of a revocation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registry_no: Number
    requested_by: Text
    reason: Annotated[Text, Field(description="why the agreement goes on")]


class TerminationOrdered(CrmEvent):
    """An order to end an agreement, as a CloudEvent."""

    type: Literal["agreement.termination_ordered"]
    data: OrderData


class TerminationRevoked(CrmEvent):
    """The order to end an agreement is taken back, as a CloudEvent."""

    type: Literal["agreement.termination_revoked"]
    data: RevocationData
