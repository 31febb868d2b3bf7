"""What the page tells people to put into other systems does what it says."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest

from cli import run
from connectors.incoming import Incoming
from connectors.makers import MAKERS
from connectors.record_mappings import read_record_mapping
from connectors.record_stories import tell
from store.database import Database
from tests.conftest import EXAMPLES, ROOT
from tests.connectors.posts import SECRET, address_of

PAGE = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")

SERVICENOW = """
const crypto = require('crypto');
const values = {sys_id: 'a1', number: 'INC1', state: '3', priority: '1', company: 'c', opened_at: '2026-03-17 10:00:00',
  sys_updated_on: '2026-03-17 10:20:00', sys_mod_count: 4};
const current = {getValue: name => values[name]}, previous = null;
const gs = {getProperty: name => name === 'servanda.secret' ? process.argv[2] : 'https://slm.example.test/x'};
const GlideStringUtil = {base64Encode: text => Buffer.from(text).toString('base64')};
function GlideCertificateEncryption() {}
GlideCertificateEncryption.prototype.generateMac = (key, algorithm, text) =>
  crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
const sent = {headers: {}};
const sn_ws = {RESTMessageV2: function () {
  this.setEndpoint = url => { sent.url = url; };
  this.setHttpMethod = method => { sent.method = method; };
  this.setRequestHeader = (name, value) => { sent.headers[name.toLowerCase()] = value; };
  this.setRequestBody = body => { sent.body = body; };
  this.executeAsync = () => console.log(JSON.stringify(sent));
}};
"""
"""What ServiceNow gives a business rule, as far as ours uses it: its API as documented."""


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def kinds(maker: str, incoming: Incoming) -> list[str]:
    MAKERS[maker].verify(incoming, [SECRET], datetime.now(UTC))
    [posting] = MAKERS[maker].postings(incoming)
    told = tell(read_record_mapping(EXAMPLES / "connectors" / f"{maker}.yaml"), posting, ())
    return [event["type"] for event in told.events]


@pytest.mark.skipif(shutil.which("node") is None, reason="no JavaScript here")
def test_the_business_rule_of_servicenow_posts_what_its_adapter_and_mapping_read() -> None:
    script = SERVICENOW + block("js")
    done = subprocess.run(["node", "-", SECRET], input=script, capture_output=True, text=True, check=True)
    sent: dict[str, Any] = json.loads(done.stdout)
    incoming = Incoming("POST", address_of("servicenow"), sent["headers"], {}, sent["body"].encode())

    assert kinds("servicenow", incoming) == ["ticket.created", "ticket.changed", "ticket.paused"]


def test_the_content_of_freshdesks_rule_is_what_its_adapter_and_mapping_read() -> None:
    filled = {
        "id": "204",
        "status": "Pending",
        "priority": "Urgent",
        "company.id": "51000641139",
        "created_at": "2026-03-17T10:00:00Z",
        "updated_at": "2026-03-17T10:20:00Z",
    }
    body = re.sub(r"\{\{ticket\.([a-z_.]+)\}\}", lambda place: filled[place[1]], block("json"))
    incoming = Incoming("POST", address_of("freshdesk"), {"x-servanda-token": SECRET}, {}, body.encode())

    assert kinds("freshdesk", incoming) == ["ticket.created", "ticket.changed", "ticket.paused"]


async def test_the_statement_of_the_page_runs(database: Database) -> None:
    [statement] = re.findall(r"`(SELECT [^`]+)`", PAGE)
    async with database.reading() as connection:
        await connection.exec_driver_sql(statement)


def test_the_list_of_connectors_prints_where_each_system_posts_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("RT_WEBHOOK_SECRET", "RT_TOKEN", "BOTTLECRM_WEBHOOK_SECRET", "BOTTLECRM_TOKEN"):
        monkeypatch.setenv(name, "a-secret-of-sixteen-letters")
    monkeypatch.setenv("SERVANDA_CONNECTORS_FILE", str(EXAMPLES / "connectors" / "connectors.yaml"))
    monkeypatch.setenv("SERVANDA_PUBLIC_URL", "https://slm.example.test")

    assert run(["connector", "list"]) == 0
    assert "https://slm.example.test/connectors/help-desk/events  written back to" in capsys.readouterr().out
    assert run(["connector", "list", "--json"]) == 0
    assert [each["source"] for each in json.loads(capsys.readouterr().out)] == ["rt", "bottlecrm"]
    assert run(["reconcile", "--connector", "nobody"]) == 2
    assert "there is no connector 'nobody'" in capsys.readouterr().err


def test_a_file_that_is_wrong_stops_the_start_with_its_place(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SERVANDA_CONNECTORS_FILE", str(EXAMPLES / "connectors" / "jira.yaml"))

    assert run(["connector", "list"]) == 2
    assert "jira.yaml" in capsys.readouterr().err
