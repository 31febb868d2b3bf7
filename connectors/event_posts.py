"""Ticket events posted to an installation's inbox, as a help desk would: in signed batches, again until they are taken."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any, Self

import httpx2

from connectors.signatures import sign
from domain.canonical import canonical_json
from domain.cloud_events import cloud_event
from domain.errors import BadInput
from domain.events import TicketEvent

MAX_BATCH = 100
"""Events in one request: small enough to be folded well within the time an answer may take."""

PATIENCE_SECONDS = 60.0
"""How long one batch waits, all in all, for an API that is not there or asks for a pause."""

_TIMEOUT_SECONDS = 60.0
_FIRST_DELAY_SECONDS = 0.25
_LONGEST_DELAY_SECONDS = 8.0
_TRY_AGAIN = frozenset({429, 502, 503, 504})
_NOT_AS_IT_STANDS = frozenset({400, 413, 422})
_ACCEPTED = 202


class NotDelivered(BadInput):
    """The API did not take the events, and would not take others: it is away, or address or secret are not right."""

    code = "NOT_DELIVERED"


@dataclass
class Summary:
    """What became of the events; `refused` has the reason of each event that was not taken, by its id."""

    accepted: int = 0
    duplicates: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All that were answered."""
        return self.accepted + self.duplicates + len(self.refused)


def post_events(url: str, secret: str, events: Iterable[TicketEvent]) -> Summary:
    """Post events in their order; whatever was posted before is answered as a duplicate.

    Args:
        url: where the API is, without a path.
        secret: `whsec_…`, as the API knows it.
        events: those of one ticket in its order.

    Raises:
        BadInput: the address is none.
        NotDelivered: the API stays away, or takes nothing from us.
    """
    with EventPoster(url, secret) as poster:
        return poster.post(events)


class EventPoster:
    """Posts to one installation."""

    def __init__(
        self,
        url: str,
        secret: str,
        transport: httpx2.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Post to the API at `url`, signed with `secret`; `transport` and `wait` stand in for network and time.

        Raises:
            BadInput: the address is none.
        """
        if not url.startswith(("http://", "https://")):
            raise BadInput(f"{url!r} is no address of an API; write for example http://127.0.0.1:8000")
        self._url = url.rstrip("/") + "/crm/events"
        self._secret = secret
        self._wait = wait
        self._client = httpx2.Client(timeout=_TIMEOUT_SECONDS, transport=transport)
        self._summary = Summary()

    def __enter__(self) -> Self:
        """Use it in a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._client.close()

    def post(self, events: Iterable[TicketEvent], progress: Callable[[int], None] = lambda _: None) -> Summary:
        """Post events in their order; `progress` is told how many more were answered.

        Raises:
            NotDelivered: the API stays away, or takes nothing from us.
        """
        self._summary = Summary()
        for batch in _batches(events):
            self._post([cloud_event(event) for event in batch])
            progress(len(batch))
        return self._summary

    def _post(self, batch: Sequence[dict[str, Any]]) -> None:
        """Post a batch. One that is not taken as it stands is halved until the events at fault stand alone."""
        answer = self._answer(canonical_json(batch).encode())
        if answer.status_code == _ACCEPTED:
            self._count(answer)
        elif answer.status_code not in _NOT_AS_IT_STANDS:
            raise NotDelivered(f"{self._url} answered {answer.status_code}: {_reason(answer)}")
        elif len(batch) == 1:
            self._summary.refused[batch[0]["id"]] = _reason(answer)
        else:
            middle = len(batch) // 2
            self._post(batch[:middle])
            self._post(batch[middle:])

    def _answer(self, body: bytes) -> httpx2.Response:
        """Send until somebody answers; a batch that came through before the connection broke is a duplicate then."""
        message_id = f"replay-{sha256(body).hexdigest()[:32]}"
        waited, delay = 0.0, _FIRST_DELAY_SECONDS
        while True:
            try:
                signed = sign(self._secret, message_id, datetime.now(UTC), body)
                answer = self._client.post(
                    self._url, content=body, headers={"content-type": "application/cloudevents-batch+json", **signed}
                )
                if answer.status_code not in _TRY_AGAIN:
                    return answer
                failure = f"answered {answer.status_code}"
            except httpx2.TransportError as wrong:
                failure = str(wrong) or type(wrong).__name__
            if waited >= PATIENCE_SECONDS:
                raise NotDelivered(f"{self._url} does not take events, tried for {waited:.0f} s: {failure}")
            self._wait(delay)
            waited, delay = waited + delay, min(2 * delay, _LONGEST_DELAY_SECONDS)

    def _count(self, answer: httpx2.Response) -> None:
        try:
            outcomes = [(str(result["id"]), result["status"], result.get("detail")) for result in answer.json()["results"]]
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise NotDelivered(f"{self._url} answered {answer.status_code}, but not as an inbox does") from wrong
        for event_id, status, detail in outcomes:
            if status == "accepted":
                self._summary.accepted += 1
            elif status == "duplicate":
                self._summary.duplicates += 1
            else:
                self._summary.refused[event_id] = str(detail or status)


def _batches(events: Iterable[TicketEvent]) -> Iterator[list[TicketEvent]]:
    rest = iter(events)
    while batch := list(islice(rest, MAX_BATCH)):
        yield batch


def _reason(answer: httpx2.Response) -> str:
    """What a problem document says in words; else the answer's first line."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return (answer.text.strip().splitlines() or ["no reason given"])[0][:200]
