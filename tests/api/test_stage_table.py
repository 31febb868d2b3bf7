"""The stage table of a case's page sums to its lead time, as it is shown (R-173)."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from api.pages.stage_table import stage_table
from api.routes.cases import StagesView, StageView
from domain.case_telling import effects_of
from domain.stage_times import StageVisit, stage_times
from tests.domain.case_stories import CaseStory, local

ASKED = local("2026-01-12T09:15")


def viewed(*visits: StageVisit) -> StagesView:
    return StagesView(stages=[StageView.of(each) for each in visits], lead_days="", lead_seconds="", is_over=True)


def minutes(said: str) -> int:
    units = {"d": 24 * 60, "h": 60, "min": 1}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+) (d|h|min)", said))


def test_the_bank_s_agreement_took_53_days_an_hour_and_a_half_and_its_stages_sum_to_it() -> None:
    story = CaseStory().play("bank-agreement")
    story.registered("2026-03-06T10:45", "SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003")
    events = [event for record in effects_of(story.steps, "agreement-case:case-1").records for event in record.events]
    shown = stage_table(viewed(*stage_times(ASKED, "REGISTERED", events, local("2026-05-01T00:00")).visits), local("2026-05-01T00:00"))

    assert shown.in_all == "53 d 1 h 30 min"
    assert sum(minutes(each.lasted) for each in shown.stages) == minutes(shown.in_all)


def test_seconds_do_not_keep_the_lines_from_adding_up() -> None:
    start = datetime(2026, 3, 2, 8, 0, 40, tzinfo=UTC)
    instants = [start + timedelta(seconds=100 * number) for number in range(10)]
    visits = [StageVisit("S", 1, begin, end, end - begin) for begin, end in pairwise(instants)]
    last = visits[-1]._replace(left_at=None)
    shown = stage_table(viewed(*visits[:-1], last), instants[-1])

    assert (shown.in_all, sum(minutes(each.lasted) for each in shown.stages)) == ("15 min", 15)
    assert stage_table(viewed(StageVisit("S", 1, start, start, timedelta())), start).in_all == "0 min"
