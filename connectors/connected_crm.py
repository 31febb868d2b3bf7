"""Writing back to the systems that tickets and deals came from, each in its own form."""

from collections.abc import Mapping
from typing import NamedTuple

import httpx2

from connectors.guarded import GuardedClient, check_taken
from connectors.installed import Connector, RestForm
from connectors.outgoing import Call, Desk
from domain.effects import CreditNote, CrmCaseUpdate, CrmUpdate
from domain.ports import Crm

_TOLD_AS = {
    "clock.due": "due",
    "clock.warning": "warning",
    "clock.breached": "breach",
    "clock.breach_withdrawn": "breach",
    "clock.met": "met",
}
"""Under which name a connectors file speaks of an update. What a breach was told to, hears of its withdrawal."""

_ALWAYS = "breach"


class _Reached(NamedTuple):
    """A system we can write to."""

    client: GuardedClient
    desk: Desk
    form: RestForm

    async def make(self, call: Call) -> None:
        response = await self.client.call(call.method, call.path, json=call.json, params=dict(call.params))
        check_taken(response)


class ConnectedCrm:
    """Tells each system of its own tickets and deals; what belongs to none, and bills, go to another."""

    name = "connectors"

    def __init__(self, connectors: Mapping[str, Connector], otherwise: Crm, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        """Write to the connectors with a REST form; `transport` stands in for the network."""
        self._otherwise = otherwise
        self._by_source: dict[str, _Reached] = {}
        for each in connectors.values():
            if each.rest is not None and each.maker.desk is not None:
                client = GuardedClient(each.rest.form.url, each.maker.desk.headers(each.rest.access), transport)
                self._by_source[each.mapping.source] = _Reached(client, each.maker.desk, each.rest.form)

    async def update_ticket(self, update: CrmUpdate) -> None:
        """Tell the help desk of its ticket: in the field that keeps its due time, and by a comment that customers do not see.

        Raises:
            Refused: the help desk will never take it.
            NotTold: it does not take it now.
        """
        system = self._by_source.get(update.ticket.source)
        if system is None:
            await self._otherwise.update_ticket(update)
            return
        told, ticket = _TOLD_AS.get(update.kind, _ALWAYS), update.ticket.ticket_id
        name, due = system.form.due_field, system.desk.due
        if told == "due" and name is not None and due is not None and update.due_at is not None:
            await system.make(due(ticket, name, update.due_at))
        # The comment comes last: whatever fails before it is tried again, and it stands there once.
        if (told == _ALWAYS or told in system.form.comments) and system.desk.comment is not None:
            await system.make(system.desk.comment(ticket, f"Servanda: {update.text}"))

    async def update_case(self, update: CrmCaseUpdate) -> None:
        """Tell the CRM on the deal where its agreement stands; the deal's source stands before its number.

        Raises:
            Refused: the CRM will never take it.
            NotTold: it does not take it now.
        """
        source, _, deal = update.crm_case.rpartition("/")
        system = self._by_source.get(source)
        if system is None or system.desk.deal_comment is None:
            await self._otherwise.update_case(update)
            return
        numbers = f" ({', '.join(update.registry_nos)})" if update.registry_nos else ""
        await system.make(system.desk.deal_comment(deal, f"Servanda: {update.text.replace(update.crm_case, 'the agreement')}{numbers}"))

    async def bill_credit(self, note: CreditNote) -> None:
        """Have billing told otherwise: no CRM takes credit notes by a comment.

        Raises:
            Refused: billing will never take it.
        """
        await self._otherwise.bill_credit(note)
