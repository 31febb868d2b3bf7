"""What comes of closed periods (R-115, R-120, R-121, R-137, SC-1, SC-3, SC-5): told and opened once, whatever order targets stand in."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.agreement_parts import Period
from domain.case_messages import AgreementOrder, Registered
from domain.closing import SATISFACTION, ClosedTarget, Closing, Due, Irregularity
from domain.consequences import Consequences, Source, at_closing, planned_review
from domain.follow_ups.follow_up import FollowUpKind
from domain.in_force import Occasion, OccasionKind, Watched
from domain.irregularities import at_look
from domain.results import Colour, Verdict
from domain.settling import at_settling
from domain.terms import AgreementKind
from domain.watermelon import WatermelonReason
from tests.domain.case_stories import CATALOGUE, local
from tests.domain.follow_up_stories import BANK, NUMBER

MISSED = {"colour": Colour.RED, "verdict": Verdict.MISSED}
UNKNOWN = {"colour": Colour.GREY, "verdict": Verdict.NOT_MEASURED}
REASONS = (WatermelonReason.CSAT_BELOW_GOAL, WatermelonReason.OUTCOME_MISSED)
ENDS = {"2026-05": "2026-06-01", "2026-06": "2026-07-01", "2026-Q2": "2026-07-01"}
PLAN = "sip:SLA-2026-0001:response:2026-04"


def source(at: str, kind: AgreementKind = AgreementKind.CUSTOMER_SLA, *periods: Period, crm_case: str | None = "CRM-1") -> Source:
    watched = Watched(kind=kind, periods=periods or (Period.MONTH,), targets=("response", "uptime"), calendar=CATALOGUE.calendar)
    registered = Registered(
        registry_no=NUMBER,
        customer=BANK,
        effective_from=date(2026, 1, 1),
        effective_until=None,
        time_zone="Europe/Warsaw",
        watched=watched,
    )
    return Source(AgreementOrder(registered=registered, crm_case=crm_case), watched, local(at))


def target(name: str = "response", **more: Any) -> ClosedTarget:
    kept = {"promised": "95.0000 %", "achieved": "94.4444 %", "verdict": Verdict.MET, "colour": Colour.GREEN}
    return ClosedTarget(target=name, **(kept | more))


def closing(*targets: ClosedTarget, period: str = "2026-05", version: int = 1, **more: Any) -> Closing:
    ended = local(f"{ENDS[period]}T00:00")
    return Closing(period=period, ended=ended, version=version, targets=targets or (target(),), **more)


def opened(found: Consequences, kind: FollowUpKind) -> list[Any]:
    return [each for each in found.openings if each.kind is kind]


def news_of(found: Consequences) -> list[tuple[str, str]]:
    return [(each.name, each.about) for each in found.news]


# ---- misses ---------------------------------------------------------------------------------------------------------


def test_a_kept_promise_has_no_consequence() -> None:
    assert at_closing(source("2026-06-01T00:05"), closing()) == Consequences()


def test_a_miss_is_told_at_once_and_a_plan_proposed() -> None:
    found = at_closing(source("2026-06-01T00:05"), closing(target(**MISSED)))

    [notice], [update], [plan] = found.notices, found.crm_updates, opened(found, FollowUpKind.PLAN)
    assert notice.recipients == ("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER")
    assert (notice.key, update.state) == ("agreement:SLA-2026-0001:violation:2026-05:response", "VIOLATED")
    assert "95.0000 %" in notice.body
    assert "94.4444 %" in notice.body
    assert (plan.case_id, plan.mandatory) == ("sip:SLA-2026-0001:response:2026-05", False)


def test_no_crm_is_told_of_what_no_crm_asked_for() -> None:
    assert at_closing(source("2026-06-01T00:05", crm_case=None), closing(target(**MISSED))).crm_updates == ()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (AgreementKind.INTERNAL_SLA, ("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER")),
        (AgreementKind.OLA, ("SLM_MANAGER", "TEAM_OWNER")),
        (AgreementKind.UC, ("SUPPLY_MANAGER", "SUPPLIER_REP")),
    ],
)
def test_a_miss_is_told_to_those_it_was_promised_to(kind: AgreementKind, told: tuple[str, ...]) -> None:
    found = at_closing(source("2026-06-01T00:05", kind), closing(target(**MISSED, chronic=True)))
    assert found.notices[0].recipients == told
    assert bool(opened(found, FollowUpKind.REVIEW)) is (kind is AgreementKind.INTERNAL_SLA), "supports have no reviews"


def test_a_plan_that_is_open_takes_the_place_of_another() -> None:
    found = at_closing(source("2026-06-01T00:05"), closing(target(**MISSED), plans={"response": PLAN}))
    assert (opened(found, FollowUpKind.PLAN), news_of(found)) == ([], [("period_measured", PLAN)])
    [news] = found.news
    assert news.content == {"period": "2026-05", "ended": "2026-06-01T00:00:00+02:00", "at_goal": False}


@pytest.mark.parametrize("more", [UNKNOWN, {"colour": Colour.GREY, "verdict": Verdict.NO_DATA}, {"disputed": True}])
def test_an_open_plan_hears_nothing_of_a_period_that_proves_nothing(more: dict[str, Any]) -> None:
    found = at_closing(source("2026-06-01T00:05"), closing(target(**more), plans={"response": PLAN}))
    assert found.news == ()


@pytest.mark.parametrize("colour", [Colour.GREEN, Colour.AMBER])
def test_an_open_plan_hears_that_a_promise_was_kept(colour: Colour) -> None:
    [news] = at_closing(source("2026-06-01T00:05"), closing(target(colour=colour), plans={"response": PLAN})).news
    assert news.content["at_goal"] is True


# ---- chronic --------------------------------------------------------------------------------------------------------


def test_a_chronic_miss_is_reviewed_by_monday_8_june_17h_and_its_plan_is_mandatory() -> None:
    found = at_closing(source("2026-06-01T00:05"), closing(target(**MISSED, chronic=True)))

    [review], [plan] = opened(found, FollowUpKind.REVIEW), opened(found, FollowUpKind.PLAN)
    assert (review.due_at, review.meeting_at) == (local("2026-06-08T17:00"), local("2026-06-08T10:00")), "4 June is Corpus Christi"
    assert (plan.mandatory, "chronic" in plan.trigger) == (True, True)
    assert "2026-06-08 17:00" in found.notices[-1].body


def test_the_days_of_a_review_count_from_the_end_of_the_period_on_a_calendar_that_never_closes() -> None:
    never_closed = CATALOGUE.calendar.model_copy(
        update={"weekly": dict.fromkeys(CATALOGUE.calendar.weekly, ("00:00-24:00",)), "holidays": ()}
    )
    here = source("2026-06-01T00:05")
    here.watched = here.watched.model_copy(update={"calendar": never_closed})
    [review] = opened(at_closing(here, closing(target(**MISSED, chronic=True))), FollowUpKind.REVIEW)
    assert review.due_at == local("2026-06-06T00:00")


def test_what_late_facts_show_is_reviewed_five_days_after_it_is_known() -> None:
    found = at_closing(source("2026-06-10T11:00"), closing(target(**MISSED, chronic=True), version=2))
    [review] = opened(found, FollowUpKind.REVIEW)
    assert (review.due_at, review.meeting_at) == (local("2026-06-17T11:00"), local("2026-06-17T10:00"))


def test_an_open_plan_becomes_mandatory_with_a_chronic_miss() -> None:
    found = at_closing(source("2026-06-01T00:05"), closing(target(**MISSED, chronic=True), plans={"response": PLAN}))
    assert (opened(found, FollowUpKind.PLAN), news_of(found)) == ([], [("period_measured", PLAN), ("made_mandatory", PLAN)])


def test_after_three_red_periods_the_crm_hears_that_a_right_to_end_may_exist() -> None:
    found = at_closing(source("2026-06-01T00:05"), closing(target(**MISSED, chronic=True, may_be_ended=True)))
    [notice] = [each for each in found.notices if "may-be-ended" in each.key]
    assert notice.recipients == ("SLM_MANAGER", "CRM_STAFF")
    assert [each.state for each in found.crm_updates] == ["VIOLATED", "BREACHED"]


# ---- watermelons ----------------------------------------------------------------------------------------------------


def watermelon(at: str = "2026-07-01T00:05", *periods: Period, **more: Any) -> Consequences:
    here = source(at, AgreementKind.CUSTOMER_SLA, *(periods or (Period.QUARTER,)))
    fields: dict[str, Any] = {"watermelon": REASONS, "satisfied": False} | more
    return at_closing(here, closing(period="2026-Q2", **fields))


def test_a_watermelon_is_told_reviewed_by_tuesday_7_july_17h_and_improved() -> None:
    found = watermelon()

    [review], [plan] = opened(found, FollowUpKind.REVIEW), opened(found, FollowUpKind.PLAN)
    assert (review.due_at, review.meeting_at) == (local("2026-07-07T17:00"), local("2026-07-07T10:00"))
    assert review.reasons == ("CSAT_BELOW_GOAL", "OUTCOME_MISSED")
    assert (plan.about, plan.mandatory, plan.case_id) == (SATISFACTION, True, "sip:SLA-2026-0001:satisfaction:2026-Q2")
    assert found.notices[0].recipients == ("SLM_MANAGER", "CRM_STAFF", "CUSTOMER_REP")
    assert [each.state for each in found.crm_updates] == ["WATERMELON"]


def test_months_of_an_agreement_judged_by_quarters_raise_no_flag() -> None:
    here = source("2026-07-01T00:05", AgreementKind.CUSTOMER_SLA, Period.QUARTER)
    assert at_closing(here, closing(period="2026-06", watermelon=REASONS)) == Consequences()


@pytest.mark.parametrize("satisfied", [None, True, False])
def test_a_plan_about_satisfaction_hears_how_content_the_customer_is(*, satisfied: bool | None) -> None:
    plans = {SATISFACTION: "sip:1"}
    found = watermelon(watermelon=(), satisfied=satisfied, plans=plans)
    assert [(each.about, each.content["at_goal"]) for each in found.news] == ([] if satisfied is None else [("sip:1", satisfied)])


# ---- not measured, irregular ----------------------------------------------------------------------------------------


def test_what_was_not_measured_is_asked_for_until_late_facts_tell_it() -> None:
    found = at_closing(source("2026-06-01T00:05"), closing(target(**UNKNOWN)))
    [correction] = opened(found, FollowUpKind.CORRECTION)
    assert (correction.cause, correction.kind, found.notices) == ("NOT_MEASURED", FollowUpKind.CORRECTION, ())

    later = at_closing(source("2026-06-09T00:00"), closing(target(), version=2))
    assert news_of(later) == [("gone", correction.case_id)]


def test_an_irregularity_is_opened_once_and_closes_with_its_cause() -> None:
    seen = [Irregularity(kind="NEAR_BREACHES", target="response", why="22 % in 7 days")]
    first, there = at_look(source("2026-06-02T00:00"), seen, {})
    [correction] = first.openings
    assert [each.recipients for each in first.notices] == [("SLM_MANAGER",)]

    second, still = at_look(source("2026-06-03T00:00"), seen, there)
    assert (second, still) == (Consequences(), there)
    third, gone = at_look(source("2026-06-04T00:00"), [], still)
    assert (news_of(third), gone) == ([("gone", correction.case_id)], {})
    again, _ = at_look(source("2026-06-05T00:00"), seen, gone)
    assert again.openings[0].case_id != correction.case_id


# ---- money ----------------------------------------------------------------------------------------------------------


def due(name: str = "response", amount: str = "540") -> Due:
    return Due(target=name, amount=Decimal(amount), currency="PLN", why=("5 % of 10800",))


def settled(version: int = 1, kind: AgreementKind = AgreementKind.CUSTOMER_SLA, **more: Any) -> Consequences:
    targets = more.pop("targets", (target(**MISSED),))
    return at_settling(source("2026-06-01T08:00", kind), closing(*targets, version=version, **more))


def test_a_credit_is_drafted_for_what_is_due() -> None:
    [credit] = opened(settled(due=(due(),)), FollowUpKind.CREDIT)
    assert (credit.case_id, credit.amount, credit.version) == ("credit:SLA-2026-0001:response:2026-05", Decimal(540), 1)


def test_a_supplier_owes_a_claim_until_the_end_of_the_second_month_after() -> None:
    found = settled(kind=AgreementKind.UC, due=(due(amount="1800"),), caused=("SLA/2026/0007", "INC-5001"))
    [claim] = opened(found, FollowUpKind.CLAIM)
    assert (claim.kind, claim.claim_by, claim.caused) == (FollowUpKind.CLAIM, local("2026-08-01T00:00"), ("SLA/2026/0007", "INC-5001"))


def test_a_disputed_target_drafts_nothing_and_its_credit_waits() -> None:
    found = settled(targets=(target(**MISSED, disputed=True),))
    assert (found.openings, news_of(found)) == ((), [("figures_disputed", "credit:SLA-2026-0001:response:2026-05")])


def test_a_dismissed_dispute_lets_the_credit_go_on_though_the_version_is_the_same() -> None:
    assert news_of(settled(due=(due(),))) == [("redrafted", "credit:SLA-2026-0001:response:2026-05")]


def test_what_is_no_longer_due_is_brought_to_nothing() -> None:
    found = settled(version=2, targets=(target(),))
    assert [(each.name, each.content["amount"], each.content["version"]) for each in found.news] == [("redrafted", "0", 2)]
    assert settled(targets=(target(),)) == Consequences()


# ---- reviews, versions, order ---------------------------------------------------------------------------------------


def test_a_planned_review_reads_the_reports_of_its_stretch() -> None:
    at = local("2026-07-15T10:00")
    occasion = Occasion(at=local("2026-07-01T10:00"), kind=OccasionKind.REVIEW, name="2026-Q2", meeting_at=at)
    [review] = opened(planned_review(source("2026-07-01T10:00"), occasion), FollowUpKind.REVIEW)
    assert (review.case_id, review.meeting_at) == ("review:SLA-2026-0001:2026-Q2", at)
    assert review.pack == ("/registry/SLA-2026-0001/reports/2026-Q2", "/registry/SLA-2026-0001/slam")


def test_a_second_version_opens_and_tells_nothing_under_another_name() -> None:
    worst = (target(**MISSED, chronic=True, may_be_ended=True), target("uptime", **UNKNOWN))
    first = at_closing(source("2026-06-01T00:05"), closing(*worst))
    second = at_closing(source("2026-06-09T00:00"), closing(*worst, version=2))
    assert names(first) == names(second)
    assert names(settled(due=(due(),)))[2] == names(settled(2, due=(due(amount="1080"),)))[2]


def names(found: Consequences) -> tuple[list[str], ...]:
    return [each.key for each in found.notices], [each.key for each in found.crm_updates], [each.case_id for each in found.openings]


TARGETS = st.sampled_from(
    [
        {},
        MISSED,
        MISSED | {"chronic": True},
        MISSED | {"chronic": True, "may_be_ended": True},
        MISSED | {"disputed": True},
        UNKNOWN,
    ]
)


@settings(deadline=None, max_examples=60)
@given(st.data(), st.lists(TARGETS, min_size=1, max_size=5), st.integers(1, 3), st.sampled_from([{}, {"t0": PLAN}]))
def test_the_order_of_targets_makes_no_difference(
    data: st.DataObject, drawn: list[dict[str, Any]], version: int, plans: dict[str, str]
) -> None:
    targets = [target(f"t{number}", **each) for number, each in enumerate(drawn)]
    dues = [due(each.target) for each in targets if each.verdict is Verdict.MISSED and not each.disputed]

    def found(order: Sequence[ClosedTarget], owed: Sequence[Due]) -> set[str]:
        closed = closing(*order, version=version, due=tuple(owed), plans=plans)
        parts = [at_closing(source("2026-06-01T00:05"), closed), at_settling(source("2026-06-01T08:00"), closed)]
        listed = [each.model_dump_json() for part in parts for group in part for each in group]
        assert len(set(listed)) == len(listed), "nothing twice"
        return set(listed)

    assert found(targets, dues) == found(data.draw(st.permutations(targets)), data.draw(st.permutations(dues)))
