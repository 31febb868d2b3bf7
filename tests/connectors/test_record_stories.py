"""What a record means: its status, its fields, and that the order in which records arrive changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.incoming import Posting, UnreadablePosting
from connectors.record_mappings import RecordMapping
from connectors.record_stories import Told, tell
from domain.clocks import read_clocks
from domain.cloud_events import CloudEvent
from domain.events import TicketEvent
from domain.history import tell as history_of
from domain.instants import to_us
from tests.conftest import example

BEGAN = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
MAPPING = RecordMapping.model_validate(
    {
        "source": "desk",
        "time_zone": "Europe/Warsaw",
        "tickets": {
            "when": {"kind": "ticket"},
            "id": "number",
            "at": "at",
            "created_at": "created",
            "status": "status",
            "statuses": {
                "new": {},
                "open": {"reaches": ["RESPONDED"]},
                "waiting": {"pauses": "AWAITING_CUSTOMER"},
                "closed": {"reaches": ["RESPONDED", "RESOLVED"], "ends": True},
                "void": {"cancels": "DUPLICATE"},
            },
            "attributes": {
                "customer": {"value": "Bank Narew S.A."},
                "service": {"value": "MPS"},
                "region": {"value": "METRO"},
                "priority": {"path": "fields.0.value", "values": {"urgent": "P1"}},
            },
            "milestones": {"ARRIVED": "arrived"},
            "happenings": [{"when": {"reply.by": ["agent", "boss"]}, "reaches": "RESPONDED"}],
        },
        "deals": {
            "when": {"kind": "deal", "stage": "won"},
            "id": "number",
            "at": "at",
            "customer": "customer",
            "services": ["service", {"value": "MPS"}],
        },
        "endings": {
            "when": {"kind": "ending"},
            "id": "number",
            "at": "at",
            "registry_no": "registry_no",
            "basis": {"path": "ground", "values": {"notice given": "NOTICE"}},
            "legal_ref": "letter",
            "requested_by": {"value": "CRM staff"},
            "effective_at": "from",
        },
    }
)


def posting(minute: int, **more: Any) -> Posting:
    record = {
        "kind": "ticket",
        "number": "T-1",
        "at": (BEGAN + timedelta(minutes=minute)).isoformat(),
        "created": BEGAN.isoformat(),
        **more,
    }
    return Posting(f"d{minute}", record)


def facts(told: Told) -> list[TicketEvent]:
    return [CloudEvent.model_validate(event).ticket_event(BEGAN + timedelta(days=1)) for event in told.events]


def take(*postings: Posting) -> list[TicketEvent]:
    """Postings as the inbox takes them: an event of an id that is known is not taken twice."""
    known: dict[str, TicketEvent] = {}
    for each in postings:
        for fact in facts(tell(MAPPING, each, list(known.values()))):
            known.setdefault(fact.event_id, fact)
    return list(known.values())


def said(told: Told) -> list[tuple[str, str | None]]:
    return [(event["type"].removeprefix("ticket."), event["data"].get("milestone") or event["data"].get("reason")) for event in told.events]


def test_the_first_record_of_a_ticket_creates_it_when_it_was_created_there() -> None:
    told = tell(MAPPING, posting(5, status="waiting", fields=[{"value": "urgent"}]), ())

    assert said(told) == [("created", None), ("changed", None), ("paused", "AWAITING_CUSTOMER")]
    assert told.events[0]["time"] == BEGAN.isoformat()
    assert told.events[0]["data"]["priority"] == "P1"
    assert told.events[1]["data"]["attributes"] == {"status": "waiting"}


@pytest.mark.parametrize(
    ("statuses", "last"),
    [
        (("new", "open"), [("milestone", "RESPONDED")]),
        (("new", "closed"), [("milestone", "RESPONDED"), ("milestone", "RESOLVED")]),
        (("open", "closed"), [("milestone", "RESOLVED")]),
        (("waiting", "new"), [("resumed", None)]),
        (("waiting", "waiting"), []),
        (("closed", "new"), [("reopened", None)]),
        (("closed", "waiting"), [("reopened", None), ("paused", "AWAITING_CUSTOMER")]),
        (("new", "void"), [("cancelled", "DUPLICATE")]),
        (("void", "new"), [("reopened", None)]),
    ],
)
def test_coming_from_one_status_to_another_means_what_the_mapping_says(
    statuses: tuple[str, str], last: list[tuple[str, str | None]]
) -> None:
    known = take(posting(1, status=statuses[0]))

    assert [each for each in said(tell(MAPPING, posting(2, status=statuses[1]), known)) if each[0] != "changed"] == last


def test_a_record_that_comes_again_gives_the_same_events() -> None:
    first = posting(1, status="open", reply={"by": "agent"}, arrived="2026-03-17 10:02:00")
    known = take(first)

    assert {event["id"] for event in tell(MAPPING, first, known).events} <= {event.event_id for event in known}


@given(st.lists(st.sampled_from(["new", "open", "waiting", "closed"]), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_records_in_any_order_make_one_story(statuses: list[str], random: Any) -> None:
    row = [posting(10 * number, status=status, fields=[{"value": f"P{number}"}]) for number, status in enumerate(statuses)]
    shuffled = list(row)
    random.shuffle(shuffled)
    at = BEGAN + timedelta(hours=30)
    straight, mixed = take(*row), take(*shuffled)
    agreements = [example("printers-warsaw")]

    assert read_clocks(agreements, straight, at) == read_clocks(agreements, mixed, at)
    stories = [history_of(events, to_us(at)) for events in (straight, mixed)]
    assert stories[0] is not None
    assert stories[1] is not None
    assert stories[0].changes[-1] == stories[1].changes[-1]
    assert _paused(stories[0].pauses) == _paused(stories[1].pauses)


def _paused(pauses: list[Any]) -> list[tuple[int, int | None]]:
    """Stretches in which the ticket waited; two that touch are one."""
    merged: list[tuple[int, int | None]] = []
    for pause in pauses:
        if merged and merged[-1][1] == pause.start:
            merged[-1] = (merged[-1][0], pause.end)
        elif pause.start != pause.end:
            merged.append((pause.start, pause.end))
    return merged


def test_an_agents_reply_answers_once_until_the_ticket_is_reopened() -> None:
    replied, again = posting(2, reply={"by": "agent"}), posting(4, reply={"by": "boss"})
    known = take(posting(1, status="new"), replied)

    assert ("milestone", "RESPONDED") not in said(tell(MAPPING, again, known))
    known = take(posting(1, status="new"), replied, posting(3, status="closed"), posting(4, status="new"))
    assert ("milestone", "RESPONDED") in said(tell(MAPPING, posting(5, reply={"by": "agent"}), known))


def test_a_comment_on_a_ticket_nobody_knows_waits_for_it_and_creates_nothing() -> None:
    assert said(tell(MAPPING, posting(2, reply={"by": "agent"}), ()))[-1] == ("milestone", "RESPONDED")
    assert "created" not in dict(said(tell(MAPPING, posting(2, reply={"by": "agent"}), ())))


def test_a_status_the_mapping_does_not_name_is_kept_and_told_of() -> None:
    told = tell(MAPPING, posting(2, status="on fire"), take(posting(1, status="new")))

    assert told.events[0]["data"]["attributes"] == {"status": "on fire"}
    assert said(told) == [("changed", None)]
    assert told.why is not None
    assert "on fire" in told.why


def test_a_record_of_another_kind_is_ignored_and_says_why() -> None:
    told = tell(MAPPING, Posting("d", {"kind": "invoice"}), ())

    assert (told.events, told.why) == ([], "the mapping is for no record of this kind")


def test_a_deal_in_its_stage_asks_for_an_agreement_and_names_its_deal() -> None:
    asked = [tell(MAPPING, posting(minute, kind="deal", stage="won", customer="Bank Narew S.A."), ()) for minute in (1, 2)]

    assert asked[0].events[0]["type"] == "agreement.requested"
    assert asked[0].events[0]["data"] == {"crm_case": "desk/T-1", "customer": "Bank Narew S.A.", "services": ["MPS"], "wish": ""}
    assert asked[0].events[0]["id"] == asked[1].events[0]["id"]
    assert tell(MAPPING, posting(1, kind="deal", stage="lost"), ()).events == []


def test_an_order_to_end_an_agreement_has_its_ground_its_letter_and_its_day() -> None:
    order = {"registry_no": "SLA/2026/0001", "ground": "notice given", "letter": "letter of 2 March", "from": "2026-06-30T00:00:00"}
    event = tell(MAPPING, posting(1, kind="ending", **order), ()).events[0]

    assert event["type"] == "agreement.termination_ordered"
    assert event["data"]["effective_at"] == "2026-06-29T22:00:00+00:00"
    assert (event["data"]["basis"], event["data"]["crm_case"]) == ("NOTICE", "desk/T-1")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"number": None, "status": "new"}, "number"),
        ({"number": "../../admin", "status": "new"}, "number"),
        ({"number": "..", "status": "new"}, "number"),
        ({"number": "7?x=1", "kind": "deal", "stage": "won", "customer": "Bank Narew S.A."}, "number"),
        ({"number": "9" * 101, "status": "new"}, "number"),
        ({"at": "yesterday", "status": "new"}, "at"),
        ({"at": None, "status": "new"}, "at"),
        ({"created": [1], "status": "new"}, "created"),
        ({"kind": "deal", "stage": "won"}, "customer"),
        ({"kind": "ending", "registry_no": "SLA/2026/0001"}, "basis"),
    ],
)
def test_a_record_that_lacks_what_the_mapping_needs_is_refused_by_the_place(more: dict[str, Any], named: str) -> None:
    with pytest.raises(UnreadablePosting, match=named):
        tell(MAPPING, posting(1, **more), ())


@pytest.mark.parametrize(
    "stated", ["2026-03-17T10:05:00+01:00", "2026-03-17 10:05:00", "1773738300", "1773738300000", 1773738300, "2026-03-17T09:05:00Z"]
)
def test_an_instant_is_read_as_systems_write_it(stated: Any) -> None:
    assert tell(MAPPING, posting(0, at=stated, status="new"), ()).events[1]["time"] == "2026-03-17T09:05:00+00:00"
