"""A backtest says what the fold says, ticket by ticket, and counts it as a closed period is counted."""

import os
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from connectors.event_logs import EventLog
from connectors.event_mappings import read_mapping
from domain.attainment import attainment, verdict_at
from domain.backtest.proposals import Proposal, Whose
from domain.backtest.question import Question, Record
from domain.backtest.report import BacktestReport, Certainty, Gap, PromiseBacktest
from domain.backtest.running import Backtest
from domain.errors import BadInput
from domain.events import TicketEvent
from domain.folding import fold_ticket
from domain.measurements import Measured, MeasurementKind
from domain.results import Colour, Verdict
from domain.spans import Span
from domain.terms import Agreement
from tests.domain.proposals import LEVELS, MAPPING, day, fix, invented, measured, proposal, report, ticket, year

STORIES = invented()
ENDS = max(event.occurred_at for story in STORIES for event in story)
RECORD = Record("the invented log", Span(day("2026-01-01"), day("2026-05-01")), ENDS)


def gaps(found: BacktestReport) -> dict[Gap, Any]:
    return {each.gap: (each.about, each.count) for each in found.unknown}


def month(promise: PromiseBacktest, period: str) -> Any:
    return next(each for each in promise.months if each.period == period)


def terms_of(level: Proposal, since: date) -> Agreement:
    return level.documents[0].model_copy(update={"effective_from": since}).terms_for_tickets("alone", "1.0", ())


def check_verdicts(stories: list[list[TicketEvent]], record: Record) -> int:
    """Hold every clock of every ticket under every level against the fold; says how many clocks there are."""
    found = measured(Question(LEVELS), record, stories)
    checked = 0
    for level, tally in zip(LEVELS, found.tallies, strict=True):
        terms = terms_of(level, date(2016, 1, 1))
        told = {(case.ticket, case.clock): (case.met, case.verdict_at) for cases in tally.cases.values() for case in cases}
        for story in stories:
            folded = fold_ticket([terms], story, record.as_of)
            for reading in folded.readings if folded is not None else ():
                assert told.pop((story[0].ticket_id, reading.clock)) == (reading.met, verdict_at(reading))
                checked += 1
        assert not told
    return checked


def test_every_ticket_has_the_verdict_that_the_fold_gives_it() -> None:
    assert check_verdicts(STORIES, RECORD) == 3 * 600


@pytest.mark.skipif("SERVANDA_INCIDENT_LOG" not in os.environ, reason="SERVANDA_INCIDENT_LOG names no incident log (UCI dataset 498)")
def test_every_ticket_of_the_incident_log_has_the_verdict_that_the_fold_gives_it() -> None:
    stories = list(EventLog(Path(os.environ["SERVANDA_INCIDENT_LOG"]), read_mapping(MAPPING)).stories())
    ends = max(event.occurred_at for story in stories for event in story)
    assert len(stories) == 24_918
    assert check_verdicts(stories, Record("the incident log", Span(day("2016-02-01"), day("2017-03-01")), ends)) == 3 * 49_847


def test_months_are_those_of_a_replay() -> None:
    found = report(Question(LEVELS[2:]), RECORD, STORIES).proposals[0]
    terms = terms_of(LEVELS[2], date(2025, 12, 1))
    readings = [("all", each) for story in STORIES for each in getattr(fold_ticket([terms], story, ENDS), "readings", ())]
    for cell, count in attainment(readings).items():
        promise = next(each for each in found.promises if each.target == cell.target)
        assert (month(promise, cell.month).met, month(promise, cell.month).breached) == count
    assert found.breached == sum(each.breached or 0 for each in found.promises) == 126


def test_two_proposals_do_not_see_each_other() -> None:
    together = report(Question(LEVELS), RECORD, STORIES).proposals
    alone = [report(Question([each]), RECORD, STORIES).proposals[0] for each in LEVELS]
    assert list(together) == alone


