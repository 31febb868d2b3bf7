"""What changes and renewals decide becomes fact: a version of the registry, once, unless the agreement ends."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from api.clock import BusinessClock
from api.decided_facts import DecidedFacts
from domain.documents import AgreementDocument
from domain.errors import Conflict, NotAmendable, NotFound
from domain.follow_ups.change import Change, ChangeState
from domain.follow_ups.follow_up import News
from domain.follow_ups.renewal import Renewal
from store.database import Database
from store.entries import entries
from store.registry import AgreementRegistry
from tests.domain.case_stories import local
from tests.domain.drafts import bank_draft, changed
from tests.domain.follow_up_stories import WHY, change, renewal
from tests.store.test_registry import registration

NUMBER = "SLA/2026/0002"
AT = local("2026-07-21T10:00")


class Versions:
    """Carries out `domain.ports.Amendments` on the registry alone; no process is told."""

    def __init__(self, database: Database, refusal: Conflict | NotFound | None = None) -> None:
        self.registry = AgreementRegistry(database)
        self.refusal = refusal

    async def open_amendment(self, change: Change, at: datetime) -> str:
        del at
        if self.refusal is not None:
            raise self.refusal
        return f"case-{change.about}"

    async def add_minor_version(self, registry_no: str, document: AgreementDocument, note: str, key: str, at: datetime) -> str:
        return (await self.registry.add_minor_version(registry_no, document, note, key, at)).version


async def decided(database: Database, case: Change | Renewal, refusal: Conflict | NotFound | None = None) -> News:
    facts = DecidedFacts(database, BusinessClock(timedelta()), Versions(database, refusal))
    [news] = await facts.take_effect(case, AT)
    assert list(await facts.take_effect(case, AT)) == [news], "asked twice"
    return news


def small() -> Change:
    """Agreed by both sides."""
    edited = changed(bank_draft().named("warsaw"), title="Printers of Warsaw")
    return change().but(registry_no=NUMBER, state=ChangeState.MINOR, edited=edited, note=WHY, agreed=True)


def as_it_is() -> Renewal:
    until = {"about": "2029-03-16", "renewed_until": date(2032, 3, 16)}
    return renewal(ends="2029-03-16").but(registry_no=NUMBER, agreed=True, **until)


async def state_of(database: Database, **values: Any) -> None:
    async with database.writing() as connection:
        await connection.execute(update(entries).where(entries.c.registry_no == NUMBER).values(**values))


async def test_a_small_change_is_the_next_minor_version_once(database: Database) -> None:
    await AgreementRegistry(database).register(registration())
    news = await decided(database, small())
    entry = await AgreementRegistry(database).entry(NUMBER)

    assert (news.name, news.content) == ("registered", {"version": "1.1"})
    assert entry is not None
    assert (entry.version, entry.title, entry.note) == ("1.1", "Printers of Warsaw", WHY)


async def test_renewed_as_it_is_only_the_end_moves_on(database: Database) -> None:
    await AgreementRegistry(database).register(registration())
    news = await decided(database, as_it_is())
    entry = await AgreementRegistry(database).entry(NUMBER)

    assert (news.name, news.content) == ("registered", {"version": "1.1"})
    assert entry is not None
    assert (entry.effective_until, entry.note) == (date(2032, 3, 16), "renewed as it is until 2032-03-16, by both sides")


@pytest.mark.parametrize("case", [small(), as_it_is()], ids=["change", "renewal"])
@pytest.mark.parametrize("state", ["TERMINATING", "TERMINATED", "EXPIRED"])
async def test_what_ends_gets_no_version(database: Database, case: Change | Renewal, state: str) -> None:
    await AgreementRegistry(database).register(registration())
    await state_of(database, state=state)
    news = await decided(database, case)
    assert (news.name, state in news.content["reason"]) == ("not_registered", True)


async def test_an_agreement_with_another_end_by_now_is_not_renewed_to_the_old_one(database: Database) -> None:
    await AgreementRegistry(database).register(registration())
    await state_of(database, effective_until=date(2031, 1, 1))
    news = await decided(database, as_it_is())
    assert news.content == {"reason": "SLA/2026/0002 1.0 ends on 2031-01-01"}


async def test_a_material_change_hears_of_its_case_or_why_there_is_none(database: Database) -> None:
    await AgreementRegistry(database).register(registration())
    material = change(code="WORKING_HOURS").but(registry_no=NUMBER, state=ChangeState.MATERIAL)
    assert (await decided(database, material)).content == {"case_id": "case-WORKING_HOURS"}

    for refusal in (NotAmendable("it is TERMINATED"), NotFound("it came as ready terms")):
        refused = await decided(database, material, refusal)
        assert (refused.name, refused.content) == ("case_ended", {"reason": str(refusal)})
