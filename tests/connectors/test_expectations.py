"""What users can expect, in plain words: the bank's agreement as its branches and its head office read it."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from connectors.readable.expectations import expectations, volumes_said
from connectors.readable.plain import hours_said, in_hours
from connectors.readable.words import Language, Words, phrases_of
from domain.agreement_parts import AvailabilityTarget
from domain.calendar_definitions import CalendarDefinition
from domain.targets import ServiceTarget, TargetKind
from tests.domain.drafts import bank_draft, changed, with_target

LANGUAGES: tuple[Language, ...] = get_args(Language)
POLISH, ENGLISH = (Words(phrases_of(language, "plain")) for language in ("pl", "en"))
WARSAW, PODLASIE = (bank_draft().in_full(bank_draft().named(name)) for name in ("warsaw", "podlasie"))


def calendar(**weekly: list[str]) -> CalendarDefinition:
    return CalendarDefinition.model_validate({"calendar": "C", "time_zone": "Europe/Warsaw", "weekly": weekly})


def test_a_branch_in_the_country_reads_next_business_day_by_17() -> None:
    [english] = expectations(PODLASIE, ENGLISH, is_on_site=True)
    [polish] = expectations(PODLASIE, POLISH, is_on_site=True)

    assert english.promise == "On-site reaction: next business day by 17:00"
    assert english.notes[0] == "Business days are Monday to Friday 8–17 (not on public holidays)."
    assert polish.promise == "Reakcja na miejscu: następny dzień roboczy do 17:00"
    assert polish.notes[1] == "Zegar nigdy się nie zatrzymuje."


def test_the_head_office_reads_four_business_hours_and_what_stops_the_clock() -> None:
    [english] = expectations(WARSAW, ENGLISH, is_on_site=True)
    [polish] = expectations(WARSAW, POLISH, is_on_site=True)

    assert english.promise == "On-site reaction: 4 business hours, Monday to Friday 8–17 (not on public holidays)"
    assert english.notes == (
        "The clock stops while we wait for an answer of yours or your site is closed; it goes on afterwards.",
        "We promise it for at least 95 % of tickets in a month.",
        "If it is met for less than 95 % in a month, 5 % of the monthly fee is given back. Below 90 % it is 10 %.",
    )
    assert polish.promise == "Reakcja na miejscu: 4 godziny robocze, od poniedziałku do piątku 8–17 (oprócz świąt)"


def test_a_reaction_is_an_arrival_only_where_the_service_is_given_on_site_and_no_target_says_so_itself() -> None:
    remote = expectations(WARSAW, ENGLISH)
    both = changed(
        WARSAW, targets=[WARSAW.targets[0].model_dump(mode="json"), WARSAW.targets[0].model_dump(mode="json") | {"target": "on-site"}]
    )

    assert remote[0].promise.startswith("Reaction: ")
    assert [each.promise.partition(":")[0] for each in expectations(both, ENGLISH, is_on_site=True)] == ["Reaction", "On-site reaction"]


def test_rows_for_kinds_of_tickets_say_for_which_they_are() -> None:
    rules = [{"when": {"priority": ["1", "2"]}, "limit": "30m"}, {}]
    found = expectations(with_target(WARSAW, stop=["RESOLVED"], rules=rules), ENGLISH)

    assert [each.promise.partition(",")[0] for each in found] == [
        "Solved (priority 1 or 2): 30 business minutes",
        "Solved (all others): 4 business hours",
    ]
    assert "If it comes back within 5 business days, the same ticket and its clock go on." in found[0].notes


def test_names_that_people_made_up_stand_as_plain_letters() -> None:
    [found] = expectations(with_target(WARSAW, stop=["PARTS_ORDERED"], pauses=["HEAVY_SNOW"]), ENGLISH)

    assert found.promise.startswith("Parts ordered: ")
    assert found.notes[0] == "The clock stops while this reason holds: heavy snow; it goes on afterwards."


def test_availability_says_how_it_is_counted_and_what_is_given_back() -> None:
    document = changed(
        WARSAW,
        targets=[],
        availability=[AvailabilityTarget(target="up", percent="99.5", calendar="PL-BH-8-17").model_dump(mode="json")],
        credits=[{"target": "up", "bands": [{"below": "99.5", "credit": 5}]}],
    )
    [polish] = expectations(document, POLISH)

    assert (
        polish.promise == "Usługa działa przez co najmniej 99,5 % swoich godzin w miesiącu: od poniedziałku do piątku 8–17 (oprócz świąt)."
    )
    assert polish.notes[-1] == "Jeśli usługa działa krócej niż przez 99,5 % czasu w miesiącu, oddajemy 5 % opłaty miesięcznej."
    assert polish.row is None


def test_a_miss_without_money_is_said_and_a_penalty_has_its_amount() -> None:
    [without] = expectations(changed(WARSAW, credits=[]), ENGLISH)
    [with_penalty] = expectations(changed(WARSAW, credits=[], penalties=[{"target": "response", "per_started_hour": "50"}]), ENGLISH)

    [unsaid] = expectations(changed(WARSAW, credits=None), ENGLISH)
    assert unsaid.notes[-1].startswith("We promise it"), "nobody answered whether money is given back"
    assert without.notes[-1].startswith("No money is agreed")
    assert with_penalty.notes[-1] == "For every started hour a ticket is late, 50.00 PLN is paid."


def test_volumes_bound_the_promise() -> None:
    assert volumes_said(WARSAW, ENGLISH) == ["This holds for up to 120 tickets in a month."]


@pytest.mark.parametrize(
    ("weekly", "english"),
    [
        ({day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}, "Monday to Friday 8–17"),
        ({day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}, "day and night"),
        ({day: ["08:00-20:30"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}, "every day 8–20:30"),
        ({"mon": ["08:00-12:00", "13:00-17:00"], "sat": ["09:00-13:00"]}, "Monday 8–12 and 13–17 and Saturday 9–13"),
    ],
)
def test_hours_are_said_by_stretches_of_days(weekly: Any, english: str) -> None:
    assert hours_said(calendar(**weekly), ENGLISH) == english


@pytest.mark.parametrize(
    ("target", "polish"),
    [
        ({"limit": "1h"}, "1 godzina robocza, poniedziałek 8–17"),
        ({"limit": "5h"}, "5 godzin roboczych, poniedziałek 8–17"),
        ({"limit": "90m"}, "1 h 30 min czasu roboczego, poniedziałek 8–17"),
        ({"kind": "BUSINESS_DAYS", "days": 1}, "1 dzień roboczy"),
        ({"kind": "CALENDAR_DAYS", "days": 14}, "14 dni, licząc też dni wolne"),
        ({"kind": "IMMEDIATE"}, "od razu, limit 1 godzina, przez całą dobę"),
        ({"kind": "NEXT_BUSINESS_DAY", "by": "15:00"}, "następny dzień roboczy do 15:00"),
        ({"kind": "NEXT_BUSINESS_DAY", "by": "18:00"}, "następny dzień roboczy do 17:00"),
        ({"kind": "END_OF_DATE", "date_from": "last_day"}, "do końca dnia podanego w zgłoszeniu"),
    ],
)
def test_every_kind_of_limit_is_said(target: dict[str, Any], polish: str) -> None:
    row = ServiceTarget.model_validate({"target": "t", "stop": "RESOLVED", "calendar": "C", **target}).rows[0]

    assert in_hours(row, calendar(mon=["08:00-17:00"]), POLISH) == polish


def test_a_day_that_closes_at_different_times_has_no_common_hour() -> None:
    row = ServiceTarget(target="t", stop=("RESOLVED",), calendar="C", kind=TargetKind.NEXT_BUSINESS_DAY, limit=timedelta(hours=1)).rows[0]

    assert in_hours(row, calendar(mon=["08:00-17:00"], fri=["08:00-15:00"]), ENGLISH) == "next business day"


def test_both_languages_have_the_same_plain_words_with_the_same_gaps() -> None:
    def gaps(phrase: str) -> set[str]:
        return {part.partition("}")[0] for part in phrase.split("{")[1:]}

    english, polish = (phrases_of(language, "plain") for language in ("en", "pl"))
    assert list(english) == list(polish)
    assert {key for key in english if gaps(english[key]) != gaps(polish[key])} == set()
    assert all(polish.values())