def test_credits_follow_the_tables_and_stop_at_the_caps() -> None:
    # Ten tickets a month, two of them late: 80 % of the promised 95 % gives 10 % of 1,000 each month, until the year's 25 % of
    # twelve fees... of 120 are used up: 3 months at 100 would be 300.
    stories = [ticket(100 * of + number, day(f"2025-{of:02}-10"), 8 if number < 2 else 1) for of in range(1, 13) for number in range(10)]
    credits_: dict[str, Any] = {
        "credits": [{"target": "fix", "bands": [{"below": 95, "credit": 10}]}],
        "credit_limits": {"year_percent": "2.5"},
    }
    found = report(proposal(fix(compliance=95), price={"monthly": "1000"}, **credits_), year(), stories).proposals[0]

    assert [(each.period, each.amount) for each in found.credits] == [("2025-01", "100.00"), ("2025-02", "100.00"), ("2025-03", "100.00")]
    assert (found.credit_total, found.earned, found.credit_months) == ("300.00", "11700.00", 12)
    assert found.expected_credits is not None
    assert (str(found.expected_credits.monthly), found.expected_credits.backtest) == ("25.00", found.digest)
    assert (found.missed, found.judged) == (12, 12)
    assert sum(Decimal(each.credit or 0) for each in found.hours) == sum(Decimal(each.credit or 0) for each in found.targets) == 300


def test_late_tickets_cost_by_started_hours_beside_the_credit() -> None:
    stories = [ticket(number, day("2025-02-10"), 6.5 if number < 2 else 1) for number in range(10)]
    more: dict[str, Any] = {
        "price": {"monthly": "1000"},
        "credits": [{"target": "fix", "bands": [{"below": 95, "credit": 10}]}],
        "penalties": [{"target": "fix", "per_started_hour": "20"}],
    }
    # 80 % gives 10 % of 1,000; two tickets are 2 h 30 min late, three started hours each at 20.
    assert report(proposal(fix(compliance=95), **more), year(), stories).proposals[0].credit_total == "220.00"


def test_the_cap_of_a_year_holds_for_all_kinds_of_periods_together() -> None:
    stories = [ticket(100 * of + number, day(f"2025-{of:02}-10"), 8) for of in range(1, 4) for number in range(3)]
    targets = fix(compliance=95), fix(target="quarterly", compliance=95, period="QUARTER")
    more: dict[str, Any] = {
        "price": {"monthly": "1000"},
        "credits": [{"target": each["target"], "bands": [{"below": 95, "credit": 10}]} for each in targets],
        "credit_limits": {"year_percent": "3"},
    }
    found = report(proposal(*targets, **more), year(), stories).proposals[0]
    given = [(each.period, each.target, each.amount) for each in found.credits]
    assert given == [
        ("2025-01", "fix", "100.00"),
        ("2025-02", "fix", "100.00"),
        ("2025-03", "fix", "100.00"),
        ("2025-Q1", "quarterly", "60.00"),
    ]


def test_a_month_that_is_not_whole_has_figures_and_no_verdict() -> None:
    record = Record("half", Span(day("2025-03-15"), day("2025-05-01")), day("2025-05-01"))
    stories = [ticket(number, day("2025-03-20"), 9) for number in range(40)]
    priced: dict[str, Any] = {"price": {"monthly": "1000"}, "credits": [{"target": "fix", "bands": [{"below": 95, "credit": 10}]}]}
    found = report(proposal(fix(compliance=95), **priced), record, stories).proposals[0]
    march, april = found.promises[0].months
    assert (march.is_whole, march.achieved, march.verdict, march.colour) == (False, "0.00 %", None, Colour.GREY)
    assert (april.is_whole, april.verdict, found.judged, found.credits) == (True, Verdict.NO_DATA, 0, ())


def test_a_quarterly_promise_is_judged_by_quarters_and_shown_by_months() -> None:
    stories = [ticket(number, day("2025-02-01"), 9 if number else 1) for number in range(40)]
    promise = report(proposal(fix(compliance=95, period="QUARTER")), year(), stories).proposals[0].promises[0]
    assert [each.period for each in promise.longer] == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
    assert (promise.missed, promise.judged, len(promise.months)) == (1, 1, 12)


