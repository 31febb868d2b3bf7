"""Clocks that passed their limit of late, whether or not anybody was told yet."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.dependencies import TheParts
from api.people import TicketLister
from domain.errors import BadInput, Forbidden
from domain.people import Side
from store.ticket_lists import breached_since
from store.tickets import TicketFilter

router = APIRouter(tags=["tickets"])


class BreachView(BaseModel):
    """A clock that passed its limit, and when."""

    ticket: str
    clock: str
    agreement: str
    state: str
    breach_at: AwareDatetime

    @classmethod
    def of(cls, at: datetime, row: Row[Any]) -> "BreachView":
        """The view of a clock's row."""
        return cls(ticket=row.subject, clock=row.clock, agreement=row.agreement, state=row.state, breach_at=at)


@router.get("/breaches")
async def list_breaches(
    parts: TheParts,
    someone: TicketLister,
    since: Annotated[AwareDatetime, Query(description="breached from this instant to now")],
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[BreachView]:
    """Clocks that were breached since an instant, newest first. A customer sees what it was promised; suppliers have reports."""
    if someone.actor.side is Side.SUPPLIER:
        raise Forbidden("lists of breaches are for the provider's people and customers")
    try:
        since = since.astimezone(UTC)
    except OverflowError as wrong:
        raise BadInput("since: an instant outside of the years 1 to 9999 cannot be named") from wrong
    own = TicketFilter() if someone.is_inside else TicketFilter(customer=someone.actor.party, promises=True)
    async with parts.database.reading() as connection:
        found = await breached_since(connection, own, since, parts.now(), limit)
    return [BreachView.of(at, row) for at, row in found]
