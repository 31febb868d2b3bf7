"""Tickets and calendars that leave a clock without a due time: it says why, and nothing is slow or jammed."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.clocks import ClockReading, ClockState, read_clocks
from domain.terms import Agreement
from tests.conftest import Story, example

LEAVER = {"target": "exit", "stop": "DONE", "kind": "END_OF_DATE", "date_from": "last_day", "calendar": "PL-BH-8-17"}
ONE_MORNING = {"calendar": "ONCE", "time_zone": "Europe/Warsaw", "exceptions": {"2026-03-16": ["08:00-12:00"]}}


@pytest.mark.parametrize("damage", [{"effective_until": "9999-12-31"}, {"effective_from": "0001-01-01"}])
def test_an_agreement_without_an_end_leaves_the_date_out(damage: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="1970 to 2100; without an end leave it out"):
        Agreement.model_validate(example("erp").model_dump() | damage)


def promise(target: dict[str, Any]) -> Agreement:
    base = example("erp").model_dump()
    return Agreement.model_validate(base | {"targets": [target], "calendars": [*base["calendars"], ONE_MORNING]})


def ticket(**attributes: str) -> Story:
    story = Story("+01:00", customer="Logistyka Wisła S.A.", service="ERP", priority="3", **attributes)
    story.created("2026-03-16T10:00")
    return story


def read(target: dict[str, Any], story: Story, as_of: str) -> ClockReading:
    [reading] = read_clocks([promise(target)], story.events, story.at(as_of))
    return reading


@pytest.mark.timeout(10)
@pytest.mark.parametrize("last_day", ["9999-12-31", "0001-01-01", "9996-01-01", "2101-01-01", "1969-12-31", "soon", "2026-02-30"])
def test_a_date_no_ticket_can_mean_is_as_good_as_none(last_day: str) -> None:
    reading = read(LEAVER, ticket(last_day=last_day), "2026-03-17T10:00")

    assert (reading.state, reading.reason, reading.due_at) == (ClockState.PENDING, "DATE_MISSING", None)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("last_day", ["1970-01-01", "2100-12-31"])
def test_every_date_a_ticket_can_mean_is_counted(last_day: str) -> None:
    story = ticket(last_day=last_day)

    assert read(LEAVER, story, "2026-03-17T10:00").due_at == story.at(f"{last_day}T23:59:59")


@pytest.mark.parametrize(
    "limit",
    [{"limit": "4h"}, {"kind": "NEXT_BUSINESS_DAY"}, {"kind": "BUSINESS_DAYS", "days": 2}],
    ids=["time", "next business day", "business days"],
)
def test_a_calendar_that_never_opens_long_enough_again_leaves_nothing_due(limit: dict[str, Any]) -> None:
    once = ONE_MORNING | {"business_day": "4h"}
    base = example("erp").model_dump()
    target = {"target": "fix", "stop": "RESOLVED", "calendar": "ONCE", **limit}
    terms = Agreement.model_validate(base | {"targets": [target], "calendars": [*base["calendars"], once]})
    story = ticket()
    [running] = read_clocks([terms], story.events, story.at("2026-03-20T10:00"))
    story.reached("2026-03-21T10:00", "RESOLVED")
    [ended] = read_clocks([terms], story.events, story.at("2026-03-22T10:00"))
    story.reopened("2026-06-22T10:00")
    [again] = read_clocks([terms], story.events, story.at("2026-06-23T10:00"))

    assert (running.state, running.reason, running.due_at) == (ClockState.RUNNING, "NEVER_OPENS", None)
    assert (running.breached, running.milestones()) == (False, [])
    assert (ended.state, ended.breached) == (ClockState.COMPLETED, False)
    assert (again.clock, again.state, again.reopened) == ("fix", ClockState.RUNNING, 1)


def test_warnings_a_calendar_still_reaches_are_told() -> None:
    target = {"target": "fix", "stop": "RESOLVED", "calendar": "ONCE", "limit": "150m", "warn_at": [75, 90]}
    story = ticket()
    reading = read(target, story, "2026-03-20T10:00")

    assert [(milestone.kind.value, milestone.level, milestone.at) for milestone in reading.milestones()] == [
        ("WARNING", 75, story.at("2026-03-16T11:52:30"))
    ]
