"""Laws of the registry, on both databases: numbers without gaps, once for each case, nothing ever changed."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from domain.audit import AuditEvent
from domain.case_messages import Registration, StateChange
from domain.documents import AgreementDocument, content_of
from domain.errors import NotAmendable, OverlappingAgreement
from store.agreements import AgreementStore
from store.audit import AuditTrail
from store.database import Database
from store.registry import AgreementRegistry
from tests.conftest import example
from tests.domain.drafts import bank_draft, changed, support

SIGNED = datetime(2026, 3, 6, 9, 45, tzinfo=UTC)
SUPPORTS = {"desk": "OLA/2026/0001", "field-warsaw": "OLA/2026/0002", "techteren": "UC/2026/0001"}


def registration(case_id: str = "case-1", *documents: AgreementDocument, **more: Any) -> Registration:
    return Registration(
        case_id=case_id,
        documents=tuple(content_of(each) for each in (documents or bank_draft().documents)),
        document_hash="0" * 64,
        supports=SUPPORTS,
        signed_at=more.pop("signed_at", SIGNED),
    )


async def test_a_set_gets_its_numbers_in_one_go_and_the_same_again(database: Database) -> None:
    registry = AgreementRegistry(database)
    first = await registry.register(registration())
    again = await AgreementRegistry(database).register(registration())

    assert [each.registry_no for each in first] == ["SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003"]
    assert again == first


async def test_numbers_run_without_gaps_by_kind_and_local_year(database: Database) -> None:
    registry = AgreementRegistry(database)
    desk = await registry.register(registration("case-desk", support("desk")))
    uc = await registry.register(registration("case-uc", support("techteren")))
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # 2027 in Warsaw
    field = await registry.register(registration("case-field", support("field-warsaw"), signed_at=new_year))

    assert [each.registry_no for each in (*desk, *uc, *field)] == ["OLA/2026/0001", "UC/2026/0001", "OLA/2027/0001"]


async def test_a_refused_set_takes_no_number(database: Database) -> None:
    registry = AgreementRegistry(database)
    await registry.register(registration())
    with pytest.raises(OverlappingAgreement, match=r"SLA/2026/0002 promises MPS to Bank Narew S\.A\. there already"):
        await registry.register(registration("case-2"))
    next_one = changed(bank_draft().named("warsaw"), parent=None, services=["COPIERS"])

    [entry] = await registry.register(registration("case-3", next_one))

    assert entry.registry_no == "SLA/2026/0004"


async def test_many_at_once_leave_no_gap_and_no_double(database: Database) -> None:
    registry = AgreementRegistry(database)
    sets = [registration(f"case-{number}", changed(support("desk"), document=f"desk-{number}")) for number in range(12)]
    answers = await asyncio.gather(*(registry.register(each) for each in [*sets, *sets]))

    assert sorted({each.registry_no for [each] in answers}) == [f"OLA/2026/{number:04}" for number in range(1, 13)]


@pytest.mark.parametrize(
    ("fields", "overlaps"),
    [
        ({}, True),
        ({"regions": ["REMOTE"]}, False),
        ({"regions": []}, True),
        ({"services": ["COPIERS"]}, False),
        ({"effective_from": "2029-03-16", "effective_until": None}, False),
        ({"effective_from": "2029-03-15", "effective_until": None}, True),
        ({"effective_from": "2026-01-01", "effective_until": "2026-03-16"}, False),
        ({"group": "branches"}, True),
    ],
)
async def test_one_promise_for_a_group_a_service_and_a_region_at_a_time(database: Database, fields: dict[str, Any], overlaps: bool) -> None:  # noqa: FBT001
    registry = AgreementRegistry(database)
    warsaw = changed(bank_draft().named("warsaw"), parent=None)
    await registry.register(registration("case-1", warsaw))
    second = registry.register(registration("case-2", changed(warsaw, document="again", **fields)))

    if overlaps:
        with pytest.raises(OverlappingAgreement):
            await second
    else:
        assert [each.registry_no for each in await second] == ["SLA/2026/0002"]


async def test_tickets_find_their_terms_under_the_number(database: Database) -> None:
    await AgreementRegistry(database).register(registration())
    async with database.reading() as connection:
        published = {each.agreement: each for each in await AgreementStore(database).all(connection)}

    assert sorted(published) == ["SLA-2026-0002", "SLA-2026-0003"]
    assert published["SLA-2026-0002"].supported_by == ("OLA-2026-0001", "OLA-2026-0002")


async def test_the_registered_text_is_the_signed_one(database: Database) -> None:
    registry = AgreementRegistry(database)
    await registry.register(registration())
    entry = await registry.entry("SLA/2026/0002")

    assert entry is not None
    assert AgreementDocument.model_validate(entry.document) == bank_draft().named("warsaw")
    assert (entry.parent, entry.supports, entry.state) == ("SLA/2026/0001", ["OLA/2026/0001", "OLA/2026/0002"], "REGISTERED")


async def test_ready_terms_go_through_the_same_door_marked_as_imported(database: Database) -> None:
    registry = AgreementRegistry(database)
    terms = example("printers-warsaw")
    is_new = await registry.import_terms(terms, "X1", SIGNED)
    second = await registry.import_terms(terms, "X1", SIGNED)
    newer = await registry.import_terms(terms.model_copy(update={"version": "2.0", "effective_from": date(2027, 1, 1)}), "X1", SIGNED)
    entry = await registry.entry("SLA/2026/0001", "1.0")

    assert (is_new, second, newer) == (True, False, True)
    assert entry is not None
    assert (entry.imported_by, entry.registered_at, entry.name) == ("X1", SIGNED, "printers-warsaw")


async def test_a_change_of_state_is_noted_once_with_its_event(database: Database) -> None:
    registry = AgreementRegistry(database)
    await registry.register(registration())
    event = AuditEvent(
        key="agreement:SLA-2026-0002:active:audit",
        subject="agreement:SLA-2026-0002",
        action="active",
        from_state="REGISTERED",
        to_state="ACTIVE",
        actor="system",
        at=datetime(2026, 3, 15, 23, tzinfo=UTC),  # its first day, in Warsaw
    )
    for _ in range(2):
        await registry.change_state(StateChange(registry_no="SLA/2026/0002", event=event))
    entry = await registry.entry("SLA/2026/0002")

    assert entry is not None
    assert entry.state == "ACTIVE"
    assert len(await AuditTrail(database).of("agreement:SLA-2026-0002")) == 1


async def test_the_registry_is_searched_by_column_and_by_word(database: Database) -> None:
    registry = AgreementRegistry(database)
    await registry.register(registration("case-desk", support("desk")))
    await registry.register(registration())

    assert [row.registry_no for row in await registry.search({"kind": "OLA"}, None, 10, None)] == ["OLA/2026/0001"]
    assert [row.registry_no for row in await registry.search({}, "podlasie", 10, None)] == ["SLA/2026/0003"]
    assert [row.registry_no for row in await registry.search({}, None, 2, "OLA/2026/0001")] == ["SLA/2026/0001", "SLA/2026/0002"]


async def test_two_sets_at_once_do_not_promise_the_same_even_in_two_years(database: Database) -> None:
    registry = AgreementRegistry(database)
    years = (datetime(2026, 12, 31, 22, 30, tzinfo=UTC), datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # 2026 and 2027 in Warsaw
    for number in range(5):
        one = changed(bank_draft().named("warsaw"), parent=None, services=[f"SERVICE-{number}"])
        sets = [registration(f"case-{number}-{year.hour}", one, signed_at=year) for year in years]
        answers = await asyncio.gather(*(registry.register(each) for each in sets), return_exceptions=True)

        assert [type(each) for each in answers if isinstance(each, Exception)] == [OverlappingAgreement]


def state_change(before: str, after: str, at: datetime) -> StateChange:
    process = "agreement:SLA-2026-0001"
    event = AuditEvent(
        key=f"{process}:{after.lower()}:audit",
        subject=process,
        action=after.lower(),
        from_state=before,
        to_state=after,
        actor="system",
        at=at,
    )
    return StateChange(registry_no="SLA/2026/0001", event=event)


async def test_an_attempt_that_comes_late_takes_no_state_back(database: Database) -> None:
    registry = AgreementRegistry(database)
    terms = example("printers-warsaw").model_copy(update={"effective_from": date(2026, 1, 1), "effective_until": date(2026, 7, 1)})
    await registry.import_terms(terms, "X1", SIGNED)
    begun = state_change("REGISTERED", "ACTIVE", datetime(2026, 1, 1, tzinfo=UTC))
    over = state_change("ACTIVE", "EXPIRED", datetime(2026, 6, 30, 22, tzinfo=UTC))
    for change in (begun, over, begun):
        await registry.change_state(change)
    entry = await registry.entry("SLA/2026/0001")

    assert entry is not None
    assert entry.state == "EXPIRED"


async def test_the_end_of_a_version_does_not_end_the_one_that_follows_it(database: Database) -> None:
    registry = AgreementRegistry(database)
    first = example("printers-warsaw").model_copy(update={"effective_from": date(2026, 1, 1), "effective_until": date(2026, 7, 1)})
    await registry.import_terms(first, "X1", SIGNED)
    await registry.change_state(state_change("REGISTERED", "ACTIVE", datetime(2026, 1, 1, tzinfo=UTC)))
    second = first.model_copy(update={"version": "2.0", "effective_from": date(2026, 2, 1), "effective_until": None})
    await registry.import_terms(second, "X1", SIGNED)
    await registry.change_state(state_change("ACTIVE", "EXPIRED", datetime(2026, 6, 30, 22, tzinfo=UTC)))
    states = {row.version: row.state for row in await registry.search({}, None, 10, None)}

    assert states == {"1.0": "EXPIRED", "2.0": "ACTIVE"}


async def test_a_page_may_end_between_two_versions_of_a_number(database: Database) -> None:
    registry = AgreementRegistry(database)
    terms = example("printers-warsaw")
    for version in ("1.0", "2.0"):
        await registry.import_terms(terms.model_copy(update={"version": version}), "X1", SIGNED)
    [first] = await registry.search({}, None, 1, None)
    rest = await registry.search({}, None, 10, f"{first.registry_no}@{first.version}")

    assert [(each.registry_no, each.version) for each in (first, *rest)] == [("SLA/2026/0001", "1.0"), ("SLA/2026/0001", "2.0")]
    assert await registry.search({}, None, 10, "SLA/2026/0001") == []


async def test_whatever_a_document_may_say_fits_into_the_registry(database: Database) -> None:
    long = changed(support("desk"), document="d" * 100, title="t" * 500, services=["s" * 200])
    [entry] = await AgreementRegistry(database).register(registration("case-long", long))
    with pytest.raises(ValidationError, match="services"):
        changed(support("desk"), services=["s" * 201])

    assert entry.registry_no == "OLA/2026/0001"


def amended(price: str = "12120") -> Registration:
    """The bank's set with another Warsaw, from September on."""
    documents = [
        changed(each, effective_from="2026-09-01", price={"monthly": price, "option": "Gold"}) if each.document == "warsaw" else each
        for each in bank_draft().documents
    ]
    amends = {each.document: number for each, number in zip(documents, NUMBERS, strict=True)}
    made = registration("case-2", *documents, signed_at=datetime(2026, 8, 21, 9, tzinfo=UTC))
    return made.model_copy(update={"amends": amends})


