"""An agreement as OpenSLO, asked for at the API and by the command."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from cli import run
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.api.test_measurements import HOSTING
from tests.conftest import example, fresh
from tests.domain.drafts import bank_draft, changed
from tests.store.test_registry import SIGNED, registration


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[Office]:
    """An availability agreement of the bank, and ready terms."""
    database = await fresh(tmp_path)
    registry = AgreementRegistry(database)
    await registry.register(registration("case-1", changed(bank_draft().named("warsaw"), **HOSTING)))
    await registry.import_terms(example("device-order"), "test", SIGNED)
    async with office(database, None, now="2026-08-03T09:00+02:00") as made:
        yield made
    await database.close()


async def test_who_may_see_the_agreement_gets_its_objectives(people: Office) -> None:
    answer = await people.get("B1", "/registry/SLA-2026-0001/openslo", version="1.0")

    assert answer.headers["content-type"] == "application/yaml"
    assert [each["kind"] for each in yaml.safe_load_all(answer.text)] == ["Service", "SLI", "SLO"]
    assert (await people.get(None, "/registry/SLA-2026-0001/openslo")).status_code == 401
    assert (await people.get("K1", "/registry/SLA-2026-0001/openslo")).status_code == 404
    assert (await people.get("M1", "/registry/SLA-2026-0001/openslo", version="2.0")).status_code == 404
    assert (await people.get("M1", "/registry/SLA-2026-0002/openslo")).status_code == 404, "ready terms state no shares"


async def test_the_command_prints_the_same(people: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer = await people.get("M1", "/registry/SLA-2026-0001/openslo")
    monkeypatch.setenv("SERVANDA_DATABASE_URL", people.api.app.state.parts.database.url)
    code = await asyncio.to_thread(run, ["agreement", "openslo", "SLA-2026-0001"])
    printed = capsys.readouterr().out
    unknown = await asyncio.to_thread(run, ["agreement", "openslo", "SLA-2026-0009"])

    assert (code, printed) == (0, answer.text)
    assert (unknown, capsys.readouterr().err) == (2, "error: there is no agreement SLA-2026-0009\n")