def test_tickets_beyond_the_agreed_volume_stand_aside() -> None:
    stories = [ticket(number, day("2025-02-01") + timedelta(minutes=number), 9) for number in range(50)]
    limited = proposal(fix(compliance=95), workload_limits=[{"volume": 40, "unit": "tickets"}, {"volume": 3, "unit": "devices"}])
    found = report(limited, year(), stories)
    february = month(found.proposals[0].promises[0], "2025-02")
    assert (february.met, february.breached, february.over_limit) == (0, 40, 10)
    assert gaps(found)[Gap.OTHER_WORKLOAD] == ("devices", None)


def test_availability_is_measured_from_samples_and_not_known_without() -> None:
    promised = proposal(availability=[{"target": "up", "percent": "99.5"}])
    down = Measured(MeasurementKind.DOWN, Span(day("2025-03-03"), day("2025-03-03") + timedelta(hours=6)))
    found = report(promised, year(samples={"up": [down]}), [])
    promise = found.proposals[0].promises[0]
    # 6 of the 744 hours of March: 99.19 %.
    assert (month(promise, "2025-03").achieved, month(promise, "2025-03").verdict) == ("99.19 %", Verdict.MISSED)
    assert (promise.missed, promise.judged) == (1, 12)
    assert month(promise, "2025-03").range is not None
    without = report(promised, year(), [])
    assert gaps(without)[Gap.NO_SAMPLES] == ("up", None)
    assert without.proposals[0].promises[0].achieved is None


def test_the_strictest_limit_is_the_least_that_the_fold_finds_kept() -> None:
    hours = [0.5, 1, 1.25, 2, 2, 3, 3.5, 5, 6, 9]
    stories = [ticket(number, day("2025-02-01"), each) for number, each in enumerate(hours)]
    held = report(Question([proposal(fix())], wanted=Decimal(80)), year(), stories).proposals[0].strictest[0]
    assert (held.promised_minutes, held.held_minutes, held.judged) == (240, 300, 10)

    def kept(minutes: int) -> int:
        found = report(proposal(fix(f"{minutes}m")), year(), stories).proposals[0].promises[0]
        return found.met or 0

    assert kept(300) == 8
    assert kept(299) == 7


def test_what_was_never_done_lets_no_limit_hold() -> None:
    stories = [ticket(number, day("2025-02-01"), None) for number in range(5)]
    held = report(proposal(fix()), year(), stories).proposals[0].strictest[0]
    assert (held.held_minutes, held.judged) == (None, 5)


def test_a_thin_record_says_so_instead_of_guessing() -> None:
    found = report(proposal(fix(compliance=95)), year(), [ticket(number, day("2025-02-01"), 1) for number in range(29)])
    assert gaps(found)[Gap.FEW_TICKETS] == ("fix", 29)
    assert found.proposals[0].promises[0].range is None
    one_week = report(proposal(fix(compliance=95)), year(), [ticket(number, day("2025-02-04"), 1) for number in range(60)])
    assert one_week.proposals[0].promises[0].range is None


def test_ranges_come_from_the_seed_and_hold_the_share() -> None:
    stories = [
        ticket(of * 10 + number, day("2025-01-01") + timedelta(weeks=of), 9 if number < of % 4 else 1)
        for of in range(50)
        for number in range(10)
    ]
    first, again, other = (report(Question([proposal(fix(compliance=95))], seed=seed), year(), stories) for seed in (1, 1, 2))
    drawn = first.proposals[0].promises[0]
    assert drawn.range is not None
    assert float(drawn.range.low[:-2]) <= float(str(drawn.achieved)[:-2]) <= float(drawn.range.high[:-2])
    assert drawn.range.low != drawn.range.high
    assert first == again
    assert first.proposals[0].promises[0].range != other.proposals[0].promises[0].range


