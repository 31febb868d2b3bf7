"""The files of connectors: the examples are right, and whatever is wrong is named with its place."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import run
from connectors.documents import FaultyDocument
from connectors.installed import read_connectors, sources_written_to
from connectors.makers import MAKERS
from connectors.record_mappings import read_record_mapping
from domain.errors import BadInput
from settings import Settings
from tests.conftest import EXAMPLES, ROOT

FOLDER = EXAMPLES / "connectors"
SECRETS = {"RT_WEBHOOK_SECRET": "r" * 20, "RT_TOKEN": "token-1", "BOTTLECRM_WEBHOOK_SECRET": "b" * 20, "BOTTLECRM_TOKEN": "token-2"}


def entry(**more: Any) -> dict[str, Any]:
    return {"name": "desk", "maker": "jira", "secrets": ["s" * 20], "mapping": str(FOLDER / "jira.yaml")} | more


def written(folder: Path, *entries: dict[str, Any]) -> Path:
    path = folder / "connectors.yaml"
    path.write_text(yaml.safe_dump({"connectors": list(entries)}), encoding="utf-8")
    return path


def test_the_example_of_the_file_is_right_and_its_secrets_come_from_the_environment() -> None:
    found = read_connectors(FOLDER / "connectors.yaml", SECRETS)

    assert list(found["help-desk"].secrets) == ["r" * 20]
    assert found["crm"].rest is not None
    assert found["crm"].rest.access.token == "token-2"
    assert sources_written_to(found) == {"rt", "bottlecrm"}


@pytest.mark.parametrize("maker", sorted(MAKERS))
def test_every_maker_has_a_mapping_among_the_examples_and_a_chapter_in_the_docs(maker: str) -> None:
    mapping = read_record_mapping(FOLDER / f"{maker}.yaml")
    page = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")

    assert mapping.tickets or mapping.deals
    assert f"{maker}.yaml" in page


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(BadInput, match="RT_TOKEN is not set"):
        read_connectors(FOLDER / "connectors.yaml", {**SECRETS, "RT_TOKEN": ""})


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"maker": "pencil"}, "'pencil' is not one of"),
        ({"secrets": ["short"]}, "at least 16 characters"),
        ({"secrets": []}, "secrets"),
        ({"name": "Desk!"}, "name"),
        ({"mapping": "nowhere.yaml"}, "No such file"),
        ({"rest": {"url": "http://desk.example.com", "token": "t"}}, "must be https"),
        ({"rest": {"url": "https://desk.example.com", "token": "t", "comments": ["lunch"]}}, "'lunch' is not one of"),
        ({"maker": "salesforce", "rest": {"url": "https://sf.example.com", "token": "t"}}, "nothing is written to salesforce"),
        ({"maker": "bottlecrm", "rest": {"url": "https://c.example.com", "token": "t", "due_field": "x"}}, "no field that we can write"),
        ({"colour": "red"}, "unknown field"),
    ],
)
def test_what_is_wrong_with_a_connector_is_named(tmp_path: Path, more: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        read_connectors(written(tmp_path, entry(**more)), {})


def test_two_connectors_never_bring_tickets_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(FaultyDocument, match="same source jira"):
        read_connectors(written(tmp_path, entry(), entry(name="other")), {})
    with pytest.raises(FaultyDocument, match="desk stands twice"):
        read_connectors(written(tmp_path, entry(), entry()), {})


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({}, "reads tickets, deals or endings"),
        ({"tickets": {"id": "id", "status": "state"}}, "belong together"),
        ({"tickets": {"id": "id", "status": "s", "statuses": {"x": {"ends": True, "pauses": "WAITING"}}}}, "one of them"),
        ({"tickets": {"id": "id", "attributes": {"status": "state"}}}, "kept for the text of the status"),
        ({"tickets": {"id": "id", "attributes": {"priority": {}}}}, "either path or value"),
        ({"tickets": {"id": "ticket..id"}}, "tickets.id"),
        (
            {
                "endings": {
                    "when": {"a": "b"},
                    "id": "id",
                    "registry_no": "n",
                    "basis": {"value": "WHIM"},
                    "legal_ref": "l",
                    "requested_by": "r",
                }
            },
            "'WHIM'",
        ),
    ],
)
def test_what_is_wrong_with_a_mapping_is_named(tmp_path: Path, mapping: dict[str, Any], named: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(yaml.safe_dump({"source": "desk", **mapping}), encoding="utf-8")

    with pytest.raises(FaultyDocument, match=named):
        read_record_mapping(path)


def test_the_command_says_what_files_read_and_where_they_are_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("source: desk\ntickets:\n  id: id\n  colour: red\n", encoding="utf-8")

    assert run(["connector", "check", *map(str, sorted(FOLDER.glob("*.yaml")))]) == 0
    assert "help-desk takes request-tracker as rt" in capsys.readouterr().out
    assert run(["connector", "check", str(wrong)]) == 1
    assert "wrong.yaml:4: tickets.colour: unknown field" in capsys.readouterr().out


def test_the_command_shows_what_a_mapping_makes_of_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = tmp_path / "record.json"
    record.write_text(json.dumps({"ticket": {"id": 5, "status": "Pending", "priority": "Urgent", "updated_at": "2026-03-17T10:00:00Z"}}))

    assert run(["connector", "try", str(FOLDER / "freshdesk.yaml"), str(record)]) == 0
    assert [event["type"] for event in json.loads(capsys.readouterr().out)["events"]] == [
        "ticket.created",
        "ticket.changed",
        "ticket.paused",
    ]


@pytest.mark.parametrize("form", ["mapping", "connectors"])
def test_the_schema_names_every_field(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["connector", "schema", "--form", form]) == 0
    assert json.loads(capsys.readouterr().out)["additionalProperties"] is False


def test_an_installation_without_connectors_has_none() -> None:
    assert Settings(connectors_file=None).connectors == {}
