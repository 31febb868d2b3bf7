"""What asks for a change of an agreement: trigger codes, which of them are material by definition, and who said so."""

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from domain.follow_ups.follow_up import Reason
from domain.values import Message


class ChangeTrigger(StrEnum):
    """A fact that makes an agreement be examined."""

    WORKING_HOURS = "WORKING_HOURS"
    AVAILABILITY = "AVAILABILITY"
    RESPONSIVENESS = "RESPONSIVENESS"
    FULFILMENT = "FULFILMENT"
    RESPONSE_TIME = "RESPONSE_TIME"
    SERVICE_CHANGE_PROMISED = "SERVICE_CHANGE_PROMISED"
    SERVICE_CHANGE_REQUESTED = "SERVICE_CHANGE_REQUESTED"
    REVIEW_OUTCOME = "REVIEW_OUTCOME"
    REPEATED_VIOLATION = "REPEATED_VIOLATION"
    WATERMELON = "WATERMELON"
    WORKLOAD_EXCEEDED = "WORKLOAD_EXCEEDED"
    SUPPORT_CHANGE = "SUPPORT_CHANGE"
    CORPORATE_CHANGE = "CORPORATE_CHANGE"
    LAW = "LAW"
    CONTROL_TIER_DEMAND = "CONTROL_TIER_DEMAND"
    CONTACT_DATA = "CONTACT_DATA"
    RENEWAL = "RENEWAL"


MATERIAL_BY_DEFINITION: Mapping[ChangeTrigger, str] = {
    ChangeTrigger.WORKING_HOURS: "other working hours move every due time",
    ChangeTrigger.AVAILABILITY: "availability is what the customer pays for, and has its own credits",
    ChangeTrigger.RESPONSIVENESS: "how soon somebody is there is a promise to the customer",
    ChangeTrigger.FULFILMENT: "what is delivered, and by when, is a promise to the customer",
    ChangeTrigger.RESPONSE_TIME: "another response time is another target",
    ChangeTrigger.RENEWAL: "both sides have decided to negotiate the next term",
}
"""Triggers after which nothing is decided but a renegotiation, and why (R-124)."""

UNPLANNED = frozenset({ChangeTrigger.LAW, ChangeTrigger.CONTROL_TIER_DEMAND})
"""Triggers nobody plans: they do not count as a year's planned revision of a corporate document (R-018)."""


class Trigger(Message):
    """One fact that asks for a change.

    `source` and `event` name it once: a system and its event, a person and their key, or the follow-up it comes from.
    `needed_at` is the start of the day `needed_by` in the agreement's zone.
    """

    code: ChangeTrigger
    text: str
    source: str
    event: str
    at: AwareDatetime
    needed_by: date | None = None
    needed_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        """What it is known by."""
        return key_of(self.source, self.event)


class ChangeAsked(NamedTuple):
    """A change as somebody asks for it; `why` says why a corporate document is changed once more within a year."""

    registry_no: str
    code: ChangeTrigger
    text: str
    source: str
    event: str
    needed_by: date | None = None
    why: str | None = None

    def trigger(self, zone: ZoneInfo, at: datetime) -> Trigger:
        """The fact, at the instant it reached us."""
        needed_at = datetime.combine(self.needed_by, time(), zone) if self.needed_by is not None else None
        same = {"code": self.code, "text": self.text, "source": self.source, "event": self.event}
        return Trigger.model_validate(same | {"at": at, "needed_by": self.needed_by, "needed_at": needed_at})


def key_of(source: str, event: str) -> str:
    """A short name of an event of a source; the same event, however often it comes, has the same."""
    return sha256(f"{source}\n{event}".encode()).hexdigest()[:12]


Wanted = Annotated[Reason, Field(description="what is to be different, and why")]
NeededBy = Annotated[date | None, Field(description="the day from which it is needed, in the agreement's zone")]
WhyAgain = Annotated[Reason | None, Field(description="why a corporate document is changed a second time within twelve months")]
