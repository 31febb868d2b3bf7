"""People and the tickets that come, with the numbers of the requirements."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from domain.capacity import (
    Advice,
    Load,
    PoolPlan,
    Use,
    advise,
    hours_of,
    load_of,
    people_needed,
    people_recommended,
    plan_of,
    utilisation,
    what_if,
)
from domain.catalogue import Catalogue
from domain.expected_volumes import ExpectedVolume, PipelineVolume
from domain.figures import rounded, shown
from domain.forecasting import MonthVolume, forecast
from domain.resources import ResourcePool
from domain.results import Colour
from tests.domain.drafts import catalogue

JUNE = date(2026, 6, 1)


def pool(people: str = "5", **more: Any) -> ResourcePool:
    values = {"pool": "desk", "name": "Service desk", "services": ["MPS"], "people": people, "minutes_per_ticket": 35}
    return ResourcePool.model_validate(values | more)


def volume(tickets: int, probability: str = "100", case_id: str = "case-1", **more: Any) -> PipelineVolume:
    stated = {"service": "MPS", "region": "METRO", "tickets": tickets, "probability": probability, "source": "the CRM"} | more
    return PipelineVolume(case_id, "Bank Narew S.A.", ExpectedVolume.model_validate(stated))


def plan(people: str = "5", tickets: int = 1200, pipeline: tuple[PipelineVolume, ...] = (), **more: Any) -> PoolPlan:
    made, observed = pool(people, **more), [MonthVolume(JUNE, tickets)]
    return plan_of(made, observed, MonthVolume(date(2026, 7, 1), 10), forecast(observed, 3, growth=made.growth), pipeline)


def load(share: str) -> Load:
    return Load(JUNE, 0, Fraction(share), Fraction(share))


def test_1200_tickets_of_35_minutes_are_more_than_five_people_have_time_for() -> None:
    found = load_of(pool(), MonthVolume(JUNE, 1200))

    assert found.hours == 700
    assert rounded(found.utilisation * 100 if found.utilisation else Fraction(0), 1) == "104.2", "700 h of 672 h (R-142)"
    assert (found.use, found.colour) == (Use.OVER, Colour.RED)


def test_the_forecast_and_the_pipeline_make_1401_tickets_and_ask_for_8_people() -> None:
    found = plan(people="7", pipeline=(volume(150, "60"),), growth="3")
    last = found.ahead[-1]

    assert (last.tickets, last.pipeline, last.tickets + last.pipeline) == (1311, Fraction(90), Fraction(1401)), "R-143"
    assert last.hours == Fraction("817.25")
    assert rounded(people_needed(last.hours, found.pool), 2) == "6.08", "R-144"
    assert rounded(people_needed(last.hours, found.pool, Fraction(85, 100)), 2) == "7.15"
    assert (found.recommended, found.gap) == (8, Fraction(1))
    assert last.utilisation is not None
    assert (rounded(last.utilisation * 100, 1), last.use, last.colour) == ("86.9", Use.OVER, Colour.AMBER)
    assert found.advice is not None
    assert (found.advice.advice, found.advice.months, found.advice.fullest) == (Advice.INVEST, 1, last)


@pytest.mark.parametrize(
    ("shares", "advice"),
    [
        (["1.04"], Advice.INVEST),
        (["0.45", "0.45", "0.45"], Advice.DIVEST),
        (["0.75", "0.75", "0.75"], Advice.HOLD),
        (["0.45", "0.45"], Advice.HOLD),
        (["0.45", "0.45", "0.61"], Advice.HOLD),
        (["0.85", "0.6", "0.7"], Advice.HOLD),
        (["0.45", "0.45", "0.8501"], Advice.INVEST),
    ],
)
def test_what_utilisation_advises(shares: list[str], advice: Advice) -> None:
    found = advise([load(share) for share in shares])

    assert found is not None
    assert found.advice is advice, "R-145"


def test_without_a_forecast_nothing_is_advised() -> None:
    found = plan()

    assert (found.ahead, found.advice, found.recommended, found.gap) == ((), None, None, None)
    assert found.last_whole is not None
    assert (found.last_whole.tickets, [each.is_over for each in found.observed]) == (1200, [True, False])


def test_90_tickets_of_40_minutes_are_45_hundredths_of_a_person() -> None:
    found = what_if(plan(people="7", growth="0", pipeline=(volume(90, "50", minutes_per_ticket=40), volume(60, "50", "case-2"))), "case-1")

    assert found is not None
    assert (found.added, rounded(found.people, 2)) == (Fraction(60), "0.45"), "R-147"
    assert found.before is not None
    assert found.after is not None
    assert (found.before.hours, found.before.pipeline) == (Fraction("717.5"), Fraction(30)), "700 h, and half of the other case's 35 h"
    assert (found.after.hours, found.after.pipeline) == (Fraction("777.5"), Fraction(120)), "signed, all of it comes"


def test_what_if_stands_on_the_last_month_where_nothing_is_forecast_and_alone_where_nothing_is_known() -> None:
    signed = (volume(90, "50", minutes_per_ticket=40),)
    of_last = what_if(plan(pipeline=signed), "case-1")
    alone = what_if(plan_of(pool(), [], MonthVolume(JUNE, 0), forecast([], 3), signed), "case-1")

    assert of_last is not None
    assert of_last.before is not None
    assert (of_last.before.first_on, of_last.before.hours) == (JUNE, Fraction(700))
    assert alone is not None
    assert (alone.added, alone.before, alone.after) == (Fraction(60), None, None)
    assert what_if(plan(pipeline=signed), "case-9") is None


def test_a_pool_works_where_it_says_and_its_own_minutes_count() -> None:
    remote = pool(regions=["REMOTE"], minutes_per_ticket=90)
    anywhere = pool()

    assert (remote.works_on("MPS", "METRO"), remote.works_on("MPS", None), anywhere.works_on("MPS", None)) == (False, False, True)
    assert volume(10).volume.hours(remote, is_signed=True) == 0
    assert volume(10, region="REMOTE").volume.hours(remote, is_signed=True) == 15
    assert hours_of(2, remote) == 3


def test_work_for_nobody_is_over_use_and_needs_people() -> None:
    found = load_of(pool("0"), MonthVolume(JUNE, 12))

    assert (found.utilisation, found.use, found.colour) == (None, Use.OVER, Colour.RED)
    assert people_recommended(found.hours, pool("0")) == 1
    assert load_of(pool("0"), MonthVolume(JUNE, 0)).colour is Colour.GREEN
    assert utilisation(Fraction(1), pool("0")) is None


@pytest.mark.parametrize(("field", "named"), [("services", "service 'NONE'"), ("regions", "region 'NONE'")])
def test_a_pool_that_names_what_there_is_not_is_a_fault(field: str, named: str) -> None:
    value = catalogue().model_dump(mode="json", by_alias=True)
    value["pools"] = [pool().model_dump(mode="json") | {field: ["NONE"]}]

    with pytest.raises(ValueError, match=f"pools: desk names {named}, which is not in the catalogue"):
        Catalogue.model_validate(value)


def test_a_plan_is_rounded_and_a_result_is_cut_off() -> None:
    assert (rounded(Fraction("0.4464"), 2), shown(Fraction("0.4464"), 2)) == ("0.45", "0.44")
    assert (rounded(Fraction("-0.625"), 2), rounded(Fraction(1, 2), 0)) == ("-0.62", "1")
    assert pool().hours_per_person == Decimal("134.4"), "168 h x 80 %"