NUMBERS = ("SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003")


async def test_of_a_set_signed_anew_only_what_changed_is_another_version(database: Database) -> None:
    registry = AgreementRegistry(database)
    first = await registry.register(registration())
    second = await registry.register(amended())

    assert [(each.registry_no, each.version) for each in second] == [("SLA/2026/0002", "2.0")]
    assert await registry.register(amended()) == second
    assert await registry.register(registration()) == first, "and it took no number"
    for number, version in zip(NUMBERS, ("1.0", "2.0", "1.0"), strict=True):
        newest = await registry.entry(number)
        assert newest is not None
        assert newest.version == version


async def test_a_version_waits_for_its_day_beside_the_one_in_force(database: Database) -> None:
    registry = AgreementRegistry(database)
    await registry.register(registration())
    before = await registry.entry("SLA/2026/0002")
    await registry.register(amended())
    newest = await registry.entry("SLA/2026/0002")
    first = await registry.entry("SLA/2026/0002", "1.0")

    assert before is not None
    assert newest is not None
    assert first is not None
    assert (first.digest, first.document) == (before.digest, before.document), "what was signed stays as it was signed"
    assert [newest.at(datetime(2026, month, day, tzinfo=UTC)).version for month, day in ((8, 31), (9, 1))] == ["1.0", "2.0"]
    assert [term.version for term in newest.terms] == ["1.0", "2.0"]
    async with database.reading() as connection:
        terms = [each for each in await AgreementStore(database).all(connection) if each.agreement == "SLA-2026-0002"]
    assert sorted(each.version for each in terms) == ["1.0", "2.0"]


