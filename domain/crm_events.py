"""The envelope of what a CRM asks for: CloudEvents 1.0 in JSON."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from domain.instants import SERVICE_YEARS


class CrmEvent(BaseModel):
    """A request of the CRM; each kind adds its `type` and `data`. Unknown fields are accepted, as the standard asks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~/:@-]{1,140}$")]
    time: Annotated[AwareDatetime, Field(description="when it was asked for, with offset")]
    datacontenttype: Literal["application/json"] = "application/json"

    @model_validator(mode="after")
    def _is_of_our_time(self) -> Self:
        if self.time.year not in SERVICE_YEARS:
            raise ValueError(f"time: must lie in the years {SERVICE_YEARS[0]} to {SERVICE_YEARS[-1]}")
        return self
