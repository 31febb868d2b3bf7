"""The built-in directory: versions of the catalogue, and the tokens people sign in with."""

from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.audit import AuditEvent
from domain.canonical import digest_of
from domain.catalogue import Catalogue
from domain.errors import NotFound
from domain.personal_data import Identity, forgotten
from domain.timer_policy import TimerPolicy
from store.audit import AuditTrail
from store.case_tables import CatalogueRow, PersonTokenRow
from store.database import Database
from store.work_packages import Handovers

versions, tokens = CatalogueRow.__table__, PersonTokenRow.__table__  # type: ignore[attr-defined]


class Directory:
    """Who takes part and what is offered; every version is kept, the newest counts."""

    def __init__(self, database: Database, policy: TimerPolicy | None = None) -> None:
        """Work on a database; where owners of work packages leave, this policy says how long people have to name others."""
        self.database = database
        self._handovers = Handovers(database, policy or TimerPolicy())
        self._audit = AuditTrail(database)
        self._known: tuple[tuple[int, str], Catalogue] | None = None

    async def load(self, catalogue: Catalogue, by: str, at: datetime) -> bool:
        """Bring entries in: those of the same name are replaced, others stay; False if nothing changes.

        Raises:
            ValidationError: a name would lead nowhere.
        """
        async with self.database.writing() as connection:
            await self.database.hold(connection, "catalogue")
            before = await self.newest(connection)
            merged = before.merged_with(catalogue) if before is not None else catalogue
            return merged != before and await self._add(connection, before, merged, (by, at))

    async def replace(self, catalogue: Catalogue, instead_of: Catalogue, event: AuditEvent) -> bool:
        """Put a changed catalogue in place of the one it was made from, with what was done; False if somebody else was faster."""
        async with self.database.writing() as connection:
            await self.database.hold(connection, "catalogue")
            if await self.newest(connection) != instead_of:
                return False
            await self._audit.append(connection, [event])
            return await self._add(connection, instead_of, catalogue, (event.actor, event.at))

    async def current(self, connection: AsyncConnection) -> Catalogue:
        """The catalogue as it is now.

        Raises:
            NotFound: none was loaded.
        """
        found = await self.newest(connection)
        if found is None:
            raise NotFound("there is no catalogue yet: servanda catalogue load FILE")
        return found

    async def now(self) -> Catalogue:
        """`current`, in a transaction of its own."""
        async with self.database.reading() as connection:
            return await self.current(connection)

    async def newest(self, connection: AsyncConnection) -> Catalogue | None:
        """The catalogue as it is now; None if none was loaded."""
        query = select(versions.c.number, versions.c.digest).order_by(versions.c.number.desc()).limit(1)
        if (last := (await connection.execute(query)).one_or_none()) is None:
            return None
        # An erasure leaves the number and changes the content: whoever read it before must read it again.
        if self._known is None or self._known[0] != tuple(last):
            document = await connection.scalar(select(versions.c.document).where(versions.c.number == last.number))
            self._known = (last.number, last.digest), Catalogue.model_validate(document)
        return self._known[1]

    async def forget(self, connection: AsyncConnection, identity: Identity, *, keeps_name: bool) -> int:
        """Take a person's record out of every version, but for their key and roles; gives how many versions that changed."""
        changed = 0
        rows = (await connection.execute(select(versions.c.number, versions.c.document).order_by(versions.c.number))).all()
        for number, document in rows:
            left = forgotten(document, identity, keeps_name=keeps_name)
            if left != document:
                values = {"document": left, "digest": digest_of(left)}
                await connection.execute(update(versions).where(versions.c.number == number).values(**values))
                changed += 1
        return changed

    async def _add(self, connection: AsyncConnection, before: Catalogue | None, catalogue: Catalogue, loaded: tuple[str, datetime]) -> bool:
        """Write a version down, with what it leads to; `loaded` is by whom and when."""
        by, at = loaded
        document = catalogue.model_dump(mode="json", by_alias=True)
        digest = digest_of(document)
        values = {"digest": digest, "document": document, "loaded_by": by, "loaded_at": at}
        await connection.execute(self.database.insert(CatalogueRow), values)
        if before is not None:
            await self._handovers.open(connection, before, catalogue, at)
        return True

    # ---- tokens -----------------------------------------------------------------------------------------------------

    async def new_token(self, person: str, at: datetime) -> str:
        """A token for a person; it is shown once and kept nowhere."""
        token = token_urlsafe(24)
        async with self.database.writing() as connection:
            await connection.execute(self.database.insert(PersonTokenRow), {"digest": _digest_of(token), "person": person, "made_at": at})
        return token

    async def revoke_tokens(self, person: str, at: datetime) -> None:
        """None of a person's tokens counts any longer."""
        async with self.database.writing() as connection:
            mine = tokens.c.person == person, tokens.c.revoked_at.is_(None)
            await connection.execute(update(tokens).where(*mine).values(revoked_at=at))

    async def person_of(self, connection: AsyncConnection, token: str) -> str | None:
        """Who signs in with a token; None if nobody does."""
        query = select(tokens.c.person).where(tokens.c.digest == _digest_of(token), tokens.c.revoked_at.is_(None))
        found: str | None = await connection.scalar(query)
        return found


def _digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()
