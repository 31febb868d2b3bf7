"""Who is signed in with which browser, and which personal links were used. All times here are real ones."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import delete, select

from store.database import Database
from store.session_tables import SessionRow, UsedLinkRow

sessions, links = SessionRow.__table__, UsedLinkRow.__table__  # type: ignore[attr-defined]


class Sessions:
    """Keeps the hashes of browsers' secrets; the secrets themselves are only in the browsers."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def begin(self, person: str, at: datetime, lasts: timedelta) -> str:
        """Sign a person in; gives the secret for their browser. Sessions that are over are cleared away."""
        secret = token_urlsafe(32)
        row = {"digest": _digest_of(secret), "person": person, "made_at": at, "expires_at": at + lasts}
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
            await connection.execute(self._database.insert(SessionRow), row)
        return secret

    async def person_of(self, secret: str, at: datetime) -> str | None:
        """Who is signed in; None if nobody is, or not any longer."""
        query = select(sessions.c.person).where(sessions.c.digest == _digest_of(secret), sessions.c.expires_at > at)
        async with self._database.reading() as connection:
            found: str | None = await connection.scalar(query)
        return found

    async def end(self, secret: str) -> None:
        """Sign a browser out."""
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.digest == _digest_of(secret)))

    async def end_all(self, person: str) -> None:
        """Sign all browsers of a person out."""
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.person == person))

    # ---- personal links ---------------------------------------------------------------------------------------------

    async def was_used(self, link: str) -> bool:
        """Was a decision made by this link?"""
        async with self._database.reading() as connection:
            return await connection.scalar(select(links.c.digest).where(links.c.digest == _digest_of(link))) is not None

    async def use(self, link: str, person: str, at: datetime, expires_at: datetime) -> bool:
        """Use a link up; False if it was used before. Links that have expired open nothing, and are forgotten."""
        row = {"digest": _digest_of(link), "person": person, "used_at": at, "expires_at": expires_at}
        async with self._database.writing() as connection:
            await connection.execute(delete(links).where(links.c.expires_at <= at))
            done = await connection.execute(self._database.insert(UsedLinkRow).on_conflict_do_nothing(index_elements=["digest"]), row)
        return done.rowcount == 1

    async def give_back(self, link: str) -> None:
        """Undo the use of a link whose decision was refused."""
        async with self._database.writing() as connection:
            await connection.execute(delete(links).where(links.c.digest == _digest_of(link)))


def _digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
