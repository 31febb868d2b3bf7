"""Cases and decisions on pages, by people whose browsers run no script."""

from collections.abc import AsyncIterator

import pytest

from tests.api.browsers import Browser
from tests.api.people import Office, working
from tests.conftest import fresh, movable_engine


@pytest.fixture(scope="module")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """Everybody at their desks, with workers."""
    database = await fresh(tmp_path_factory.mktemp("pages"))
    async with movable_engine() as engine, working(engine.client, database) as made:
        yield made
    await database.close()


async def test_a_person_finds_their_task_and_decides_on_a_page(bank: Office) -> None:
    case_id = await bank.open()
    lena = Browser(bank)
    tasks = await lena.sign_in("L1", "/pages/tasks")
    case = await lena.open(tasks.links["Wskazanie agenta ds. inżynierii wymagań"])
    decision = await lena.open(case.links["Wskaż agenta"])

    done = await lena.send(decision.form("/nominate_agent"), agent="A1")

    assert done.answer.url.path == f"/pages/cases/{case_id}"
    assert "Twoja decyzja została zapisana." in done.text
    assert (await bank.case(case_id))["case"]["nominations"] == {"NOMINATE_AGENT": "A1"}


async def test_what_was_typed_stays_when_something_is_wrong_with_it(bank: Office) -> None:
    case_id = await bank.open()
    await bank.play(case_id, until="REQUIREMENTS")
    anna = Browser(bank)
    await anna.sign_in("A1")
    page = await anna.open(f"/pages/cases/{case_id}/set_requirements")

    told = await anna.send(
        page.form("/set_requirements"), requirements="requirements:\n- requirement: warsaw\n  text: <script>alert(1)</script>\n"
    )

    assert told.status == 422
    assert "is missing" in told.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told.html
    assert "<script>" not in told.html


async def test_the_page_says_what_is_decided_on_and_what_changed(bank: Office) -> None:
    case_id = await bank.open()
    await bank.play(case_id, until="REQUIREMENTS_APPROVAL")
    barbara = Browser(bank)
    await barbara.sign_in("B1")

    page = await barbara.open(f"/pages/cases/{case_id}/approve_requirements")

    assert "A technician reacts to a printer ticket" in page.text
    assert page.form("/approve_requirements").fields["document_hash"] == [(await bank.case(case_id))["hashes"]["statement"]]
    assert "unit_cost" not in page.html


async def test_what_a_draft_rests_on_is_a_picture_for_the_providers_people(bank: Office) -> None:
    case_id = await bank.open()
    await bank.play(case_id, until="DRAFT_DISCUSSION")
    lena, barbara = Browser(bank), Browser(bank)
    await lena.sign_in("L1")
    await barbara.sign_in("B1")

    case = await lena.open(f"/pages/cases/{case_id}")
    page = await lena.open(case.links["Na czym się opiera"])

    assert page.html.count("<svg") == 2, "Warsaw's and Podlasie's response"
    assert "Umowy wspierające udźwigną obietnicę." in page.text
    assert "triage: Service desk, 30 minut roboczych; travel: TechTeren, następny dzień roboczy do 15:00. Zapas: 2 h" in page.text
    assert "✗" not in page.text
    assert (await barbara.open(f"/pages/cases/{case_id}/alignment")).status == 404
    assert "Na czym się opiera" not in (await barbara.open(f"/pages/cases/{case_id}")).links
