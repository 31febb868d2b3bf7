"""`servanda agreement import` on a database of its own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.agreement import publish
from store.database import Database
from store.registry import AgreementRegistry
from tests.conftest import example
from tests.databases import set_up


async def test_an_import_is_numbered_and_dated_by_the_business_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}"
    shift = datetime.now(UTC) - datetime(2024, 5, 6, tzinfo=UTC)
    monkeypatch.setenv("SERVANDA_DATABASE_URL", url)
    monkeypatch.setenv("SERVANDA_TIME_SHIFT", f"PT{int(shift.total_seconds())}S")
    database = Database(url)
    await set_up(database)
    await publish([example("printers-warsaw")], "X1")
    [entry] = await AgreementRegistry(database).search({}, None, 10, None)
    await database.close()

    assert (entry.registry_no, entry.registered_at.date().isoformat()) == ("SLA/2024/0001", "2024-05-06")
