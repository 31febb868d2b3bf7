"""A real BottleCRM beside a whole installation: its own webhooks, its own REST interface.

It takes minutes to set up, so it is run where somebody has one on this machine that may post to the loopback:
`SERVANDA_BOTTLECRM` is its address, `SERVANDA_BOTTLECRM_TOKEN` the access token of an administrator's session.
"""

import os
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.connectors.both_sides import address_of, clocks, connected, mapping, reconcile, until
from tests.processes import Installation

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("SERVANDA_BOTTLECRM" not in os.environ, reason="SERVANDA_BOTTLECRM names no BottleCRM"),
]


class BottleCrm:
    """What people do there."""

    def __init__(self) -> None:
        self.url = os.environ["SERVANDA_BOTTLECRM"]
        self.token = os.environ["SERVANDA_BOTTLECRM_TOKEN"]
        self._http = httpx2.Client(base_url=self.url, headers={"authorization": f"Bearer {self.token}"}, timeout=60)

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self._http.request(method, path, json=body or None)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def comments(self, path: str) -> list[str]:
        found = self.call("GET", path)
        return [each["comment"] for each in (*found.get("comments", ()), *found.get("internal_notes", ()))]

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BottleCrm, Installation, str]]:
    """Both, connected to each other, and the CRM's number of the bank."""
    folder = tmp_path_factory.mktemp("both")
    ours, crm = Installation(folder), BottleCrm()
    account = str(crm.call("POST", "/api/accounts/", name=f"Bank Narew S.A. {ours.api_port}")["id"])
    endpoint = crm.call(
        "POST",
        "/api/webhooks/",
        url=address_of(ours, "crm"),
        events=["ticket.created", "ticket.updated", "ticket.comment_added", "deal.created", "deal.updated"],
    )

    def know_the_bank(value: dict[str, Any]) -> None:
        for field in (value["tickets"]["attributes"]["customer"], value["deals"]["customer"]):
            field["values"] = {account: "Bank Narew S.A."}

    entry = {
        "name": "crm",
        "maker": "bottlecrm",
        "secrets": ["${CRM_SECRET}"],
        "mapping": mapping(folder, "bottlecrm", know_the_bank),
        "rest": {"url": crm.url, "token": "${CRM_TOKEN}"},
    }
    try:
        with connected(ours, entry, {"CRM_SECRET": endpoint["secret"], "CRM_TOKEN": crm.token}):
            yield crm, ours, account
    finally:
        crm.call("PATCH", f"/api/webhooks/{endpoint['id']}/", is_active=False)
        crm.close()


def test_a_ticket_is_counted_paused_and_told_of_its_breach(both: tuple[BottleCrm, Installation, str]) -> None:
    crm, ours, account = both
    opened = crm.call("POST", "/api/cases/", name="paper jam", status="New", priority="Urgent", case_type="Incident", account=account)
    ticket = str(opened["id"])
    until(lambda: clocks(ours, f"bottlecrm/{ticket}"))
    until(lambda: any("Breached: resolution" in text for text in crm.comments(f"/api/cases/{ticket}/")))
    crm.call("PATCH", f"/api/cases/{ticket}/", status="Pending")
    paused = until(lambda: (found := clocks(ours, f"bottlecrm/{ticket}")["response"])["state"] == "PAUSED" and found)
    crm.call("PATCH", f"/api/cases/{ticket}/", status="Assigned")
    until(lambda: clocks(ours, f"bottlecrm/{ticket}")["response"]["verdict"] == "MET")

    assert paused["reason"] == "AWAITING_CUSTOMER"
    code, found = reconcile(ours, "crm")
    assert [each for each in found["differences"] if each["ticket"] == ticket] == []
    assert code in {0, 1}


def test_a_deal_in_its_stage_opens_a_case_and_hears_of_it(both: tuple[BottleCrm, Installation, str]) -> None:
    crm, _, account = both
    deal = str(crm.call("POST", "/api/opportunities/", name="printers for every branch", stage="PROPOSAL", account=account)["id"])

    until(lambda: any("Servanda: the agreement is AGENT_SELECTION" in text for text in crm.comments(f"/api/opportunities/{deal}/")))
