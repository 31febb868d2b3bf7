"""What the CRM asks for: a customer wants an agreement."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.agreement_case import AgreementCase, AgreementRequest
from domain.catalogue import Catalogue, CustomerKind
from domain.crm_events import CrmEvent
from domain.people import Role, Side
from domain.timer_policy import TimerPolicy

REQUESTED = "agreement.requested"
"""The type of the event."""


class RequestData(BaseModel):
    """The `data` of a request for an agreement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    crm_case: Annotated[str, Field(min_length=1, max_length=200, description="the CRM's own case, told in every answer")]
    customer: Annotated[str, Field(min_length=1, max_length=200)]
    services: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(max_length=50)] = ()
    wish: Annotated[str, Field(max_length=5000, description="what the customer wants, in its words")] = ""


class AgreementRequested(CrmEvent):
    """A request for an agreement, as a CloudEvent."""

    type: Literal["agreement.requested"]
    data: RequestData

    @property
    def case_id(self) -> str:
        """The case it opens: the same event, however often it comes, opens the same."""
        return "case-" + sha256(f"{self.source}\n{self.id}".encode()).hexdigest()[:16]


def open_case(asked: AgreementRequested, catalogue: Catalogue, policy: TimerPolicy, at: datetime) -> AgreementCase:
    """The case as it is opened, by the catalogue of the day. A request that cannot be taken up says why, and is declined."""
    customer = catalogue.customer_named(asked.data.customer)
    services = {name: catalogue.service_named(name) for name in asked.data.services}
    consults: Mapping[str, tuple[str, ...]] = {name: each.consults for name, each in services.items() if each is not None}
    legal = catalogue.people_with(Role.LEGAL, Side.CUSTOMER, asked.data.customer)
    request = AgreementRequest(
        crm_source=asked.source,
        crm_event_id=asked.id,
        crm_case=asked.data.crm_case,
        provider=catalogue.provider,
        customer=asked.data.customer,
        is_internal=customer is not None and customer.kind is CustomerKind.DEPARTMENT,
        customer_has_legal=bool(legal),
        services=asked.data.services,
        consults=consults,
        wish=asked.data.wish,
        fault=_fault(asked, catalogue),
    )
    return AgreementCase(case_id=asked.case_id, calendar=catalogue.calendar, policy=policy, entered_at=at, last_at=at, request=request)


def _fault(asked: AgreementRequested, catalogue: Catalogue) -> str | None:
    if catalogue.customer_named(asked.data.customer) is None:
        return f"customer {asked.data.customer!r} is not in the catalogue"
    if unknown := [name for name in asked.data.services if catalogue.service_named(name) is None]:
        return f"service {unknown[0]!r} is not in the catalogue; describe a new one as a wish"
    if not asked.data.services and not asked.data.wish:
        return "neither a service nor a wish is named"
    return None
