"""A ticket leaves its terms: they end under it, or it is moved to others."""

from datetime import date, timedelta
from typing import Any

from domain.attainment import verdict_at
from domain.clocks import ClockReading, ClockState, read_clocks
from domain.events import EventKind
from domain.folding import fold_ticket
from domain.terms import Agreement
from tests.conftest import Story
from tests.domain.test_clocks import agreement, office, ticket

SOLUTION = office("solution", "RESOLVED", "8h")
FIRST_OF_NOVEMBER = "2026-11-01T00:00"


def terms(name: str = "SLA-2026-0001", version: str = "1.0", **target: Any) -> Agreement:
    return agreement(SOLUTION | target, agreement=name, version=version)


def read(agreements: list[Agreement], story: Story, as_of: str) -> ClockReading:
    (reading,) = read_clocks(agreements, story.events, story.at(as_of))
    return reading


def ends(story: Story, order: str = "T-1", at: str = FIRST_OF_NOVEMBER) -> None:
    story.tell(at, EventKind.ENDED, reason="TERMINATION", agreement="SLA-2026-0001", order=order)


def moved(story: Story, at: str, to: Agreement, order: str = "R-1") -> None:
    left = {"agreement": "SLA-2026-0001", "version": "1.0"}
    story.tell(at, EventKind.MOVED, order=order, to=to.agreement, to_version=to.version, **left)


def test_what_was_breached_before_its_agreement_ended_stays_breached_and_escalates_no_further() -> None:
    story = ticket()
    story.created("2026-10-29T09:00")
    ends(story)
    reading = read([terms()], story, "2026-11-10T12:00")

    assert (reading.state, reading.breach_at) == (ClockState.RUNNING, story.at("2026-10-29T17:00"))
    assert all(each.at < story.at(FIRST_OF_NOVEMBER) for each in reading.milestones())


def test_what_is_not_due_when_its_agreement_ends_is_excluded_and_known_to_be_before() -> None:
    """`SC-7`, ticket B: due Mon 2 Nov 14:00, its warning at 75 % (12:00) never fires."""
    story = ticket()
    story.created("2026-10-30T15:00")
    assert read([terms()], story, "2026-10-31T12:00").due_at == story.at("2026-11-02T14:00")
    ends(story)
    known, after = read([terms()], story, "2026-10-31T12:00"), read([terms()], story, "2026-11-02T15:00")

    assert (known.state, known.milestones()) == (ClockState.RUNNING, [])
    assert (after.state, after.reason, after.breached, after.spent) == (ClockState.VOIDED, "TERMINATION", False, timedelta(hours=2))
    assert verdict_at(after) is None


def test_a_paused_clock_is_excluded_and_a_completed_one_stays_met() -> None:
    paused, closed = ticket(), ticket()
    paused.created("2026-10-28T10:00")
    paused.paused("2026-10-28T12:00")
    closed.created("2026-10-27T10:00")
    closed.reached("2026-10-27T12:00", "RESOLVED")
    for story in (paused, closed):
        ends(story)

    assert read([terms()], paused, "2026-11-01T00:00").state is ClockState.VOIDED
    assert read([terms()], closed, "2026-11-02T00:00").met


def test_an_end_that_was_revoked_never_was_and_a_later_order_counts() -> None:
    story = ticket()
    story.created("2026-10-30T15:00")
    ends(story)
    story.tell("2026-10-30T16:00", EventKind.RESTORED, order="T-1")
    assert read([terms()], story, "2026-11-02T14:00").breached

    ends(story, "T-2", "2026-11-02T12:00")
    assert read([terms()], story, "2026-11-02T14:00").state is ClockState.VOIDED


