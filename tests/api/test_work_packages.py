"""Work packages of agreements in force: their owners, owners who left, and obligations nobody acts on (R-148, R-149, R-150)."""

from typing import Any

import pytest

from domain.documents import AgreementDocument
from domain.timer_policy import TimerPolicy
from store.database import Database
from store.directory import Directory
from store.registry import AgreementRegistry
from tests.api.browsers import Browser
from tests.api.people import Office, office
from tests.domain.case_stories import local
from tests.domain.drafts import bank_draft, changed
from tests.domain.test_work_packages import without
from tests.store.test_registry import registration

SLA = "SLA/2026/0001"
PACKAGES = [
    {"package": "count", "task": "Count the toner.", "owner": "O2"},
    {"package": "report", "task": "Report what was counted.", "owner": "O2"},
]
AUDIT = {"obligation": "toner-audit", "side": "PROVIDER", "text": "Toner is counted.", "every": "QUARTER", "packages": PACKAGES}
REPAIR = {
    "obligation": "repair",
    "side": "PROVIDER",
    "text": "Printers are repaired.",
    "packages": [{"package": "dispatch", "task": "Send somebody.", "owner": "O2"}, {"package": "desk", "task": "Answer.", "owner": "O1"}],
}
FORM = {
    "obligation": "form",
    "side": "CUSTOMER",
    "text": "The customer approves the form.",
    "packages": [{"package": "form", "task": "Approve it.", "owner": "Bank administration"}],
}


def with_work(**more: Any) -> AgreementDocument:
    duties = {"parent": None, "obligations": [AUDIT, REPAIR, FORM], "effective_from": "2026-03-16"}
    return changed(bank_draft().named("warsaw"), **(duties | more))


async def registered(database: Database) -> None:
    await AgreementRegistry(database).register(registration("case-1", with_work()))


async def rows(people: Office, address: str, *names: str, **asked: Any) -> list[tuple[Any, ...]]:
    answer = await people.get("M1", address, **asked)
    assert answer.status_code == 200, answer.text
    return [tuple(each[name] for name in names) for each in answer.json()]


async def leaves(people: Office, who: str) -> None:
    value = without(who).model_dump(mode="json", by_alias=True)
    answer = await people.send("X1", "/catalogue", verb="PUT", **value)
    assert answer.json() == {"changed": True}, answer.text


OWNED = ("obligation", "package", "owner", "state")


# ---- neglected ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "found"), [("2026-06-30T23:59:59+02:00", []), ("2026-07-01T00:00:00+02:00", [("toner-audit", "2026-Q2")])])
async def test_a_quarterly_audit_without_a_record_is_listed_on_the_first_of_july(
    database: Database, now: str, found: list[tuple[str, str]]
) -> None:
    await registered(database)
    async with office(database, None, now=now) as people:
        assert await rows(people, "/neglected-duties", "obligation", "period") == found


@pytest.mark.parametrize(
    ("at", "found"),
    [("2026-04-01T00:00:00+02:00", 0), ("2026-06-30T23:59:59+02:00", 0), ("2026-03-31T23:59:59+02:00", 1)],
    ids=["first instant", "last second", "before it"],
)
async def test_a_record_in_the_quarter_is_enough_whether_it_was_kept_or_missed(database: Database, at: str, found: int) -> None:
    await registered(database)
    async with office(database, None, now="2026-07-01T00:00:00+02:00") as people:
        fact = {"fact": "audit-1", "obligation": "toner-audit", "kept": False, "at": at}
        taken = await people.send("C1", "/duties", registry_no=SLA, source="audits", duties=[fact])
        assert taken.status_code == 202, taken.text

        assert len(await rows(people, "/neglected-duties", "obligation")) == found


async def test_what_is_not_due_regularly_is_no_activity_and_not_neglected(database: Database) -> None:
    await registered(database)
    async with office(database, None, now="2026-07-01T09:00:00+02:00") as people:
        fact = {"fact": "form-1", "obligation": "form", "kept": True, "at": "2026-06-10T09:00:00+02:00"}
        await people.send("C1", "/duties", registry_no=SLA, source="forms", duties=[fact])
        silent = await rows(people, "/neglected-duties", "obligation", "period", "side", "owners", finding="NO_ACTIVITY")

    assert silent == [("repair", "2026-06", "PROVIDER", ["O2", "O1"])]


# ---- owners ---------------------------------------------------------------------------------------------------------


async def test_an_owner_is_deactivated_and_three_packages_are_orphaned_with_one_task_for_all(database: Database) -> None:
    await registered(database)
    async with office(database, None, now="2026-06-11T15:00:00+02:00") as people:
        before = await rows(people, "/orphaned-packages", *OWNED)
        await leaves(people, "O2")
        orphaned = await rows(people, "/orphaned-packages", "registry_no", *OWNED)
        cases = (await people.get("M1", "/registry/SLA-2026-0001/follow-ups", kind="HANDOVER")).json()
        case = await people.case(cases[0]["case_id"])

    assert before == []
    assert orphaned == [
        (SLA, "toner-audit", "count", "O2", "ORPHANED"),
        (SLA, "toner-audit", "report", "O2", "ORPHANED"),
        (SLA, "repair", "dispatch", "O2", "ORPHANED"),
    ]
    assert [(each["kind"], each["state"]) for each in cases] == [("HANDOVER", "OPEN")]
    assert (case["case"]["about"], [each["package"] for each in case["case"]["packages"]]) == ("O2", ["count", "report", "dispatch"])
    assert case["allowed"] == ["leave_orphaned", "name_owner"]