def test_a_verdict_says_how_sure_it_is() -> None:
    # Four weeks of February with 10 tickets each: all late is clear, every other one is open around 50 %, 7 a week are too few.
    def certainty(late: int, compliance: int, a_week: int = 10) -> Certainty | None:
        stories = [
            ticket(of * 10 + number, day("2025-02-03") + timedelta(weeks=of), 9 if (number + of) % 10 < late else 1)
            for of in range(4)
            for number in range(a_week)
        ]
        promise = report(proposal(fix(compliance=compliance)), year(), stories).proposals[0].promises[0]
        assert (promise.missed_clearly, promise.missed_thin) == (promise.months[1].certainty is Certainty.CLEAR, a_week == 7)
        return promise.months[1].certainty

    assert certainty(10, 95) is Certainty.CLEAR
    assert certainty(10, 95, a_week=7) is Certainty.THIN
    stories = [ticket(number, day("2025-02-03") + timedelta(days=number % 28), 9 if number % 28 < 14 else 1) for number in range(56)]
    february = report(proposal(fix(compliance=60)), year(), stories).proposals[0].promises[0].months[1]
    assert (february.verdict, february.certainty) == (Verdict.MISSED, Certainty.OPEN)


def test_what_is_promised_to_whom_stands_beside_what_was_kept() -> None:
    rules = [{"when": {"priority": "1"}, "limit": "2h"}, {"limit": "8h"}]
    stories = [ticket(number, day("2025-02-03"), 4, priority=str(1 + number % 2)) for number in range(10)]
    more: dict[str, Any] = {"price": {"monthly": "100"}, "credits": [{"target": "fix", "bands": [{"below": 95, "credit": 50}]}]}
    caps: dict[str, Any] = {"credit_limits": {"month_percent": 20}}
    found = report(proposal(fix(compliance=95, rules=rules), **more, **caps), year(), stories).proposals[0]
    assert [(each.when, each.met, each.judged) for each in found.promises[0].rules] == [("priority 1", 0, 5), ("", 5, 5)]
    assert (found.before_caps, found.credit_total) == ("50.00", "20.00")
    assert found.credit_terms[0].bands == (("fix", "95 %", "50 %"),)


def test_an_uneven_record_says_in_which_months_it_lies() -> None:
    stories = [ticket(number, day("2025-03-03"), 1) for number in range(90)]
    stories += [ticket(90 + of, day(f"2025-{of:02}-03"), 1) for of in range(1, 13)]
    assert gaps(report(proposal(fix(compliance=95)), year(), stories))[Gap.UNEVEN][1] == 92  # 94 of 102 in the four fullest months


def test_anybodys_tickets_tell_what_a_new_customer_may_expect() -> None:
    stories = [ticket(number, day("2025-02-01"), 1, customer="Another") for number in range(3)]
    own = report(proposal(fix(compliance=95)), year(), stories)
    assert own.proposals[0].tickets == 0
    assert {Gap.NO_TICKETS, Gap.OUTSIDE} <= gaps(own).keys()
    assert report(Question([proposal(fix(compliance=95))], Whose.ANYBODY), year(), stories).proposals[0].tickets == 3


def test_what_is_not_known_is_said() -> None:
    stories = [ticket(1, day("2025-12-31") + timedelta(hours=23), None), ticket(2, day("2024-12-31"), 9)]
    found = gaps(report(proposal(fix()), year(), stories))
    assert found[Gap.OPEN_TICKETS] == (None, 1)
    assert {Gap.NO_SHARE, Gap.NO_PRICE, Gap.BEHAVIOUR, Gap.EARLIER, Gap.FEW_TICKETS} <= found.keys()
    assert Gap.FEW_WEEKS not in found
    assert gaps(report(proposal(fix()), RECORD, []))[Gap.FEW_WEEKS] == (None, 17)


def test_breaches_name_their_tickets_the_most_late_first() -> None:
    stories = [ticket(number, day("2025-02-01") + timedelta(days=number), 6 + number / 60) for number in range(120)]
    found = report(proposal(fix()), year(), stories).proposals[0]
    assert (found.breached, len(found.breaches), found.breaches[0].ticket, found.breaches[0].late_minutes) == (120, 100, "T-00119", 239)
    assert all(first.late_minutes >= second.late_minutes for first, second in pairwise(found.breaches))


@pytest.mark.parametrize(
    ("proposals", "said"),
    [
        ([], "at least one"),
        ([proposal(fix()), proposal(fix())], "'tills'"),
        ([proposal()], "promises nothing"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(proposals: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Backtest(Question(proposals), year())
