"""Which tickets are whose business on the pages, and what of them outsiders see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from api.someone import Someone
from domain.clocks import ClockReading
from domain.errors import NotFound
from domain.people import Side
from domain.terms import SUPPORT_KINDS


def own_tickets(someone: Someone) -> dict[str, Any]:
    """What narrows a list of tickets to those somebody may see; outside the provider, those of their own party as a customer."""
    return {} if someone.is_inside else {"customer": someone.actor.party or "", "promises": True}


def refuse_others(row: Row[Any], someone: Someone) -> None:
    """What is not theirs does not exist for them.

    Raises:
        NotFound: the ticket is none of their business.
    """
    if not someone.is_inside and (someone.actor.side is not Side.CUSTOMER or row.customer != someone.actor.party):
        raise NotFound(f"there is no ticket {row.subject}")


def seen_by(someone: Someone, readings: Sequence[ClockReading]) -> list[ClockReading]:
    """A ticket's clocks; what teams and suppliers promise each other is no business of the customer."""
    return [each for each in readings if someone.is_inside or each.kind not in SUPPORT_KINDS]
