"""What a renegotiation began with, to be held against what it has come to."""

from domain.agreement_case import AgreementCase
from domain.documents import AgreementDocument, FinalDraft
from store.cases import CaseStore
from store.database import Database
from store.registry import AgreementRegistry


class Amended:
    """Looks it up."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._registry = AgreementRegistry(database)
        self._cases = CaseStore(database)

    async def of(self, case: AgreementCase) -> tuple[AgreementCase | None, FinalDraft]:
        """What a renegotiation began with: the case that made what is in force, and that text."""
        documents = []
        for each in case.amends.values():
            entry = await self._registry.entry(each.registry_no, each.version)
            assert entry is not None, f"{each.registry_no} {each.version} has no entry"
            documents.append(AgreementDocument.model_validate(entry.document))
        async with self._database.reading() as connection:
            row = await self._cases.case(connection, case.request.amends_case or "")
        known = AgreementCase.model_validate(row.document) if row is not None and row.kind == "AGREEMENT" else None
        return known, FinalDraft(documents=tuple(documents))
