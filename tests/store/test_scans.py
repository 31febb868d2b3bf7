"""Laws of scans, on both databases."""

from datetime import UTC, datetime

from store.database import Database
from store.scans import Scan, Scans

AT = datetime(2026, 3, 6, 9, 45, tzinfo=UTC)


async def test_the_same_page_handed_in_for_two_cases_belongs_to_both(database: Database) -> None:
    scans = Scans(database)
    for case_id in ("case-1", "case-2", "case-2"):
        digest = await scans.keep(Scan(case_id, "application/pdf", b"%PDF-1.7 one blank page", "B3"), AT)
    found = [await scans.find(case_id, digest) for case_id in ("case-1", "case-2", "case-3")]

    assert [row.case_id if row is not None else None for row in found] == ["case-1", "case-2", None]
