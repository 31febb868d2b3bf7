"""Surveys from the closed ticket to the figure: who is asked, the link, the page, what the answers come to (SC-5)."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from temporalio.testing import ActivityEnvironment

from activities.surveys import SurveyActivities
from domain.effects import Notice
from domain.in_force_messages import Asking
from domain.surveys import SurveyPolicy
from store.database import Database
from store.directory import Directory
from store.registry import AgreementRegistry
from store.surveys import Surveys
from tests.api.people import Office, office, other_bank
from tests.conftest import event, example, settings_for
from tests.store.test_registry import registration
from worker import surveys_of

SLA = "SLA/2026/0002"
SITES = ("warsaw", "sejny")
ADDRESS = "/registry/SLA-2026-0002/surveys"


def closed(number: int, at: str, requester: str | None = None, **more: Any) -> list[dict[str, Any]]:
    """A ticket of Warsaw that somebody opened and that was answered, its only promise, half an hour later."""
    opened, name = datetime.fromisoformat(at), f"T-{number}"
    attributes = {"requester": requester} if requester is not None else {}
    data = {"customer": "Bank Narew S.A.", "service": "MPS", "site": "warsaw", "attributes": attributes} | more
    answered = event("milestone", (opened + timedelta(minutes=30)).isoformat(), name, milestone="RESPONDED")
    return [event("created", opened.isoformat(), name, **data), answered]


@pytest.fixture
async def spring(database: Database) -> AsyncIterator[Office]:
    """The bank's agreement for Warsaw on Tue 12 May 2026."""
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-05-12T09:00+02:00") as people:
        yield people


def surveys(database: Database, policy: SurveyPolicy | None = None) -> Surveys:
    """As a worker has them."""
    made = surveys_of(settings_for(database.url, public_url="https://slm.example"), database)
    made._policy = policy or made._policy
    return made


async def due(people: Office, at: str, registry_no: str = SLA) -> Sequence[Notice]:
    """What the agreement's day brings."""
    return await surveys(people.api.app.state.parts.database).due(registry_no, datetime.fromisoformat(at))


def path_in(notice: Notice) -> str:
    found = re.search(r"https://slm\.example(/answers/\S+)", notice.body)
    assert found is not None, notice.body
    return found[1]


