"""Laws of the audit trail: no event can be changed, removed, moved or put in unseen."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from domain.audit import FIRST_LINK, AuditEvent, ChainedEvent, broken_at, link_of
from tests.domain.case_stories import local

NAMES = ("accept_request", "nominate_agent", "confirm_agent", "log_contact", "requirements_complete")


def event(name: str, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "key": f"case-1:{name}",
        "subject": "case-1",
        "action": name,
        "from_state": "REQUIREMENTS",
        "to_state": "FEASIBILITY",
        "actor": "A1",
        "reason": "zażółć gęślą jaźń",
        "at": local("2026-01-20T16:00"),
    }
    return AuditEvent.model_validate(fields | changes).model_dump(mode="json")


def chained(events: Sequence[dict[str, Any]]) -> list[ChainedEvent]:
    chain: list[ChainedEvent] = []
    previous = FIRST_LINK
    for number, each in enumerate(events, start=1):
        previous = link_of(previous, number, each)
        chain.append(ChainedEvent(number, each, previous))
    return chain


CHAIN = chained([event(name) for name in NAMES])


def test_a_chain_as_it_was_written_is_whole() -> None:
    assert broken_at(CHAIN) is None
    assert broken_at(CHAIN[:3]) is None
    assert broken_at([]) is None


def test_the_link_depends_on_content_and_not_on_how_it_is_spelled() -> None:
    turned = dict(reversed(list(CHAIN[0].event.items())))

    assert link_of(FIRST_LINK, 1, turned) == CHAIN[0].link


@pytest.mark.parametrize("field", ["action", "from_state", "to_state", "actor", "reason", "at", "on_behalf_of", "document_hash"])
@pytest.mark.parametrize("place", [1, 3, 5])
def test_a_changed_event_is_found(field: str, place: int) -> None:
    chain = list(CHAIN)
    chain[place - 1] = chain[place - 1]._replace(event={**chain[place - 1].event, field: "other"})

    assert broken_at(chain) == place


def test_an_event_that_lost_a_field_is_found() -> None:
    chain = list(CHAIN)
    chain[1] = chain[1]._replace(event={name: value for name, value in chain[1].event.items() if name != "on_behalf_of"})

    assert broken_at(chain) == 2


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda chain: chain[1:], 1),
        (lambda chain: [*chain[:2], *chain[3:]], 3),
        (lambda chain: [chain[1], chain[0], *chain[2:]], 1),
        (lambda chain: [*chain[:3], chain[4], chain[3]], 4),
        (lambda chain: [*chain[:2], chain[1], *chain[2:]], 3),
        (lambda chain: [*chain[:2], ChainedEvent(3, event("lapse"), link_of(chain[1].link, 3, event("lapse"))), *chain[2:]], 4),
        (lambda chain: [*chain[:2], chain[3]._replace(number=3), chain[4]._replace(number=4)], 3),
    ],
    ids=["first removed", "middle removed", "first two swapped", "last two swapped", "repeated", "inserted", "removed and renumbered"],
)
def test_a_removed_moved_or_inserted_event_is_found(damage: Callable[[list[ChainedEvent]], list[ChainedEvent]], place: int) -> None:
    assert broken_at(damage(list(CHAIN))) == place


def test_an_event_rewritten_with_its_own_link_breaks_the_next() -> None:
    changed = event("nominate_agent", actor="X1")
    chain = [CHAIN[0], ChainedEvent(2, changed, link_of(CHAIN[0].link, 2, changed)), *CHAIN[2:]]

    assert broken_at(chain) == 3


def test_a_link_is_the_hash_of_link_number_and_content() -> None:
    assert link_of(FIRST_LINK, 1, {"action": "sign"}) == "32dcbb4e62dc130e42092094d8fda8b4108d8f6d6d6ef4bb913ab5856e38fd79"
    assert link_of(FIRST_LINK, 1, {"action": "sign"}) != link_of(FIRST_LINK, 2, {"action": "sign"})
    assert link_of("1" * 64, 1, {"action": "sign"}) != link_of(FIRST_LINK, 1, {"action": "sign"})
