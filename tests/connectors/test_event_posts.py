import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from connectors.event_posts import EventPoster, NotDelivered, Summary
from connectors.signatures import BadSignature, verify
from domain.errors import BadInput
from domain.events import EventKind, TicketEvent
from tests.conftest import SECRET

Answer = Callable[[httpx2.Request], httpx2.Response]


def events(count: int) -> list[TicketEvent]:
    at = datetime(2026, 3, 16, 10, tzinfo=UTC)
    return [
        TicketEvent(
            source="test",
            event_id=f"e{number}",
            ticket_id="7",
            kind=EventKind.CHANGED,
            occurred_at=at + timedelta(minutes=number),
            received_at=at,
            attributes={"priority": str(number)},
        )
        for number in range(count)
    ]


class Inbox:
    """Answers as the API does: keeps each id once, takes a batch whole or not at all."""

    def __init__(self, faulty: Sequence[str] = ()) -> None:
        self.faulty = faulty
        self.kept: list[str] = []
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        verify((SECRET,), request.headers, request.content, datetime.now(UTC))
        batch = [event["id"] for event in json.loads(request.content)]
        if set(batch) & set(self.faulty):
            return httpx2.Response(422, json={"code": "INVALID_EVENT", "detail": "data.priority: too long"})
        results = [{"id": event_id, "status": "duplicate" if event_id in self.kept else "accepted"} for event_id in batch]
        self.kept += [event_id for event_id in batch if event_id not in self.kept]
        return httpx2.Response(202, json={"results": results})


def poster(answer: Answer, waits: list[float] | None = None, url: str = "http://desk.test") -> EventPoster:
    return EventPoster(url, SECRET, httpx2.MockTransport(answer), (waits if waits is not None else []).append)


def post(answer: Answer, count: int = 3, waits: list[float] | None = None) -> Summary:
    with poster(answer, waits) as made:
        return made.post(events(count))


def test_events_are_posted_in_signed_batches_of_at_most_a_hundred_in_their_order() -> None:
    inbox = Inbox()

    assert post(inbox, 250) == Summary(accepted=250)
    assert inbox.kept == [f"e{number}" for number in range(250)]
    assert [len(json.loads(request.content)) for request in inbox.requests] == [100, 100, 50]
    assert {str(request.url) for request in inbox.requests} == {"http://desk.test/crm/events"}
    assert {request.headers["content-type"] for request in inbox.requests} == {"application/cloudevents-batch+json"}


def test_posting_twice_changes_nothing_and_says_so() -> None:
    inbox = Inbox()
    post(inbox, 120)

    assert post(inbox, 120) == Summary(duplicates=120)
    ids = [request.headers["webhook-id"] for request in inbox.requests]
    assert ids[:2] == ids[2:]


def test_an_event_that_is_refused_keeps_no_other_of_its_batch_from_being_taken() -> None:
    inbox = Inbox(faulty=("e3", "e77"))

    assert post(inbox, 100) == Summary(accepted=98, refused={"e3": "data.priority: too long", "e77": "data.priority: too long"})
    assert inbox.kept == [f"e{number}" for number in range(100) if number not in {3, 77}]


def test_an_event_the_answer_calls_refused_is_reported_with_its_reason() -> None:
    answer = {"results": [{"id": "e0", "status": "refused", "detail": "lies in the future"}]}

    assert post(lambda _: httpx2.Response(202, json=answer), 1) == Summary(refused={"e0": "lies in the future"})


def test_progress_is_told_batch_by_batch() -> None:
    told: list[int] = []
    with poster(Inbox()) as made:
        made.post(events(150), told.append)

    assert told == [100, 50]


@pytest.mark.parametrize("trouble", [429, 503, "connection"])
def test_an_api_that_is_away_or_busy_is_tried_again_with_growing_pauses(trouble: int | str) -> None:
    inbox, waits, tries = Inbox(), list[float](), iter(range(10))

    def answer(request: httpx2.Request) -> httpx2.Response:
        if next(tries) >= 3:
            return inbox(request)
        if isinstance(trouble, int):
            return httpx2.Response(trouble)
        raise httpx2.ConnectError("refused", request=request)

    assert post(answer, waits=waits) == Summary(accepted=3)
    assert waits == [0.25, 0.5, 1.0]


def test_after_a_minute_of_waiting_it_gives_up_in_one_line() -> None:
    waits: list[float] = []

    with pytest.raises(NotDelivered) as refusal:
        post(lambda _: httpx2.Response(503), waits=waits)
    assert str(refusal.value) == "http://desk.test/crm/events does not take events, tried for 64 s: answered 503"
    assert 60 <= sum(waits) < 70


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx2.Response(401, json={"detail": "the signature does not fit the message"}), "answered 401: the signature does not fit"),
        (httpx2.Response(404, text="<html>\nnothing here"), "answered 404: <html>"),
        (httpx2.Response(500), "answered 500: no reason given"),
        (httpx2.Response(202, json=["welcome"]), "answered 202, but not as an inbox does"),
        (httpx2.Response(202, text="welcome"), "answered 202, but not as an inbox does"),
    ],
)
def test_an_answer_that_further_tries_would_not_change_ends_it_at_once(answer: httpx2.Response, message: str) -> None:
    waits: list[float] = []

    with pytest.raises(NotDelivered, match=message):
        post(lambda _: answer, waits=waits)
    assert waits == []


@pytest.mark.parametrize("url", ["", "desk.test", "ftp://desk.test"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="is no address of an API"):
        poster(Inbox(), url=url)


def test_a_secret_that_is_no_base64_is_refused() -> None:
    with EventPoster("http://desk.test", "whsec_?", httpx2.MockTransport(Inbox())) as made, pytest.raises(BadSignature):
        made.post(events(1))
