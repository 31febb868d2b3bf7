"""What is written about the product is true of it."""

import json
import re
import shlex
from pathlib import Path

import pytest

from cli import COMMANDS, run
from commands.agreement import FORMS
from connectors.proposals import read_proposal
from tests.conftest import EXAMPLES, ROOT, example


def commands_of(text: str) -> list[list[str]]:
    """The `servanda` commands in the shell blocks of a page."""
    lines = [line.strip() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/servanda ")]


README = (ROOT / "README.md").read_text(encoding="utf-8")


BACKTEST = (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [*commands_of(README), *commands_of(BACKTEST)], ids=lambda arguments: " ".join(arguments[:2]))
def test_a_command_of_the_pages_runs(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)

    assert run(arguments) == 0
    assert capsys.readouterr().out != ""


def test_the_readme_shows_what_the_command_prints(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    run(next(arguments for arguments in commands_of(README) if arguments[0] == "calendar"))

    assert capsys.readouterr().out in README


@pytest.mark.parametrize("page", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"], ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize(("form", "name"), [("terms", "agreement"), ("draft", "draft"), ("report", "report")])
def test_the_published_schema_is_that_of_the_code(form: str, name: str) -> None:
    published = json.loads((EXAMPLES / f"{name}.schema.json").read_text(encoding="utf-8"))

    assert published == FORMS[form].model_json_schema(), f"servanda agreement schema --form {form} > examples/{name}.schema.json"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("catalogues/*.yaml")), ids=lambda path: path.stem)
def test_an_example_catalogue_has_no_fault(path: Path) -> None:
    assert run(["catalogue", "check", str(path)]) == 0


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("proposals/*.yaml")), ids=lambda path: path.stem)
def test_an_example_proposal_can_be_read(path: Path) -> None:
    assert read_proposal(path).promising


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("drafts/*.yaml")), ids=lambda path: path.stem)
def test_an_example_draft_has_no_fault(path: Path) -> None:
    assert run(["agreement", "check", str(path)]) == 0


def test_the_example_draft_is_sound_and_aligned(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    supports = [str(path) for path in sorted(Path("examples/supports").glob("*.yaml"))]

    assert run(["agreement", "check", "examples/drafts/bank-narew.yaml", *supports]) == 0
    assert run(["agreement", "align", "examples/drafts/bank-narew.yaml", *supports]) == 0
    assert "warsaw.response: rule 1 HOLDS: the chain takes 3h30m of 4h, slack 30m (12.5 %)" in capsys.readouterr().out


def test_a_draft_that_its_supports_do_not_carry_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    slow = tmp_path / "slow.yaml"
    field = Path("examples/supports/field-warsaw.yaml").read_text(encoding="utf-8").replace("limit: 180m", "limit: 240m")
    slow.write_text(field.replace("../calendars", str(ROOT / "examples" / "calendars")), encoding="utf-8")

    code = run(["agreement", "align", "examples/drafts/bank-narew.yaml", "examples/supports/desk.yaml", str(slow)])

    assert code == 1
    assert "TOO_LONG" not in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted((EXAMPLES / "agreements").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_agreement_is_without_fault(path: Path) -> None:
    assert example(path.stem).agreement == path.stem


OUTPUTS = {
    "clock-read-printer.txt": (
        "clock read --agreement examples/agreements/printers-warsaw.yaml --events examples/stories/printer.jsonl"
        " --as-of 2026-03-18T08:00+01:00"
    ),
    "clock-read-incident.txt": (
        "clock read --agreement examples/agreements/erp.yaml --agreement examples/agreements/erp-desk.yaml"
        " --agreement examples/agreements/erp-servers.yaml --agreement examples/agreements/erp-vendor.yaml"
        " --events examples/stories/incident.jsonl --as-of 2026-05-14T12:00+02:00"
    ),
    "clock-read-leaver.json": (
        "clock read --agreement examples/agreements/user-termination.yaml --events examples/stories/leaver.jsonl"
        " --as-of 2026-03-02T08:00+01:00 --json"
    ),
    "calendar-check-pl-ext.json": "calendar check examples/calendars/pl-ext.yaml --json",
    "calendar-due.json": "calendar due examples/calendars/pl-ext.yaml --start 2026-09-05T12:30+02:00 --budget 4h --json",
}
"""Each example and the output it must give: a change of behaviour shows as a difference in `examples/outputs`."""


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_example_gives_its_committed_output(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert run(OUTPUTS[name].split()) == 0

    assert capsys.readouterr().out == (EXAMPLES / "outputs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_offers_nothing_but_what_the_command_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "completion" not in capsys.readouterr().out


@pytest.mark.parametrize("named", re.findall(r"`(tests/[^`]+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
def test_every_attack_in_the_docs_is_tried_by_a_test(named: str) -> None:
    file, _, test = named.partition("::")
    path = ROOT / file

    assert path.exists(), named
    assert not test or f"def {test}(" in path.read_text(encoding="utf-8"), named
