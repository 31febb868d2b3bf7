"""Who takes part, and whom a notice is about."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.catalogue import Catalogue
from domain.effects import Notice, TicketRef
from domain.receivers import Parties
from domain.terms import SUPPORT_KINDS
from store.case_tables import CaseRow, RegistryRow
from store.database import Database
from store.directory import Directory
from store.tickets import subject_of, tickets

cases, entries = CaseRow.__table__, RegistryRow.__table__  # type: ignore[attr-defined]


class Addresses:
    """Carries out `domain.ports.AddressBook`."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._directory = Directory(database)

    async def look_up(self, notice: Notice) -> tuple[Catalogue | None, Parties]:
        """The catalogue as it is now; the parties as the notice names them, else as its ticket or case does."""
        async with self._database.reading() as connection:
            catalogue = await self._directory.newest(connection)
            if catalogue is None:
                return None, Parties()
            found = await self._parties(connection, notice)
        known = {"customer": notice.customer, "supplier": notice.supplier}
        return catalogue, found._replace(**{name: value for name, value in known.items() if value is not None})

    async def _parties(self, connection: AsyncConnection, notice: Notice) -> Parties:
        if notice.ticket is not None:
            return await _of_ticket(connection, notice.ticket)
        if notice.case_id is None:
            return Parties()
        case = (
            await connection.execute(select(cases.c.customer, cases.c.party, cases.c.agreement).where(cases.c.case_id == notice.case_id))
        ).one_or_none()
        if case is None:
            return await _of_agreement(connection, notice.case_id)
        agreed = await _of_agreement(connection, case.agreement) if case.agreement is not None else Parties()
        return agreed if agreed != Parties() else Parties(case.customer, case.party, case.party)


async def _of_ticket(connection: AsyncConnection, ticket: TicketRef) -> Parties:
    query = select(tickets.c.customer, tickets.c.attributes).where(tickets.c.subject == subject_of(ticket))
    row = (await connection.execute(query)).one_or_none()
    return Parties(row.customer, owner=row.attributes.get("owner")) if row is not None else Parties()


async def _of_agreement(connection: AsyncConnection, registry_no: str) -> Parties:
    """Customer of a promise; who promises, of a support."""
    query = select(entries.c.kind, entries.c.provider, entries.c.customer).where(entries.c.registry_no == registry_no).limit(1)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return Parties()
    return Parties(supplier=row.provider, team=row.provider) if row.kind in SUPPORT_KINDS else Parties(row.customer)
