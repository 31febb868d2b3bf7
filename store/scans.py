"""Scans of paper signatures, named by the hash of their bytes."""

from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from store.case_tables import ScanRow
from store.database import Database

scans = ScanRow.__table__  # type: ignore[attr-defined]


class Scan(NamedTuple):
    """A file as somebody handed it in."""

    case_id: str
    media_type: str
    content: bytes
    stored_by: str


class Scans:
    """Keeps scans; none is ever changed."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def keep(self, scan: Scan, at: datetime) -> str:
        """Keep a scan and give the hash it is named by; the same bytes a second time are the same scan."""
        digest = sha256(scan.content).hexdigest()
        values = scan._asdict() | {"digest": digest, "stored_at": at}
        async with self._database.writing() as connection:
            await connection.execute(self._database.insert(ScanRow).on_conflict_do_nothing(), values)
        return digest

    async def find(self, case_id: str, digest: str) -> Row[Any] | None:
        """A scan of a case; None if the case has none of that name."""
        query = select(scans).where(scans.c.digest == digest, scans.c.case_id == case_id)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).one_or_none()
