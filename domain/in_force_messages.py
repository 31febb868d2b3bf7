"""What the processes of agreements in force ask of activities."""

from pydantic import AwareDatetime

from domain.follow_ups.kinds import AnyFollowUp
from domain.values import Message


class Asking(Message):
    """About which agreement, which period (none for a look at it as it stands), at which instant of business time."""

    registry_no: str
    period: str = ""
    at: AwareDatetime


class Effect(Message):
    """A follow-up that was decided, and when."""

    case: AnyFollowUp
    at: AwareDatetime
