"""Promises that were carried when they were signed, and are not any more (R-078)."""

from datetime import UTC, datetime

from connectors.documents import read_calendar
from domain.case_messages import Registration
from domain.documents import AgreementDocument, content_of
from store.alignments import Alignments
from store.database import Database
from store.entries import Entry
from store.period_book import PeriodBook
from store.registry import AgreementRegistry
from tests.conftest import EXAMPLES
from tests.domain.drafts import bank_draft, changed, support

SIGNED = datetime(2026, 3, 6, 9, 45, tzinfo=UTC)
LATER = datetime(2026, 12, 30, 12, tzinfo=UTC)
FIELD = "OLA/2026/0002"


async def registered(registry: AgreementRegistry, name: str, *documents: AgreementDocument) -> list[str]:
    registration = Registration(
        case_id=f"case-{name}", documents=tuple(map(content_of, documents)), document_hash="0" * 64, supports={}, signed_at=SIGNED
    )
    return [each.registry_no for each in await registry.register(registration)]


async def prepare(database: Database) -> tuple[AgreementRegistry, Entry]:
    """The bank's supports and Warsaw, which rests on them by their numbers."""
    registry = AgreementRegistry(database)
    numbers = {name: (await registered(registry, name, support(name)))[0] for name in ("desk", "field-warsaw", "techteren")}
    draft = bank_draft()
    warsaw = draft.in_full(draft.named("warsaw"))
    links = [each.model_dump(mode="json") | {"support": numbers[each.support]} for each in warsaw.links]
    [number] = await registered(registry, "warsaw", changed(warsaw, links=links, parent=None))
    entry = await registry.entry(number)
    assert entry is not None
    return registry, entry


async def give_free(registry: AgreementRegistry, number: str, document: AgreementDocument) -> None:
    """A minor version with Mon 4 Jan 2027 as a free day."""
    calendars = tuple(each.model_copy(update={"holidays": (*each.holidays, "2027-01-04")}) for each in document.calendars)
    await registry.add_minor_version(number, document.model_copy(update={"calendars": calendars}), "a free day", "c:1", LATER)


async def test_what_its_supports_carry_is_not_at_risk(database: Database) -> None:
    _, entry = await prepare(database)

    assert await Alignments(database).lost(entry, LATER) == []


async def test_a_free_day_of_a_support_alone_puts_the_promise_at_risk_until_the_promise_has_it_too(database: Database) -> None:
    registry, entry = await prepare(database)
    await give_free(registry, FIELD, support("field-warsaw"))
    seen = await PeriodBook(database).look(entry.registry_no, LATER)

    found = [(each.kind, each.target) for each in seen.irregular]
    assert found == [("AT_RISK_UNSUPPORTED", "response")]
    assert "2027-01-04" in seen.irregular[0].why
    await give_free(registry, entry.registry_no, AgreementDocument.model_validate(entry.document))
    newest = await registry.entry(entry.registry_no)
    assert newest is not None
    assert await Alignments(database).lost(newest, LATER) == []


async def test_a_calendar_is_held_against_promises_before_it_is_published(database: Database) -> None:
    _, entry = await prepare(database)
    office, desk = (read_calendar(EXAMPLES / "calendars" / f"{name}.yaml") for name in ("pl-bh-8-17", "pl-desk"))
    both, only_desk = (each.model_copy(update={"holidays": (*each.holidays, "2027-01-04")}) for each in (office, desk))

    assert await Alignments(database).lost(entry, LATER, both) == [], "the promise and the field team share it"
    assert [each.code for each in await Alignments(database).lost(entry, LATER, only_desk)] == ["HOLIDAY_GAP"]
