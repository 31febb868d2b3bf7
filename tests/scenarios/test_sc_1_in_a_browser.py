"""SC-1 in a real browser: from the CRM's webhook to the registered agreement, only by clicking and by the mails that arrive.

The customer reads Polish and decides by the links in mails; the provider's people read English and sign in.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from api.app import create_app
from commands.serving import serving
from connectors.agreement_player import renamed
from connectors.agreement_stories import read_story
from domain.catalogue import Catalogue
from domain.documents import content_of
from domain.people import Side
from store.directory import Directory
from tests import mail_server
from tests.api.people import SPRING, Office, office, other_bank, workers
from tests.chromium import chromium
from tests.conftest import EXAMPLES, fresh, movable_engine, settings_for
from tests.domain.drafts import support
from tests.mail_server import Mails
from tests.processes import free_port
from tests.scenarios.clicking import Clicking, asked_by_page


def with_mails(catalogue: Catalogue) -> Catalogue:
    """Everybody with a mail address; who is not of the customer reads English."""
    people = [
        each.model_copy(update={"mail": f"{each.person.lower()}@sla.example", "language": "pl" if each.side is Side.CUSTOMER else "en"})
        for each in catalogue.people
    ]
    return catalogue.model_copy(update={"people": tuple(people)})


class Hall:
    """Everybody with a browser window of their own and a mailbox, before one installation."""

    def __init__(self, people: Office, clicking: Clicking, mails: Mails) -> None:
        self.people = people
        self.clicking = clicking
        self.mails = mails
        self.used: set[str] = set()

    def links(self, person: str) -> list[str]:
        """Personal links in the mails to somebody, in the order they came, without those that were used."""
        texts = [
            mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            for mail, to in zip(self.mails.kept, self.mails.to, strict=True)
            if to == [f"{person.lower()}@sla.example"]
        ]
        found = [link for text in texts for link in re.findall(r"http://\S+/decide/\S+", text)]
        return [link for link in found if link not in self.used]

    def subjects(self, person: str) -> list[str]:
        """What the mails to somebody are about."""
        return [mail["subject"] for mail, to in zip(self.mails.kept, self.mails.to, strict=True) if to == [f"{person.lower()}@sla.example"]]


@pytest.fixture
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    database, port = await fresh(tmp_path_factory.mktemp("browser")), free_port()
    with mail_server.serving() as (mails, server):
        settings = settings_for(
            database.url,
            now=SPRING,
            api_port=port,
            notice_channels=("smtp",),
            smtp_host=server.host,
            smtp_port=server.port,
            smtp_security=server.security,
            smtp_from=server.sender,
        )
        async with (
            movable_engine() as engine,
            workers(engine.client, database, settings),
            office(database, engine.client, now=SPRING) as people,
            serving(create_app(settings, engine.client), settings),
            chromium() as browser,
        ):
            await Directory(database).load(with_mails(other_bank()), "test", datetime.now(UTC))
            yield Hall(people, Clicking(browser, f"http://127.0.0.1:{port}", people.tokens), mails)
    await database.close()


async def set_up(hall: Hall, name: str) -> str:
    """An OLA or UC, from the need to the registry."""
    clicking, people, document = hall.clicking, hall.people, support(name)
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
async def test_sc_1_from_the_webhook_to_the_registry_by_clicking_and_by_mails(hall: Hall) -> None:
    case_id, supports = await hall.people.open(), dict[str, str]()
    for deed in read_story(EXAMPLES / "stories" / "bank-agreement.yaml"):
        if deed.action == "link_supports":
            supports = {name: await set_up(hall, name) for name in deed.fields["supports"]}
        fields: dict[str, Any] = renamed(asked_by_page(deed), supports)
        if deed.person.startswith("B"):
            link, page = await hall.clicking.by_link(partial(hall.links, deed.person), deed.action, fields)
            hall.used.add(link)
            assert "Twoja decyzja została zapisana." in page, deed
        else:
            assert "Your decision is recorded." in await hall.clicking.signed_in(deed.person, case_id, deed.action, fields), deed
        if deed.leads_to is not None:
            assert (await hall.people.case(case_id))["state"] == deed.leads_to, deed
    case = await hall.people.until(case_id, "REGISTERED")

    assert len(case["registry_nos"]) == 3
    assert "Do zrobienia: akceptacja wymagań" in hall.subjects("B1")
    assert "To do: approve the price" in hall.subjects("P1")
