"""`servanda replan` on a database of its own: the dry run prints what would be, and --confirm begins it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli import run
from store.database import Database
from tests.api.test_replans import NOW, REASON, prepare
from tests.conftest import created, serve, settings_for
from tests.databases import set_up

ASKED = ["replan", "SLA/2026/0001", "--to", "2.0", "--reason", REASON]


@pytest.fixture
async def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Sat 5 Sep 2026, with an open ticket under 1.0."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}"
    shift = datetime.now(UTC) - datetime.fromisoformat(NOW)
    monkeypatch.setenv("SERVANDA_DATABASE_URL", url)
    monkeypatch.setenv("SERVANDA_TIME_SHIFT", f"PT{int(shift.total_seconds())}S")
    database = Database(url)
    await set_up(database)
    await prepare(database)
    await database.close()
    async with serve(settings_for(url, now=NOW)) as api:
        await api.post(created("2026-09-05T12:30+02:00", "P-1"))


@pytest.mark.usefixtures("installation")
def test_a_dry_run_prints_old_and_new_due_times_and_its_confirmation_begins_the_moves(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ASKED) == 0
    ticket, counted, last = capsys.readouterr().out.splitlines()

    assert ticket.split() == ["crm/P-1", "response", "1.0", "2026-09-07T10:00:00Z", "->", "2026-09-07T08:30:00Z"]
    assert counted == "1 ticket(s) would go to 2.0, 0 keep their due times, 0 would be late at once"
    dry_run = last.removeprefix("nothing was moved; --confirm ").removesuffix(" does it")
    assert run([*ASKED, "--confirm", dry_run]) == 0
    assert "1 ticket(s) are being moved to 2.0" in capsys.readouterr().out


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*ASKED, "--confirm", "replan-0"], "name in `confirms` the dry run of these very versions"),
        ([*ASKED[:-1], "short"], "--reason: say in ten letters or more why"),
        (["replan", "SLA/2026/0009", *ASKED[2:]], "there is no agreement SLA/2026/0009"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert capsys.readouterr().err == f"error: {said}\n"
