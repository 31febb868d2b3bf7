"""Published agreement versions: written once, read often, never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import BadInput
from domain.terms import Agreement, interned
from store.database import Database
from store.tables import AgreementVersionRow


class AgreementStore:
    """Reads and adds agreement versions; what was read once is kept, as it cannot change."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._known: dict[str, Agreement] = {}

    async def add(self, agreement: Agreement, at: datetime) -> bool:
        """Publish a version; False if exactly this content is published already.

        Raises:
            BadInput: the version exists with other content.
        """
        async with self._database.writing() as connection:
            return await self.add_within(connection, agreement, at)

    async def add_within(self, connection: AsyncConnection, agreement: Agreement, at: datetime) -> bool:
        """`add`, in the caller's transaction."""
        found = await connection.scalar(
            select(AgreementVersionRow.digest).where(  # type: ignore[call-overload]
                AgreementVersionRow.agreement == agreement.agreement, AgreementVersionRow.version == agreement.version
            )
        )
        if found == agreement.digest:
            return False
        if found is not None:
            raise BadInput(
                f"{agreement.agreement} {agreement.version} is published with other content; a published version never changes: "
                "give the change a new version"
            )
        await connection.execute(
            self._database.insert(AgreementVersionRow),
            {
                "digest": agreement.digest,
                "agreement": agreement.agreement,
                "version": agreement.version,
                "kind": agreement.kind.value,
                "document": agreement.model_dump(mode="json"),
                "imported_at": at,
            },
        )
        return True

    async def all(self, connection: AsyncConnection) -> Sequence[Agreement]:
        """Every published version; asks the database only for those it has not read before."""
        count = await connection.scalar(select(func.count()).select_from(AgreementVersionRow))
        if count != len(self._known):
            await self._load(connection)
        return list(self._known.values())

    async def of(self, connection: AsyncConnection, digests: Iterable[str]) -> tuple[Agreement, ...]:
        """The versions with these digests, in their order."""
        wanted = list(digests)
        if any(digest not in self._known for digest in wanted):
            await self._load(connection)
        return tuple(self._known[digest] for digest in wanted)

    async def _load(self, connection: AsyncConnection) -> None:
        rows = await connection.execute(select(AgreementVersionRow.digest, AgreementVersionRow.document))  # type: ignore[call-overload]
        for digest, document in rows:
            if digest not in self._known:
                self._known[digest] = interned(Agreement.model_validate(document))