async def answer(people: Office, path: str, body: str, language: str | None = None) -> httpx2.Response:
    """Somebody sends the form, without signing in."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    params = {"language": language} if language is not None else {}
    return await people.api.http.post(path, content=body.encode(), headers=headers, params=params)


async def test_who_asked_for_help_is_asked_on_the_next_business_day(spring: Office) -> None:
    await spring.api.post(*closed(1, "2026-05-08T10:00+02:00", "ewa.k"), *closed(2, "2026-05-08T10:00+02:00"), batch=True)
    days = {day: await due(spring, f"2026-05-{day}T00:05+02:00") for day in ("08", "09", "11", "12")}

    assert {day: len(notices) for day, notices in days.items()} == {"08": 0, "09": 0, "11": 1, "12": 0}
    [notice] = days["11"]
    assert (notice.key[:7], notice.recipients, notice.about) == ("survey:", ("ewa.k",), "crm/T-1")
    assert notice.subject == "Jak oceniają Państwo obsługę zgłoszenia T-1?", "as the bank's representative reads it"
    assert "2026-06-10 00:05" in notice.body, "30 days later"
    assert not re.search("ewa|T-1", path_in(notice)), "the link says nothing of anybody"


async def test_the_same_day_again_asks_nobody_twice_and_gives_the_same_notices(spring: Office) -> None:
    for number in range(6):
        await spring.api.post(*closed(number, f"2026-05-11T1{number}:00+02:00", f"person-{number % 3}"), batch=True)
    first = await due(spring, "2026-05-12T00:05+02:00")
    again = await due(spring, "2026-05-12T08:00+02:00")
    activity = SurveyActivities(surveys(spring.api.app.state.parts.database))
    asked = Asking(registry_no=SLA, at=datetime.fromisoformat("2026-05-12T00:05+02:00"))

    assert sorted(each.about for each in first) == ["crm/T-0", "crm/T-1", "crm/T-2"], "of each person the ticket closed first"
    assert first == again == await ActivityEnvironment().run(activity.due_surveys, asked)
    assert await due(spring, "2026-05-13T00:05+02:00") == []


async def test_a_person_rests_for_fourteen_days_over_all_agreements_of_the_customer(spring: Office) -> None:
    rural = {"site": "sejny"}
    await spring.api.post(*closed(1, "2026-05-04T10:00+02:00", "ewa.k"), *closed(2, "2026-05-11T10:00+02:00", "ewa.k", **rural), batch=True)
    warsaw = await due(spring, "2026-05-05T00:05+02:00")
    before = await due(spring, "2026-05-18T00:05+02:00", "SLA/2026/0003")
    after = await due(spring, "2026-05-19T00:05+02:00", "SLA/2026/0003")

    assert [[each.about for each in notices] for notices in (warsaw, before, after)] == [["crm/T-1"], [], ["crm/T-2"]]


async def test_who_finds_no_room_on_one_day_is_asked_on_the_next(spring: Office) -> None:
    for number in range(5):
        await spring.api.post(*closed(number, f"2026-05-07T1{number}:00+02:00", f"person-{number}"), batch=True)
    few = surveys(spring.api.app.state.parts.database, SurveyPolicy(most_a_day=2))
    days = [await few.due(SLA, datetime.fromisoformat(f"2026-05-{day}T00:05+02:00")) for day in ("08", "08", "09", "11", "12")]

    assert [sorted(each.about for each in notices) for notices in days] == [
        ["crm/T-0", "crm/T-1"],
        ["crm/T-0", "crm/T-1"],
        [],
        ["crm/T-2", "crm/T-3"],
        ["crm/T-4"],
    ]


async def test_two_agreements_that_ask_at_once_do_not_both_ask_one_person(spring: Office) -> None:
    for number in range(5):
        mine = [closed(2 * number + each, "2026-05-11T10:00+02:00", f"person-{number}", site=site) for each, site in enumerate(SITES)]
        await spring.api.post(*mine[0], *mine[1], batch=True)
    day = "2026-05-12T00:05+02:00"
    found = await asyncio.gather(due(spring, day), due(spring, day, "SLA/2026/0003"), due(spring, day))

    assert sorted({each.recipients[0] for notices in found for each in notices}) == [f"person-{number}" for number in range(5)]
    assert len({each.key for notices in found for each in notices}) == 5


async def test_nobody_is_asked_about_what_is_open_cancelled_old_or_none_of_the_agreements_business(spring: Office) -> None:
    duplicate = event("cancelled", "2026-05-11T10:10+02:00", "T-2", reason="DUPLICATE")
    await spring.api.post(
        closed(1, "2026-05-11T10:00+02:00", "a")[0],
        closed(2, "2026-05-11T10:00+02:00", "b")[0],
        duplicate,
        *closed(3, "2026-04-27T10:00+02:00", "c"),
        *closed(4, "2026-05-11T10:00+02:00", "d", customer="Bank Wkra S.A."),
        *closed(5, "2026-05-11T10:00+02:00", "e", site="sejny"),
        batch=True,
    )

    assert await due(spring, "2026-05-12T00:05+02:00") == []


async def test_the_representative_is_asked_once_a_quarter_about_each_service(spring: Office) -> None:
    numbers = ("SLA/2026/0001", SLA, "SLA/2026/0003")
    first = {number: await due(spring, "2026-07-01T00:05+02:00", number) for number in numbers}
    later = {number: await due(spring, "2026-07-02T00:05+02:00", number) for number in numbers}
    [warsaw] = first[SLA]

    assert {number: [each.recipients for each in notices] for number, notices in first.items()} == {
        "SLA/2026/0001": [],
        SLA: [("B1",)],
        "SLA/2026/0003": [("B1",)],
    }
    assert warsaw.subject == "Jak oceniają Państwo usługę w okresie 2026-Q2: Managed printing, Warsaw?"
    assert later == {number: [] for number in numbers}


async def test_ready_terms_ask_too_and_supports_nobody(database: Database) -> None:
    await AgreementRegistry(database).import_terms(example("printers-warsaw"), "X1", datetime(2026, 1, 1, tzinfo=UTC))
    async with office(database, None, now="2026-05-12T09:00+02:00") as people:
        await people.api.post(*closed(1, "2026-05-11T10:00+02:00", "ewa.k"), batch=True)
        found = await due(people, "2026-05-12T00:05+02:00", "SLA/2026/0001")
        unknown = await due(people, "2026-05-12T00:05+02:00", "SLA/2026/0099")

    assert ([each.about for each in found], unknown) == (["crm/T-1"], [])


async def test_a_ticket_that_was_opened_again_is_asked_about_when_it_is_closed_for_good(database: Database) -> None:
    await AgreementRegistry(database).import_terms(example("erp"), "X1", datetime(2026, 1, 1, tzinfo=UTC))
    erp: dict[str, Any] = {"customer": "Logistyka Wisła S.A.", "service": "ERP", "priority": "1", "attributes": {"requester": "ewa.k"}}
    story = [
        event("created", "2026-05-11T09:00+02:00", **erp),
        event("milestone", "2026-05-11T10:00+02:00", milestone="RESOLVED"),
        event("reopened", "2026-05-11T16:00+02:00"),
        event("milestone", "2026-05-13T10:00+02:00", milestone="RESOLVED"),
    ]
    async with office(database, None, now="2026-05-14T09:00+02:00") as people:
        await people.api.post(*story[:3], batch=True)
        open_again = await due(people, "2026-05-12T00:05+02:00", "SLA/2026/0001")
        await people.api.post(story[3])
        for_good = await due(people, "2026-05-14T00:05+02:00", "SLA/2026/0001")

    assert ([each.about for each in open_again], [each.about for each in for_good]) == ([], ["crm/P-1"])


async def test_without_a_secret_or_a_catalogue_nobody_is_asked(database: Database) -> None:
    await AgreementRegistry(database).register(registration())
    day = datetime.fromisoformat("2026-07-01T00:05+02:00")
    no_catalogue = await surveys(database).due(SLA, day)
    await Directory(database).load(other_bank(), "test", day)
    no_secret = await Surveys(database, SurveyPolicy(), None).due(SLA, day)

    assert (no_catalogue, no_secret, len(await surveys(database).due(SLA, day))) == ([], [], 1)


# ---- answers and figures ------------------------------------------------------------


@pytest.fixture
async def link(spring: Office) -> str:
    """The path of one survey, asked today."""
    await spring.api.post(*closed(1, "2026-05-11T10:00+02:00", "ewa.k"), batch=True)
    [notice] = await due(spring, "2026-05-12T00:05+02:00")
    return path_in(notice)


async def test_an_answer_is_given_once_and_counts_with_its_comment(spring: Office, link: str) -> None:
    form = await spring.api.http.get(link)
    taken = await answer(spring, link, "score=5&comment=Szybko+i+mi%C5%82o.%0D%0ADzi%C4%99kuj%C4%99%21")
    again = await answer(spring, link, "score=1")
    seen = await spring.api.http.get(link)
    found = (await spring.get("M1", ADDRESS, period="2026-05")).json()
    results = (await spring.get("M1", "/registry/SLA-2026-0002/results", period="2026-05")).json()

    assert [each.status_code for each in (form, taken, again, seen)] == [200, 200, 409, 409]
    assert "Dziękujemy" in taken.text
    assert "już odpowiedziano" in again.text
    assert "<form" not in taken.text + again.text + seen.text
    assert (found["asked"], found["answered"], found["rate"], found["answers"]) == (1, 1, "100.0 %", 1)
    assert (found["csat"], found["verdict"]) == (None, "INSUFFICIENT_DATA")
    assert [(each["score"], each["comment"], each["ticket"]) for each in found["comments"]] == [(5, "Szybko i miło.\nDziękuję!", "crm/T-1")]
    assert results["satisfaction"] == {"content": 1, "answers": 1, "share": None}


@pytest.mark.parametrize(
    ("asked", "scores", "figures"),
    [
        (60, [5] * 14 + [4] * 10 + [3] * 9 + [1] * 9, (60, 42, "70.0 %", "57.1 %", "MISSED", ["CSAT_BELOW_GOAL"])),
        (8, [1] * 6, (8, 6, "75.0 %", None, "INSUFFICIENT_DATA", [])),
        (10, [4] * 8 + [2] * 2, (10, 10, "100.0 %", "80.0 %", "MET", [])),
    ],
    ids=["24 of 42", "6 answers", "8 of 10"],
)
async def test_the_quarter_of_sc_5(database: Database, asked: int, scores: list[int], figures: tuple[Any, ...]) -> None:
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-05-12T09:00+02:00") as people:
        for number in range(asked):
            await people.api.post(*closed(number, "2026-05-11T10:00+02:00", f"person-{number}"), batch=True)
        notices = await due(people, "2026-05-12T00:05+02:00")
        for notice, score in zip(notices, scores, strict=False):
            assert (await answer(people, path_in(notice), f"score={score}")).status_code == 200
        found = (await people.get("B1", ADDRESS, period="2026-Q2")).json()
        quarter = (await people.get("B1", "/registry/SLA-2026-0002/results", period="2026-Q2")).json()

    shown = tuple(found[name] for name in ("asked", "answered", "rate", "csat", "verdict"))
    assert (*shown, quarter["watermelon"]) == figures
    assert quarter["satisfaction"]["share"] == found["csat"], "one figure, wherever it is asked for"


async def test_figures_are_for_the_two_sides_and_what_people_wrote_for_the_provider(spring: Office, link: str) -> None:
    await answer(spring, link, "score=1&comment=Nobody+called+back.")
    seen = {person: await spring.get(person, ADDRESS, period="2026-Q2") for person in (None, "K1", "U1", "B1", "A1")}
    refused = await spring.get("M1", ADDRESS, period="April")

    assert [each.status_code for each in seen.values()] == [401, 404, 404, 200, 200]
    assert [[each["comment"] for each in seen[person].json()["comments"]] for person in ("B1", "A1")] == [[], ["Nobody called back."]]
    assert "ewa" not in seen["A1"].text
    assert (refused.status_code, "write 2026-04" in refused.json()["detail"]) == (422, True)
