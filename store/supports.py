"""What a promise may rest on: OLAs and UCs in the registry, and those on their way there."""

from collections.abc import Sequence

from sqlalchemy import select

from domain.agreement_case import Support
from domain.documents import AgreementDocument
from store.cases import CaseStore, cases
from store.database import Database
from store.registry import AgreementRegistry


class SupportFinder:
    """Finds supports by registry number or by their case, as they stand now."""

    def __init__(self, database: Database, ended: Sequence[str]) -> None:
        """Work on a database; `ended` are the states in which an agreement case occupies nobody."""
        self._database = database
        self._registry = AgreementRegistry(database)
        self._cases = CaseStore(database)
        self._ended = ended

    async def find(self, name: str) -> Support | None:
        """A support as it stands; None if there is none of that name, or nothing was proposed yet."""
        if "/" in name:
            entry = await self._registry.entry(name)
            if entry is None or entry.kind not in {"OLA", "UC"}:
                return None
            return Support(support=name, document=entry.document, state=entry.state, registry_no=name)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(cases).where(cases.c.case_id == name, cases.c.kind == "SUPPORT"))).one_or_none()
        if row is None or row.document.get("document") is None:
            return None
        number = row.registry_nos[0] if row.registry_nos else None
        return Support(support=name, document=row.document["document"], state=row.state, registry_no=number)

    async def registered(self) -> dict[str, AgreementDocument]:
        """OLAs and UCs that are registered or in force, by number, newest version; those imported as ready terms are left out."""
        found: dict[str, AgreementDocument] = {}
        for kind in ("OLA", "UC"):
            for row in await self._registry.living(kind):
                found[row.registry_no] = AgreementDocument.model_validate(row.document)
        return found

    async def open_cases_of(self, person: str) -> int:
        """How many open cases an agent has."""
        async with self._database.reading() as connection:
            return await self._cases.open_cases_of(connection, person, self._ended)
