"""Every address of the API, with whatever its description allows and more: no failure of ours, no answer that is not described."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from api.app import create_app
from commands.serving import serving
from domain.catalogue import Catalogue
from domain.people import SIDES_OF, Role, Side
from store.directory import Directory
from tests.api.people import SPRING, other_bank, working
from tests.conftest import event, fresh, movable_engine, settings_for
from tests.processes import free_port

ROLES = [role for role in Role if Side.PROVIDER in SIDES_OF.get(role, {Side.PROVIDER})]


class Served(NamedTuple):
    """An installation with something in it."""

    address: str
    tokens: dict[str, str]
    case_id: str
    ticket: str


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A case in its final review, a ticket, and somebody of the provider who has every role."""
    database, port = await fresh(tmp_path_factory.mktemp("whole")), free_port()
    settings = settings_for(database.url, now=SPRING, api_port=port)
    async with movable_engine() as engine, working(engine.client, database) as people:
        app = create_app(settings, engine.client)
        async with serving(app, settings):
            case_id = await people.open()
            await people.play(case_id, until="FINAL_REVIEW")
            now = people.now
            await people.api.post(event("created", now.isoformat(), "T-1", customer="Bank Narew S.A.", service="MPS", region="METRO"))
            directory, known = Directory(database), other_bank().model_dump(mode="json", by_alias=True)
            known["people"].append({"person": "E1", "name": "Everybody", "roles": [role.value for role in ROLES]})
            await directory.load(Catalogue.model_validate(known), "test", now)
            tokens = people.tokens | {"E1": await directory.new_token("E1", now)}
            yield Served(f"http://127.0.0.1:{port}", tokens, case_id, "crm/T-1")
    await database.close()


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("person", "examples"), [("E1", 2), ("B1", 1)], ids=["provider", "customer"])
async def test_no_answer_is_undescribed_and_nothing_fails_here(served: Served, tmp_path: Path, person: str, examples: int) -> None:
    (tmp_path / "schemathesis.toml").write_text(
        f'[parameters]\n"path.case_id" = "{served.case_id}"\n"path.ticket" = "{served.ticket}"\n"query.wait" = 0\n', encoding="utf-8"
    )
    checks = "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance"
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{served.address}/openapi.json"),
        *("--header", f"Authorization: Bearer {served.tokens[person]}", "--checks", checks),
        *(
            "--max-examples",
            str(examples),
            "--phases",
            "examples,fuzzing",
            "--seed",
            "1",
            "--no-color",
            "--exclude-path",
            "/surveys/{survey}",
        ),
    ]
    running = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    shown, _ = await running.communicate()

    assert running.returncode == 0, shown.decode()[-6000:]
