"""Whether people can be there in time: seven technicians of a city, one of the countryside (R-108)."""

from decimal import Decimal
from typing import Any

import pytest

from domain.catalogue import Catalogue
from domain.reach import Reach, ReachVerdict, reach_of
from domain.requirements import Requirement
from tests.domain.drafts import catalogue

POOLS = [
    {
        "pool": "field-metro",
        "name": "Warsaw",
        "services": ["MPS"],
        "regions": ["METRO"],
        "on_site": True,
        "people": 7,
        "minutes_per_ticket": 60,
    },
    {
        "pool": "field-remote",
        "name": "Podlasie",
        "services": ["MPS"],
        "regions": ["REMOTE"],
        "on_site": True,
        "people": 1,
        "minutes_per_ticket": 90,
    },
]


def reached(pools: list[dict[str, Any]] | None = None, **more: Any) -> list[Reach]:
    value = catalogue().model_dump(mode="json", by_alias=True) | {"pools": POOLS if pools is None else pools}
    asked: dict[str, Any] = {
        "requirement": "r",
        "text": "A technician comes.",
        "service": "MPS",
        "regions": ["METRO", "REMOTE"],
        "metric": "response",
    }
    asked |= {"value": 4, "unit": "business hours", "calendar": "PL-BH-8-17", "on_site": True}
    return list(reach_of([Requirement.model_validate(asked | more)], "Bank Narew S.A.", Catalogue.model_validate(value)))


def test_four_hours_are_feasible_in_the_city_and_not_commercially_feasible_for_one_technician_with_six_sites() -> None:
    metro, remote = reached()

    assert (metro.region, metro.people, metro.sites, metro.verdict) == ("METRO", Decimal(7), 1, ReachVerdict.FEASIBLE)
    assert (remote.region, remote.people, remote.sites, remote.verdict) == ("REMOTE", Decimal(1), 6, ReachVerdict.NOT_COMMERCIALLY_FEASIBLE)
    assert remote.why == "6 site(s) for 1 people, one can keep 3: not commercially feasible"


@pytest.mark.parametrize(
    "more",
    [
        {"value": 1, "unit": "next business day"},
        {"value": 8},
        {"on_site": False},
        {"metric": "availability", "value": 99.9, "unit": "per cent"},
    ],
)
def test_what_is_no_short_limit_on_site_is_not_judged(more: dict[str, Any]) -> None:
    assert reached(**more) == []


def test_a_limit_in_minutes_is_one_in_hours() -> None:
    assert [each.limit_hours for each in reached(value=90, unit="Business  Minutes")] == [1.5, 1.5]


def test_without_a_pool_or_a_site_nothing_is_known() -> None:
    assert [each.verdict for each in reached(pools=[])] == [ReachVerdict.NOT_KNOWN] * 2
    assert [each.why for each in reached(service=None)] == [
        "no pool goes to sites for the service there, as far as the catalogue knows"
    ] * 2


def test_two_technicians_are_enough_for_six_sites() -> None:
    assert reached([*POOLS[:1], POOLS[1] | {"people": 2}])[1].verdict is ReachVerdict.FEASIBLE


def test_who_helps_from_afar_reaches_nobody() -> None:
    desk = {"pool": "desk", "name": "Desk", "services": ["MPS"], "people": 9, "minutes_per_ticket": 35}

    assert [each.people for each in reached([*POOLS, desk])] == [7, 1]