def test_an_end_takes_along_the_supports_that_only_it_rested_on() -> None:
    story = ticket()
    story.created("2026-10-30T15:00")
    ends(story)
    desk, centre = (agreement(SOLUTION, agreement=name, kind="OLA", supports=["SLA-2026-0001"]) for name in ("DESK", "DC"))
    clocks = {each.clock: each.state for each in read_clocks([terms(), desk, centre], story.events, story.at(FIRST_OF_NOVEMBER))}
    assert set(clocks.values()) == {ClockState.VOIDED}

    other = terms("SLA-2026-0002").model_copy(update={"supported_by": ("DESK",), "customer": "Another"})
    clocks = {each.clock: each.state for each in read_clocks([terms(), other, desk, centre], story.events, story.at(FIRST_OF_NOVEMBER))}
    assert (clocks["DESK/solution"], clocks["DC/solution"]) == (ClockState.RUNNING, ClockState.VOIDED)


def test_a_ticket_carried_to_a_successor_goes_on_there_with_the_time_it_had() -> None:
    """`SC-7e`: ticket B continues under the successor, due Mon 2 Nov 14:00."""
    story, successor = ticket(), terms("SLA-2026-0009")
    story.created("2026-10-30T15:00")
    moved(story, FIRST_OF_NOVEMBER, successor)
    before, after = (read([terms(), successor], story, at) for at in ("2026-10-31T00:00", "2026-11-02T12:30"))

    assert (before.agreement, before.due_at) == ("SLA-2026-0001", story.at("2026-11-02T14:00"))
    assert (after.agreement, after.state, after.due_at) == ("SLA-2026-0009", ClockState.RUNNING, story.at("2026-11-02T14:00"))


def test_a_ticket_moved_to_stricter_terms_is_late_from_the_move_on_at_the_earliest() -> None:
    story, stricter = ticket(), terms(version="2.0", limit="2h")
    story.created("2026-10-30T09:00")
    moved(story, "2026-10-30T13:00", stricter)
    reading = read([terms(), stricter], story, "2026-10-30T13:00")

    assert (reading.version, reading.due_at, reading.breach_at) == ("2.0", story.at("2026-10-30T11:00"), story.at("2026-10-30T13:00"))


def test_a_move_keeps_pauses_and_counts_from_the_original_start() -> None:
    story, longer = ticket(), terms(version="1.1", limit="9h")
    story.created("2026-10-29T09:00")
    story.paused("2026-10-29T10:00")
    story.resumed("2026-10-29T12:00")
    moved(story, "2026-10-29T13:00", longer)

    assert read([terms(), longer], story, "2026-10-29T13:30").due_at == story.at("2026-10-30T11:00")


def test_a_ticket_moved_twice_runs_under_the_last_and_one_moved_back_under_the_first() -> None:
    story, second = ticket(), terms(version="2.0", limit="2h")
    story.created("2026-10-30T09:00")
    moved(story, "2026-10-30T09:30", second)
    back = {"agreement": "SLA-2026-0001", "version": "2.0", "to": "SLA-2026-0001", "to_version": "1.0"}
    story.tell("2026-10-30T10:00", EventKind.MOVED, order="R-2", **back)
    versions = [read([terms(), second], story, at).version for at in ("2026-10-30T09:10", "2026-10-30T09:40", "2026-10-30T10:00")]

    assert versions == ["1.0", "2.0", "1.0"]


def test_folding_finds_the_terms_a_ticket_was_moved_to() -> None:
    story, later = ticket(), terms(version="2.0").model_copy(update={"effective_from": date(2026, 12, 1)})
    story.created("2026-10-30T15:00")
    moved(story, "2026-11-02T09:00", later)
    folded = fold_ticket([terms(), later], story.events, story.at("2026-11-02T10:00"))

    assert folded is not None
    assert [(each.agreement, each.version) for each in folded.terms.agreements] == [("SLA-2026-0001", "1.0"), ("SLA-2026-0001", "2.0")]
    assert [each.version for each in folded.readings] == ["2.0"]


def test_of_two_versions_in_force_the_newest_counts() -> None:
    story = ticket()
    story.created("2026-10-30T15:00")
    versions = [terms(version=version) for version in ("1.9", "1.10", "1.2")]
    folded = fold_ticket(versions, story.events, story.at("2026-10-30T15:00"))

    assert folded is not None
    assert [each.version for each in folded.terms.agreements] == ["1.10"]
