"""Two sides that should know the same tickets: the list of the help desk's, beside ours."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from connectors.guarded import GuardedClient, NotTold, check_taken
from connectors.incoming import Posting, key_of
from connectors.installed import Connector
from connectors.outgoing import Call, Listed
from connectors.record_mappings import STATUS, TicketRecords, text_at, value_of
from connectors.record_stories import ticket_of
from domain.canonical import canonical_json
from domain.errors import BadInput
from domain.ports import Refused

MAX_PAGES = 10_000
"""A list that goes on for ever ends here: a million tickets."""

_COMPARED = (STATUS, "priority", "customer", "service", "region")


class Difference(StrEnum):
    """In what the two sides do not agree."""

    MISSING_HERE = "missing here"
    MISSING_THERE = "missing there"
    OTHER_STATUS = "other status"
    OTHER_PRIORITY = "other priority"
    OTHER_ATTRIBUTE = "other attribute"


_TO_DO = {
    Difference.MISSING_HERE: "send it: --send posts it as the help desk would",
    Difference.MISSING_THERE: "look whether it was deleted or merged there; if so, cancel it here",
    Difference.OTHER_STATUS: "--send tells it as it stands there, from when it was changed last",
    Difference.OTHER_PRIORITY: "--send tells it as it stands there; due times are planned anew",
    Difference.OTHER_ATTRIBUTE: "--send tells it as it stands there; another agreement may cover it then",
}


class Finding(NamedTuple):
    """One difference of one ticket; with a posting it can be sent."""

    ticket_id: str
    difference: Difference
    what: str
    ours: str | None
    theirs: str | None
    posting: Posting | None

    @property
    def to_do(self) -> str:
        """What a person can do about it."""
        return _TO_DO[self.difference]


class Theirs(NamedTuple):
    """A ticket as the help desk lists it, in our words."""

    ticket_id: str
    facts: Mapping[str, str]
    posting: Posting


class OtherSide:
    """A help desk, asked what it has."""

    def __init__(self, connector: Connector, client: GuardedClient) -> None:
        """Ask over `client`.

        Raises:
            BadInput: the connector cannot be asked.
        """
        desk, tickets = connector.maker.desk, connector.mapping.tickets
        if tickets is None:
            raise BadInput(f"{connector.name}: its mapping reads no tickets; there is nothing to compare")
        if desk is None or desk.listing is None or desk.ticket is None:
            raise BadInput(f"{connector.name}: {connector.maker_name} gives no list of its tickets")
        self._mapping = connector.mapping
        self._form: TicketRecords = tickets
        self._client = client
        self._listing, self._ticket = desk.listing, desk.ticket

    async def changed(self, since: datetime) -> AsyncIterator[Theirs]:
        """The tickets that changed from an instant on, as far as the help desk can tell them from others.

        Raises:
            BadInput: it does not answer, or not as its maker publishes.
        """
        call: Call | None = self._listing.first(since)
        for _ in range(MAX_PAGES):
            if call is None:
                return
            answer = await self._ask(call)
            try:
                page = self._listing.page(call, answer)
                found = [theirs for listed in page.records if (theirs := self._theirs(listed)) is not None]
            except (KeyError, TypeError, ValueError, AttributeError) as wrong:
                raise BadInput(
                    f"{call.path}: the answer is no list of tickets as it is published ({type(wrong).__name__}: {wrong})"
                ) from wrong
            for theirs in found:
                yield theirs
            call = page.following
        raise BadInput(f"the list of tickets has more than {MAX_PAGES} pages; name a later --since")

    async def has(self, ticket_id: str) -> bool:
        """Is there such a ticket?"""
        call = self._ticket(ticket_id)
        response = await self._client.call(call.method, call.path, params=dict(call.params))
        if response.status in {404, 410}:
            return False
        try:
            check_taken(response)
        except (Refused, NotTold) as failure:
            raise BadInput(f"{call.path}: {failure}") from failure
        return True

    async def _ask(self, call: Call) -> object:
        try:
            response = await self._client.call(call.method, call.path, json=call.json, params=dict(call.params))
            check_taken(response)
            return response.json()
        except (Refused, NotTold) as failure:
            raise BadInput(f"{call.path}: {failure}") from failure

    def _theirs(self, listed: Listed) -> Theirs | None:
        """A listed ticket in our words; None for one that the mapping is not for."""
        at = datetime.fromisoformat(listed.changed_at) if listed.changed_at else None
        posting = Posting(f"reconcile-{key_of(canonical_json(listed.record).encode())}", listed.record, at)
        ticket_id = ticket_of(self._mapping, posting)
        if ticket_id is None:
            return None
        facts = {name: value for name, each in self._form.attributes.items() if (value := value_of(listed.record, each)) is not None}
        if self._form.status is not None and (status := text_at(listed.record, self._form.status)) is not None:
            facts[STATUS] = status
        return Theirs(ticket_id, facts, posting)


def compare(theirs: Theirs, ours: Mapping[str, str] | None) -> list[Finding]:
    """What differs of one ticket; None: we do not know it."""
    if ours is None:
        status = theirs.facts.get(STATUS)
        return [Finding(theirs.ticket_id, Difference.MISSING_HERE, "ticket", None, status, theirs.posting)]
    kinds = {STATUS: Difference.OTHER_STATUS, "priority": Difference.OTHER_PRIORITY}
    return [
        Finding(theirs.ticket_id, kinds.get(name, Difference.OTHER_ATTRIBUTE), name, ours.get(name), stated, theirs.posting)
        for name in _COMPARED
        if (stated := theirs.facts.get(name)) is not None and ours.get(name) != stated
    ]


async def missing_there(other: OtherSide, open_here: Sequence[str], listed: frozenset[str]) -> list[Finding]:
    """Tickets that are open here and not there any more; those that were listed need not be asked for."""
    return [
        Finding(ticket_id, Difference.MISSING_THERE, "ticket", "open", None, None)
        for ticket_id in open_here
        if ticket_id not in listed and not await other.has(ticket_id)
    ]
