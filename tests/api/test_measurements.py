"""Availability as it is measured and asked for at the API: SC-3's months, from outages, samples and agreed windows."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.domain.drafts import bank_draft, changed
from tests.store.test_registry import registration

SLA = "SLA/2026/0001"
MEASUREMENT = dict.fromkeys(("source", "formula", "sampling", "rounding", "unknown_data", "dispute", "responsible"), "as agreed")
HOSTING = {
    "document": "hosting",
    "parent": None,
    "services": ["MPS"],
    "effective_from": "2026-03-16",
    "targets": [],
    "links": [],
    "availability": [{"target": "availability", "percent": "99.9", "measurement": MEASUREMENT}],
    "price": {"monthly": "20000"},
    "credits": [
        {"target": "availability", "bands": [{"below": "99.9", "credit": "10"}, {"below": "99", "credit": "25"}]},
    ],
}


@pytest.fixture
async def august(database: Database) -> AsyncIterator[Office]:
    """An availability agreement of the bank, looked at on 3 August 2026."""
    await AgreementRegistry(database).register(registration("case-1", changed(bank_draft().named("warsaw"), **HOSTING)))
    async with office(database, None, now="2026-08-03T09:00+02:00") as people:
        yield people


def stretch(name: str, kind: str, start: str, minutes: float) -> dict[str, str]:
    """A stretch from a local time on."""
    begins = datetime.fromisoformat(start)
    return {"measurement": name, "kind": kind, "start": begins.isoformat(), "end": (begins + timedelta(minutes=minutes)).isoformat()}


async def told(people: Office, *stretches: dict[str, str], person: str | None = "L1", **more: Any) -> Any:
    body = {"registry_no": SLA, "target": "availability", "source": "monitor", "measurements": list(stretches), **more}
    return await people.send(person, "/measurements", **body)


async def month(people: Office, period: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = (await people.get("B1", "/registry/SLA-2026-0001/results", period=period)).json()
    [target] = found["targets"]
    return target, found["credits"]


async def test_outages_and_agreed_windows_make_a_month(august: Office) -> None:
    await told(august, stretch("o-april", "DOWN", "2026-04-05T10:00:00+02:00", 52))
    await told(
        august, stretch("o-july", "DOWN", "2026-07-09T10:00:00+02:00", 44.6), stretch("w-1", "EXCLUDED", "2026-07-05T02:00:00+02:00", 120)
    )
    april, april_credits = await month(august, "2026-04")
    july, july_credits = await month(august, "2026-07")

    assert (april["achieved"], april["colour"], april["agreed_minutes"]) == ("99.8796 %", "RED", 43_200)
    assert [each["amount"] for each in april_credits] == ["2000.00"]
    assert (july["achieved"], july["agreed_minutes"], july["down_minutes"]) == ("99.8998 %", 44_520, 44.6)
    assert [each["amount"] for each in july_credits] == ["2000.00"]


async def test_what_was_measured_before_the_first_day_does_not_count(august: Office) -> None:
    await told(august, stretch("s-15", "DOWN", "2026-03-15T23:00:00+01:00", 60), stretch("s-16", "DOWN", "2026-03-16T00:00:00+01:00", 1))
    march, _ = await month(august, "2026-03")

    assert march["down_minutes"] == 1, "the minute of 16 March 00:00 counts, the hour before does not"
    assert march["agreed_minutes"] == 16 * 24 * 60 - 60, "from 16 March on, with its short Sunday"
    assert (await august.get("B1", "/registry/SLA-2026-0001/results", period="2026-02")).status_code == 404


async def test_samples_of_a_month_come_in_batches_and_what_no_sample_stands_for_is_unknown(august: Office) -> None:
    first = datetime.fromisoformat("2026-04-01T00:00:00+02:00")
    minutes = [stretch(f"m-{n}", "UP", (first + timedelta(minutes=n)).isoformat(), 1) for n in range(43_200) if not 20_000 <= n < 24_000]
    for start in range(0, len(minutes), 10_000):
        assert (await told(august, *minutes[start : start + 10_000])).status_code == 202
    april, _ = await month(august, "2026-04")

    assert (april["unknown_minutes"], april["agreed_minutes"], april["verdict"]) == (4_000, 39_200, "MET"), "9.3 % unknown are left out"


async def test_the_same_measurement_again_changes_nothing(august: Office) -> None:
    outage = stretch("o-1", "DOWN", "2026-04-05T10:00:00+02:00", 52)
    answers = [(await told(august, outage)).json() for _ in range(2)]

    assert answers == [{"accepted": 1, "duplicates": 0, "ignored": 0}, {"accepted": 0, "duplicates": 1, "ignored": 0}]


@pytest.mark.parametrize(
    ("stretches", "more", "word"),
    [
        ([stretch("o", "DOWN", "2026-04-05T10:00:00+02:00", -5)], {}, "must lie after start"),
        ([stretch("o", "DOWN", "2026-09-05T10:00:00+02:00", 5)], {}, "lies in the future"),
        ([stretch("o", "SLEEPY", "2026-04-05T10:00:00+02:00", 5)], {}, "kind"),
        ([{"measurement": "o", "kind": "DOWN", "start": "2026-04-05T10:00:00", "end": "2026-04-05T10:05:00"}], {}, "timezone"),
        ([stretch("o", "DOWN", "2026-04-05T10:00:00+02:00", 5)], {"target": "response"}, "promises no availability named 'response'"),
        ([], {}, "measurements"),
    ],
    ids=["ends before it starts", "future", "no such kind", "naive", "another target", "none"],
)
async def test_a_wrong_measurement_is_refused_in_words(
    august: Office, stretches: list[dict[str, str]], more: dict[str, Any], word: str
) -> None:
    answer = await told(august, *stretches, **more)

    assert (answer.status_code, word in answer.text) == (422, True), answer.text


@pytest.mark.parametrize(("person", "status"), [(None, 401), ("B1", 403), ("U1", 403), ("A1", 403), ("L1", 202), ("X1", 202)])
async def test_who_may_report(august: Office, person: str | None, status: int) -> None:
    assert (await told(august, stretch("o", "DOWN", "2026-04-05T10:00:00+02:00", 5), person=person)).status_code == status


async def test_two_red_months_are_chronic_and_a_running_one_warns_early(august: Office) -> None:
    for number, day in enumerate(("2026-04-05", "2026-05-05", "2026-06-05", "2026-08-02")):
        await told(august, stretch(f"o-{number}", "DOWN", f"{day}T10:00:00+02:00", 60))
    closed = [(await august.send("M1", f"/registry/SLA-2026-0001/periods/2026-{month:02}/close")).json() for month in (4, 5)]
    june, _ = await month(august, "2026-06")
    running, _ = await month(august, "2026-08")

    assert [each["results"]["targets"][0]["warnings"] for each in closed] == [[], ["CHRONIC"]]
    assert june["warnings"] == ["CHRONIC", "MAY_BE_ENDED"]
    assert running["warnings"] == ["BURN_RATE"], "an hour in the first two days of the month"


async def test_what_was_reported_is_read_again_page_by_page_and_as_a_table(august: Office) -> None:
    days = [stretch(f"o-{day}", "DOWN", f"2026-04-{day:02}T10:00:00+02:00", 10) for day in range(1, 6)]
    await told(
        august,
        *days,
        stretch(
            "o-may",
            "DOWN",
            "2026-05-01T10:00:00+02:00",
            10,
        ),
        stretch("o-over", "DOWN", "2026-04-30T23:50:00+02:00", 20),
    )
    asked = {"registry_no": SLA, "target": "availability", "period": "2026-04"}
    first = (await august.get("L1", "/measurements", **asked, limit=4)).json()
    rest = (await august.get("L1", "/measurements", **asked, limit=4, after=first["next"])).json()
    table = (await august.get("L1", "/measurements", **asked, form="csv")).text.splitlines()

    names = [each["measurement"] for each in (*first["measurements"], *rest["measurements"])]
    assert names == ["o-1", "o-2", "o-3", "o-4", "o-5", "o-over"]
    assert rest["next"] is None
    assert table[0] == "measurement,source,target,kind,start,end,note,reported_by,received_at"
    assert [line.partition(",")[0] for line in table[1:]] == names
    assert (await august.get("B1", "/measurements", **asked)).status_code == 403
    assert (await august.get("L1", "/measurements", **asked, after="here")).status_code == 422
