"""The rules of the house that a reader of one file cannot see."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli import COMMANDS
from settings import Settings
from tests.conftest import ROOT
from worker import WORKFLOWS
from workflows import names

ROOMS = ("domain", "store", "connectors", "activities", "workflows", "api", "commands")

MAY_IMPORT = {
    "domain": set(),
    "store": {"domain"},
    "connectors": {"domain"},
    "activities": {"domain"},
    "workflows": {"domain", "activities"},
    "api": {"domain", "workflows", "store", "connectors", "settings"},
    "commands": {"domain", "workflows", "store", "connectors", "api", "settings", "worker"},
}
"""Imports run one way. Activities see the store and the connectors only as the ports of the domain; `worker.py` wires."""


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    ours = {*ROOMS, "settings", "worker", "cli"}
    for path in (ROOT / room).rglob("*.py"):
        reached = {name.partition(".")[0] for name in imports_of(path)} & ours
        assert reached <= MAY_IMPORT[room] | {room}, f"{path.relative_to(ROOT)} imports {reached - MAY_IMPORT[room] - {room}}"


def test_the_domain_reads_no_clock_and_does_no_input_or_output() -> None:
    forbidden = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|open\(|os\.environ|random\.|uuid4)")
    for path in (ROOT / "domain").rglob("*.py"):
        assert not forbidden.search(path.read_text(encoding="utf-8")), path.name


def test_importing_the_workflows_loads_neither_database_nor_web_libraries() -> None:
    heavy = ("sqlmodel", "sqlalchemy", "fastapi", "holidays")
    ours = "workflows.ticket, workflows.digest, workflows.agreement_case"
    code = f"import sys, {ours}; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert shown.stdout.strip() == "[]"


def test_no_file_is_longer_than_300_lines_and_no_function_than_40() -> None:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            text = path.read_text(encoding="utf-8")
            assert text.count("\n") <= 300, f"{path.relative_to(ROOT)} has {text.count(chr(10))} lines: which concept is hiding in it?"
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    assert length <= 40, f"{path.relative_to(ROOT)}: {node.name} has {length} lines"


def test_the_names_the_engine_knows_us_by_never_change() -> None:
    known = {queue: [vars(each)["__temporal_workflow_definition"].name for each in workflows] for queue, workflows in WORKFLOWS.items()}
    assert known == {
        "servanda-tickets": ["Ticket", "Digest"],
        "servanda-cases": ["AgreementCase", "SupportCase", "Agreement", "FollowUp", "Replan", "Retention", "Backtest"],
    }
    assert names.QUEUES == ("servanda-tickets", "servanda-cases", "servanda-notices", "servanda-crm", "servanda-backtests")
    assert [key.name for key in names.SEARCH_ATTRIBUTES] == [
        "AgreementState",
        "PendingRole",
        "RegistryNo",
        "CustomerId",
        "ClockHealth",
        "NextDueAt",
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_stands_in_the_docs(command: str) -> None:
    source = (ROOT / "commands" / f"{command.replace('-', '_')}.py").read_text(encoding="utf-8")
    docs = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    assert "Example: " in source
    assert f"servanda {command}" in docs


def test_every_setting_stands_in_the_docs() -> None:
    docs = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"SERVANDA_{name.upper()}" not in docs]
    assert missing == []


def test_the_project_names_no_package_registry_and_no_path_of_one_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    forbidden = re.compile("|".join(("pypi" + r"\.org", "files\\.python" + "hosted", "registry\\.npm" + "js", "/" + "work/")))
    for name in tracked:
        path = ROOT / name
        if path.exists() and path.suffix not in {".json", ".png"}:
            assert not forbidden.search(path.read_text(encoding="utf-8", errors="ignore")), name