async def test_every_owner_who_leaves_is_asked_about_and_who_comes_back_owns_again(database: Database) -> None:
    await registered(database)
    directory, active = Directory(database, TimerPolicy()), without("nobody")
    async with office(database, None, now="2026-06-11T15:00:00+02:00") as people:
        await directory.load(without("O2"), "X1", local("2026-06-11T15:00"))
        await directory.load(without("O1"), "X1", local("2026-06-11T16:00"))
        again = await rows(people, "/registry/SLA-2026-0001/follow-ups", "state", kind="HANDOVER")
        await directory.load(active, "X1", local("2026-06-12T15:00"))
        back = await rows(people, "/orphaned-packages", "package")

    assert (again, back) == ([("OPEN",), ("OPEN",)], [])


async def test_the_customer_sees_neither_owners_nor_handovers(database: Database) -> None:
    await registered(database)
    async with office(database, None, now="2026-07-01T15:00:00+02:00") as people:
        await leaves(people, "O2")
        [handover] = (await people.get("M1", "/registry/SLA-2026-0001/follow-ups", kind="HANDOVER")).json()
        lists = ("/registry/SLA-2026-0001/work-packages", "/orphaned-packages", "/neglected-duties")
        refused = [(await people.get("B1", each)).status_code for each in lists]
        hidden = (await people.get("B1", f"/cases/{handover['case_id']}")).status_code
        follow_ups = (await people.get("B1", "/registry/SLA-2026-0001/follow-ups")).json()

    assert (refused, hidden, follow_ups) == ([403, 403, 403], 404, [])


async def test_obligations_stand_beside_their_work_packages_and_owners(database: Database) -> None:
    await registered(database)
    async with office(database, None, now="2026-06-11T15:00:00+02:00") as people:
        found = await rows(people, "/registry/SLA-2026-0001/work-packages", *OWNED)
        missing = await people.get("M1", "/registry/SLA-2026-0009/work-packages")

    assert found == [
        ("toner-audit", "count", "O2", "OWNED"),
        ("toner-audit", "report", "O2", "OWNED"),
        ("repair", "dispatch", "O2", "OWNED"),
        ("repair", "desk", "O1", "OWNED"),
        ("form", "form", "Bank administration", "OWNED"),
    ]
    assert missing.status_code == 404


# ---- on pages -------------------------------------------------------------------------------------------------------


async def test_the_page_of_duties_says_in_both_languages_what_is_neglected_orphaned_or_without_activity(database: Database) -> None:
    await registered(database)
    async with office(database, None, now="2026-07-01T09:00:00+02:00") as people:
        await leaves(people, "O2")
        maria = Browser(people)
        await maria.sign_in("M1")
        polish = await maria.open("/pages/duties")
        await maria.http.post("/language", data={"language": "en", "next": "/pages"})
        english = await maria.open("/pages/duties")

    assert "zaniedbany w okresie 2026-Q2" in polish.text
    assert "neglected in 2026-Q2" in english.text
    assert "no activity reported in 2026-06" in english.text
    assert english.text.count("▲ orphaned") == 3
    assert "Oskar Terenowy" in english.text


async def test_the_agreement_shows_its_obligations_by_work_packages_to_the_provider_alone(database: Database) -> None:
    await registered(database)
    async with office(database, None, now="2026-07-01T09:00:00+02:00") as people:
        await leaves(people, "O2")
        shown = []
        for person in ("M1", "B1"):
            browser = Browser(people)
            await browser.sign_in(person)
            shown.append(await browser.open("/pages/agreements/SLA-2026-0001"))
    ours, theirs = shown

    assert "Obowiązki i pakiety zadań" in ours.text
    assert "count: Count the toner. Oskar Terenowy ▲ osierocony" in ours.text
    assert "zaniedbany w okresie 2026-Q2" in ours.text
    assert "Obowiązki i pakiety zadań" not in theirs.text
    assert "Oskar" not in theirs.text


async def test_the_form_offers_the_packages_that_have_no_new_owner(database: Database) -> None:
    await registered(database)
    async with office(database, None, now="2026-07-01T09:00:00+02:00") as people:
        await leaves(people, "O2")
        [handover] = (await people.get("M1", "/registry/SLA-2026-0001/follow-ups", kind="HANDOVER")).json()
        maria = Browser(people)
        await maria.sign_in("M1")
        case = await maria.open(f"/pages/cases/{handover['case_id']}")
        form = await maria.open(f"/pages/cases/{handover['case_id']}/name_owner")

    assert "Przekazanie pakietów zadań" in case.text
    assert "Wskaż odpowiedzialnego" in case.links
    assert "repair/dispatch: Send somebody." in form.text
    assert form.form("/name_owner").fields["packages"] == ["toner-audit/count", "toner-audit/report", "repair/dispatch"]
