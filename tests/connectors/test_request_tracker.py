"""A real Request Tracker beside a whole installation: what agents do there is counted here, and what is counted is told there."""

from collections.abc import Iterator

import pytest

from tests.conftest import EXAMPLES
from tests.connectors.both_sides import address_of, clocks, connected, reconcile, until
from tests.connectors.request_trackers import SECRET, RequestTracker, request_tracker
from tests.processes import Installation

CONNECTOR = {
    "name": "help-desk",
    "maker": "request-tracker",
    "secrets": ["${RT_WEBHOOK_SECRET}"],
    "mapping": str(EXAMPLES / "connectors" / "request-tracker.yaml"),
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RequestTracker, Installation]]:
    """Both, up and connected to each other."""
    folder = tmp_path_factory.mktemp("both")
    ours = Installation(folder)
    (folder / "rt").mkdir()
    with request_tracker(folder / "rt", address_of(ours, "help-desk")) as tracker:
        rest = {"url": tracker.url, "user": "root", "token": "${RT_PASSWORD}", "due_field": "Due"}
        with connected(ours, CONNECTOR | {"rest": rest}, {"RT_WEBHOOK_SECRET": SECRET, "RT_PASSWORD": "password"}):
            yield tracker, ours


FIELDS = {"CustomFields": {"Customer": "Bank Narew S.A.", "Region": "Warszawa"}}


@pytest.mark.slow
def test_a_ticket_of_a_real_request_tracker_is_counted_paused_and_resolved(both: tuple[RequestTracker, Installation]) -> None:
    tracker, ours = both
    ticket = tracker.create(**FIELDS)
    tracker.set(ticket, Status="stalled")
    paused = clocks(ours, f"rt/{ticket}")["response"]
    tracker.set(ticket, Status="open")
    tracker.reply(ticket, "we are on our way")
    tracker.set(ticket, Status="resolved")
    ended = clocks(ours, f"rt/{ticket}")

    assert (paused["state"], paused["reason"]) == ("PAUSED", "AWAITING_CUSTOMER")
    assert ended["response"]["verdict"] == "MET"
    assert ended["resolution"]["state"] == "COMPLETED"
    until(lambda: any("Met: response" in text for text in tracker.comments(ticket)))


@pytest.mark.slow
def test_a_breach_is_told_on_the_ticket_and_its_due_time_stands_in_a_field(both: tuple[RequestTracker, Installation]) -> None:
    tracker, ours = both
    ticket = tracker.create(**FIELDS)
    until(lambda: any("Breached: resolution" in text for text in tracker.comments(ticket)))
    due = clocks(ours, f"rt/{ticket}")["resolution"]["due_at"]

    assert tracker.ticket(ticket)["Due"][:19] == str(due)[:19]
    assert sum("Breached: resolution" in text for text in tracker.comments(ticket)) == 1


@pytest.mark.slow
def test_what_was_lost_on_the_way_is_found_and_sent(both: tuple[RequestTracker, Installation]) -> None:
    tracker, ours = both
    known = tracker.create(**FIELDS)
    ours.api.kill()
    tracker.set(known, Status="resolved")
    lost = tracker.create(**FIELDS, Priority=50)
    ours.api.start()
    ours.get("/healthz")

    code, found = reconcile(ours, "help-desk")
    assert code == 1
    assert {(each["ticket"], each["difference"]) for each in found["differences"]} >= {(lost, "missing here"), (known, "other status")}
    code, found = reconcile(ours, "help-desk", "--send")
    assert (code, {each["outcome"] for each in found["sent"]}) == (0, {"taken"})
    assert reconcile(ours, "help-desk")[0] == 0
    assert clocks(ours, f"rt/{known}")["response"]["verdict"] == "MET"
    until(lambda: clocks(ours, f"rt/{lost}")["response"]["state"] == "RUNNING")
