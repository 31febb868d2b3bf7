"""How long SC-1's case stood where, told from its trail (R-173)."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.audit import AuditEvent
from domain.case_telling import effects_of
from domain.stage_times import StageTimes, stage_times
from tests.domain.case_stories import CaseStory, local

ASKED = local("2026-01-12T09:15")
WARSAW = ZoneInfo("Europe/Warsaw")


def trail(story: CaseStory) -> list[AuditEvent]:
    return [event for record in effects_of(story.steps, "agreement-case:case-1").records for event in record.events]


def moved(before: str, after: str, at: datetime) -> AuditEvent:
    return AuditEvent(key=at.isoformat(), subject="case-1", action="goes_on", from_state=before, to_state=after, actor="A1", at=at)


@pytest.fixture(scope="module")
def bank() -> StageTimes:
    """SC-1 to the registry; looked at long afterwards."""
    story = CaseStory().play("bank-agreement")
    story.registered("2026-03-06T10:45", "SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003")
    return stage_times(ASKED, "REGISTERED", trail(story), local("2026-05-01T00:00"))


def test_the_stages_sum_up_to_53_days_an_hour_and_a_half(bank: StageTimes) -> None:
    assert bank.is_over
    assert bank.lead_time == local("2026-03-06T10:45") - ASKED == timedelta(days=53, hours=1, minutes=30)
    assert sum((visit.lasted for visit in bank.visits), timedelta()) == bank.lead_time
    assert all(visit.left_at == following.entered_at for visit, following in pairwise(bank.visits)), "no gap, no overlap"


def test_a_way_back_is_a_visit_of_its_own(bank: StageTimes) -> None:
    found = [(visit.stage, visit.number) for visit in bank.visits]

    assert found[:3] == [("AGENT_SELECTION", 1), ("REQUIREMENTS", 1), ("FEASIBILITY", 1)]
    assert [number for stage, number in found if stage == "REQUIREMENTS"] == [1, 2, 3]
    assert [number for stage, number in found if stage == "FINAL_REVIEW"] == [1, 2]
    assert bank.visits[0].lasted == timedelta(hours=24, minutes=45), "12 Jan 09:15 to 13 Jan 10:00"


def test_a_stage_that_is_not_left_counts_to_now() -> None:
    story = CaseStory().play("bank-agreement", until="FEASIBILITY")
    times = stage_times(ASKED, "FEASIBILITY", trail(story), local("2026-01-21T09:00"))

    assert (times.is_over, times.visits[-1].left_at, times.visits[-1].lasted) == (False, None, timedelta(hours=17))
    assert times.lead_time == local("2026-01-21T09:00") - ASKED


def test_a_case_that_did_nothing_yet_stands_where_it_was_opened() -> None:
    [visit] = stage_times(ASKED, "DRAFTING", [], ASKED + timedelta(hours=2)).visits

    assert (visit.stage, visit.number, visit.lasted) == ("DRAFTING", 1, timedelta(hours=2))


def test_the_night_that_loses_an_hour_is_an_hour_shorter() -> None:
    evening, morning = datetime(2026, 3, 28, 20, tzinfo=WARSAW), datetime(2026, 3, 29, 8, tzinfo=WARSAW)
    times = stage_times(evening, "DECLINED", [moved("PRICING", "DECLINED", morning)], morning)

    assert times.lead_time == timedelta(hours=11)
