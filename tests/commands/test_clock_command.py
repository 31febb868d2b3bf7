"""`servanda clock read` with input it cannot use."""

from pathlib import Path

import pytest

from tests.commands.refusals import refused
from tests.conftest import EXAMPLES

WARSAW = str(EXAMPLES / "agreements" / "printers-warsaw.yaml")
STORY = str(EXAMPLES / "stories" / "printer.jsonl")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "Input should be a valid dictionary or instance of CloudEvent"),
        ("{}", "specversion: Field required"),
    ],
    ids=["half an object", "nested deeply", "a list", "nothing in it"],
)
def test_an_event_that_is_none_is_one_line_with_its_place(line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(line, encoding="utf-8")

    assert refused(capsys, "clock", "read", "--agreement", WARSAW, "--events", str(path)) == f"error: {path}:1: {said}\n"


@pytest.mark.parametrize("as_of", ["0001-01-01T00:00+05:00", "9999-12-31T23:59-05:00", "yesterday"])
def test_an_instant_that_cannot_be_named_in_utc_is_refused(as_of: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert repr(as_of) in refused(capsys, "clock", "read", "--agreement", WARSAW, "--events", STORY, "--as-of", as_of)
