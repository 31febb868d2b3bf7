"""What the CRM asks for: an agreement in force is to be changed."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from domain.follow_ups.triggers import ChangeAsked, ChangeTrigger, NeededBy, Wanted, WhyAgain
from domain.instants import SERVICE_YEARS
from domain.registry_numbers import in_registry

CHANGE_REQUESTED = "agreement.change_requested"
"""The type of the event."""


class ChangeBody(BaseModel):
    """What asks for a change of an agreement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trigger: ChangeTrigger
    text: Wanted
    needed_by: NeededBy = None
    reason: WhyAgain = None

    @model_validator(mode="after")
    def _is_said_by_people(self) -> Self:
        if self.trigger is ChangeTrigger.RENEWAL:
            raise ValueError("trigger: RENEWAL comes out of a renewal that both sides decided on")
        return self

    def asked(self, registry_no: str, source: str, event: str) -> ChangeAsked:
        """The same, of an agreement and by somebody; a repeated event is the same fact."""
        return ChangeAsked(registry_no, self.trigger, self.text, source, event, self.needed_by, self.reason)


class ChangeData(ChangeBody):
    """The `data` of a request for a change."""

    registry_no: Annotated[str, Field(min_length=1, max_length=40, description="SLA/2026/0001 or SLA-2026-0001")]


class ChangeRequested(BaseModel):
    """A request for a change, as a CloudEvent; unknown fields of the envelope are accepted, as the standard asks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~/:@-]{1,140}$")]
    type: Literal["agreement.change_requested"]
    time: Annotated[AwareDatetime, Field(description="when it was asked for, with offset")]
    datacontenttype: Literal["application/json"] = "application/json"
    data: ChangeData

    @model_validator(mode="after")
    def _is_of_our_time(self) -> Self:
        if self.time.year not in SERVICE_YEARS:
            raise ValueError(f"time: must lie in the years {SERVICE_YEARS[0]} to {SERVICE_YEARS[-1]}")
        return self

    @property
    def asked(self) -> ChangeAsked:
        """What it asks for."""
        return self.data.asked(in_registry(self.data.registry_no), self.source, self.id)
