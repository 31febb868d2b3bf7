"""What the CRM asks for: an agreement in force is to be changed."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.crm_events import CrmEvent
from domain.follow_ups.triggers import ChangeAsked, ChangeTrigger, NeededBy, Wanted, WhyAgain
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


class ChangeRequested(CrmEvent):
    """A request for a change, as a CloudEvent."""

    type: Literal["agreement.change_requested"]
    data: ChangeData

    @property
    def asked(self) -> ChangeAsked:
        """What it asks for."""
        return self.data.asked(in_registry(self.data.registry_no), self.source, self.id)
