"""`servanda person`, `servanda retention` and `servanda audit verify` on a database of their own."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli import run
from store.database import Database
from store.registry import AgreementRegistry
from tests.databases import set_up
from tests.store.test_personal_data import AT, MAIL, NAME, hired, told
from tests.store.test_registry import registration

REASON = ["--reason", "request of 20 November, letter 17"]


def shift_to(at: datetime) -> str:
    """The setting by which it is that instant now."""
    seconds = int((datetime.now(UTC) - at).total_seconds())
    return f"{'-' * (seconds < 0)}PT{abs(seconds)}S"


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On 27 November 2026: Beata signs for the bank, letters name her, and she has left."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}"
    monkeypatch.setenv("SERVANDA_DATABASE_URL", url)
    monkeypatch.setenv("SERVANDA_TIME_SHIFT", shift_to(AT))

    async def prepare() -> None:
        database = Database(url)
        await set_up(database)
        await hired(database, active=True)
        await AgreementRegistry(database).register(registration())
        await told(database)
        await hired(database, active=False)
        await database.close()

    asyncio.run(prepare())


def test_a_request_is_answered_in_three_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported = tmp_path / "b3.json"
    assert run(["person", "find", MAIL]) == 0
    found = capsys.readouterr().out
    assert run(["person", "export", "B3", "--output", str(exported)]) == 0
    assert run(["person", "erase", "B3", *REASON]) == 0
    shown = capsys.readouterr().out
    assert run(["person", "erase", "B3", *REASON, "--confirm", "--json"]) == 0
    left = json.loads(capsys.readouterr().out)
    assert run(["audit", "verify"]) == 0
    verified = capsys.readouterr().out

    assert found.startswith("B3: known to the directory\n")
    assert "NAME       catalogue_version       1 row(s)  kept: agreement SLA/2026/0001 goes on" in found
    assert NAME in exported.read_text(encoding="utf-8")
    assert shown.endswith("nothing was erased; --confirm does it\n")
    assert {each["fate"] for each in left["found"]} == {"KEEP", "KEY_STAYS"}
    assert "; 1 event(s) lost names, each proven" in verified, "the reason of a leave named her"


def test_what_has_passed_its_period_is_counted_then_gone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVANDA_RETENTION", '{"letter_days": 1}')
    monkeypatch.setenv("SERVANDA_TIME_SHIFT", shift_to(AT + timedelta(days=2)))
    assert run(["retention", "run", "--dry-run", "--json"]) == 0
    due = json.loads(capsys.readouterr().out)["rows"]
    assert run(["retention", "run", "--json"]) == 0
    gone = json.loads(capsys.readouterr().out)["rows"]
    assert run(["retention", "show"]) == 0

    assert due == gone
    assert (due["letters"], due["deliveries"], due["decisions"]) == (3, 4, 1)
    assert "letter_days 1," in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["person", "erase", "B3", "--reason", "short"], "--reason: say in ten letters or more why"),
        (["person", "erase", "B4", *REASON, "--confirm"], "B4 takes part: load the catalogue with active: false for B4 first"),
        (["person", "find", "ab"], "'ab' is too short to look for"),
        (["retention", "schedule", "--at", "late"], "--at: 'late' is no time of day"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


def test_a_period_that_cannot_be_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVANDA_RETENTION", '{"letter_days": 0}')

    assert run(["retention", "show"]) == 2
    assert "SERVANDA_RETENTION.letter_days" in capsys.readouterr().err
