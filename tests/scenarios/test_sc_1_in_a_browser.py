"""SC-1 in a real browser: from the CRM's webhook to the registered agreement, only by clicking."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.app import create_app
from commands.serving import serving
from connectors.agreement_player import renamed
from connectors.agreement_stories import read_story
from domain.documents import content_of
from tests.api.people import Office, office, workers
from tests.chromium import chromium
from tests.conftest import EXAMPLES, fresh, movable_engine, settings_for
from tests.domain.drafts import support
from tests.processes import free_port
from tests.scenarios.clicking import Clicking, asked_by_page


@pytest.fixture
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Office, Clicking]]:
    """Everybody with a browser window of their own, before one installation."""
    database, port = await fresh(tmp_path_factory.mktemp("browser")), free_port()
    settings = settings_for(database.url, api_port=port)
    async with (
        movable_engine() as engine,
        workers(engine.client, database),
        office(database, engine.client) as people,
        serving(create_app(settings, engine.client), settings),
        chromium() as browser,
    ):
        yield people, Clicking(browser, f"http://127.0.0.1:{port}", people.tokens)
    await database.close()


async def set_up(clicking: Clicking, people: Office, name: str) -> str:
    """An OLA or UC, from the need to the registry."""
    document = support(name)
    ours, theirs = document.customer.representative, document.provider.representative
    assert ours is not None
    assert theirs is not None
    page = await clicking.window(ours)
    await page.click("nav a[href='/pages/cases']")
    await page.click("main a[href='/pages/supports/new']")
    await clicking.send(page, {"partner": document.provider.name})
    case_id = page.url.rpartition("/")[2]
    await people.until(case_id, "DRAFTED")
    await clicking.signed_in(ours, case_id, "propose_support", {"document": content_of(document)})
    await clicking.signed_in(theirs, case_id, "accept_support", {})
    for person in (*document.provider.signatories, *document.customer.signatories):
        await clicking.signed_in(person, case_id, "sign_support", {"method": "QUALIFIED_ESIGN"})
    await people.until(case_id, "REGISTERED")
    return case_id


@pytest.mark.timeout(400)
async def test_sc_1_from_the_webhook_to_the_registry_by_clicking(hall: tuple[Office, Clicking]) -> None:
    people, clicking = hall
    case_id, supports = await people.open(), dict[str, str]()
    for deed in read_story(EXAMPLES / "stories" / "bank-agreement.yaml"):
        if deed.action == "link_supports":
            supports = {name: await set_up(clicking, people, name) for name in deed.fields["supports"]}
        fields: dict[str, Any] = renamed(asked_by_page(deed), supports)
        await clicking.signed_in(deed.person, case_id, deed.action, fields)
        if deed.leads_to is not None:
            assert (await people.case(case_id))["state"] == deed.leads_to, deed
    case = await people.until(case_id, "REGISTERED")
    assert len(case["registry_nos"]) == 3
