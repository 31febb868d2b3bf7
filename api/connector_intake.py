"""What other systems tell in their own forms becomes the events they would have posted to `/crm/events`."""

import logging
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from api.dependencies import Parts
from api.errors import InvalidEvents
from api.inbox import Taken
from api.routes.events import Result, parse_event, take
from api.views import ReceiptView
from connectors.incoming import Posting
from connectors.installed import Connector
from connectors.record_mappings import RecordMapping
from connectors.record_stories import Told, tell, ticket_of
from domain.effects import TicketRef
from domain.errors import ServandaError
from domain.events import TicketEvent
from store.tickets import subject_of

_log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of a posting."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    REFUSED = "refused"


class PostingView(BaseModel):
    """What became of one thing that was told: the events it was kept as, or why it was not."""

    posting: str
    outcome: Outcome
    why: str | None = None
    results: list[Result] = []


class RefusedPostings(InvalidEvents):
    """Some of what was told could not be read; the rest was taken. Sent again, what was taken counts once."""

    code = "REFUSED_POSTINGS"


class ConnectorIntake:
    """Takes postings of one connector in, each for itself: one that cannot be read holds up no other."""

    def __init__(self, connector: Connector, parts: Parts) -> None:
        """Read by the connector's mapping, and keep in the inbox."""
        self._connector = connector
        self._parts = parts

    async def take(self, postings: Sequence[Posting]) -> list[PostingView]:
        """Take postings in their order; says what became of each."""
        return [await self._take(posting) for posting in postings]

    async def _take(self, posting: Posting) -> PostingView:
        try:
            told = tell(self._mapping, posting, await self._known(posting))
            if not told.events:
                return PostingView(posting=posting.key, outcome=Outcome.IGNORED, why=told.why)
            results = await self._keep(told.events)
            # What was told of the ticket in the meantime was read without this; read again, the two make one story.
            again = tell(self._mapping, posting, await self._known(posting))
            results += await self._keep(_missing(again, told))
        except ServandaError as refusal:
            _log.warning("connector %s: posting %s is refused: %s", self._connector.name, posting.key, refusal)
            return PostingView(posting=posting.key, outcome=Outcome.REFUSED, why=str(refusal))
        if told.why is not None:
            _log.warning("connector %s: posting %s: %s", self._connector.name, posting.key, told.why)
        outcome = Outcome.DUPLICATE if all(_was_known(each) for each in results) else Outcome.TAKEN
        return PostingView(posting=posting.key, outcome=outcome, why=told.why, results=results)

    async def _known(self, posting: Posting) -> list[TicketEvent]:
        ticket_id = ticket_of(self._mapping, posting)
        if ticket_id is None:
            return []
        async with self._parts.database.reading() as connection:
            subject = subject_of(TicketRef(source=self._mapping.source, ticket_id=ticket_id))
            return await self._parts.tickets.events(connection, subject)

    async def _keep(self, events: Sequence[dict[str, Any]]) -> list[Result]:
        return (await take([parse_event(event) for event in events], self._parts))[0] if events else []

    @property
    def _mapping(self) -> RecordMapping:
        return self._connector.mapping


def _was_known(result: Result) -> bool:
    taken = result.status if isinstance(result, ReceiptView) else getattr(result, "taken", None)
    return taken == Taken.DUPLICATE


def _missing(again: Told, told: Told) -> list[dict[str, Any]]:
    kept = {event["id"] for event in told.events}
    return [event for event in again.events if event["id"] not in kept]


def refuse_unread(views: Sequence[PostingView]) -> None:
    """Tell a maker of what could not be read, so that it keeps it and sends it again.

    Raises:
        RefusedPostings: something was refused.
    """
    if refused := [each for each in views if each.outcome is Outcome.REFUSED]:
        raise RefusedPostings([{"field": each.posting, "message": each.why} for each in refused])