async def test_a_second_version_must_wait_until_the_first_is_in_force_and_none_begins_in_the_past(database: Database) -> None:
    registry = AgreementRegistry(database)
    await registry.register(registration())
    late = amended().model_copy(update={"signed_at": datetime(2026, 9, 2, tzinfo=UTC)})
    with pytest.raises(NotAmendable, match="is past"):
        await registry.register(late)
    await registry.register(amended())
    with pytest.raises(NotAmendable, match="nothing of SLA/2026/0001, SLA/2026/0002, SLA/2026/0003 is changed"):
        await registry.register(amended().model_copy(update={"case_id": "case-3"}))
    with pytest.raises(NotAmendable, match="waits for its first day"):
        await registry.register(amended(price="13000").model_copy(update={"case_id": "case-3"}))


async def test_a_minor_version_is_made_once_and_keeps_what_the_agreement_rests_on(database: Database) -> None:
    registry = AgreementRegistry(database)
    await registry.register(registration())
    entry = await registry.entry("SLA/2026/0002")
    assert entry is not None
    document = changed(AgreementDocument.model_validate(entry.document), title="Printing in Warsaw")
    at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    made = [await registry.add_minor_version("SLA/2026/0002", document, "a new title", "change:1", at) for _ in range(2)]
    newest = await registry.entry("SLA/2026/0002")

    assert newest is not None
    assert [each.version for each in made] == ["1.1", "1.1"]
    assert (newest.title, newest.supports, newest.note, newest.parent) == (
        "Printing in Warsaw",
        entry.supports,
        "a new title",
        "SLA/2026/0001",
    )
    assert (newest.effective_from, newest.stages[0].version, len(newest.stages)) == (date(2026, 6, 1), "1.0", 1)
    with pytest.raises(NotAmendable, match="waits for its first day"):
        await registry.add_minor_version("SLA/2026/0002", document, "again", "change:2", at)


async def test_a_set_is_found_from_any_of_its_agreements(database: Database) -> None:
    registry = AgreementRegistry(database)
    await registry.register(registration())
    await registry.register(amended())
    found = {number: [(each.registry_no, each.version) for each in await registry.set_of(number)] for number in (*NUMBERS, "SLA/2026/0009")}

    assert found.pop("SLA/2026/0009") == []
    assert set(map(tuple, found.values())) == {tuple(zip(NUMBERS, ("1.0", "2.0", "1.0"), strict=True))}
