"""The OpenAPI document says of each address what it takes and how it refuses."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from domain.agreement_machine import BY_NAME
from domain.support_case import SUPPORT_BY_NAME
from tests.conftest import settings_for

DECISIONS = [*(f"/cases/{{case_id}}/{name}" for name in BY_NAME), *(f"/support-cases/{{case_id}}/{name}" for name in SUPPORT_BY_NAME)]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document as it is served."""
    folder: Path = tmp_path_factory.mktemp("openapi")
    described: dict[str, Any] = create_app(settings_for(f"sqlite+aiosqlite:///{folder / 'none.db'}"), None).openapi()
    return described


@pytest.mark.parametrize("path", DECISIONS)
def test_a_decision_has_its_body_its_key_and_its_refusals(document: dict[str, Any], path: str) -> None:
    route = document["paths"][path]["post"]
    body = route["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]

    assert document["components"]["schemas"][body]["additionalProperties"] is False
    assert "action" not in document["components"]["schemas"][body].get("properties", {})
    assert {each["name"]: each["required"] for each in route["parameters"]}["idempotency-key"] is True
    assert {"200", "202", "401", "403", "404", "409", "413", "422"} <= route["responses"].keys()


def test_every_refusal_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    answers = [
        (path, status, list(answer["content"]))
        for path, verbs in document["paths"].items()
        for route in verbs.values()
        for status, answer in route["responses"].items()
        if status >= "400"
    ]

    assert {tuple(content) for _, _, content in answers} == {("application/problem+json",)}
    assert "HTTPValidationError" not in json.dumps(document)


def test_every_name_in_the_document_leads_somewhere_and_every_operation_has_its_own(document: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    operations = [route["operationId"] for verbs in document["paths"].values() for route in verbs.values()]

    assert document["openapi"].startswith("3.1")
    assert named <= document["components"]["schemas"].keys()
    assert len(operations) == len(set(operations))
