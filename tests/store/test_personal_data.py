"""Laws of personal data, on both databases: all of a person is found, what no duty keeps goes, every trail stays whole."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select, text, update
from sqlmodel import SQLModel

from domain.actors import actor_of
from domain.agreement_case import Signature
from domain.audit import AuditEvent
from domain.case_messages import CaseRecord
from domain.case_telling import effects_of, record_of
from domain.cases import Submission
from domain.effects import Notice, TicketRef
from domain.errors import BadInput, Conflict
from domain.letters import Letter
from domain.people import Side
from domain.personal_data import ERASED_NAME, Fate, PersonReport
from domain.ports import Attempt, DeliveryState
from domain.retention import DataKind, RetentionPolicy
from store.audit import AuditTrail
from store.case_tables import CaseRow, HumanTaskRow, RegistryRow
from store.cases import CaseStore
from store.database import Database
from store.deliveries import Deliveries
from store.directory import Directory
from store.erasure import Erasure, ErasureOrder
from store.inbox_rows import InboxRows
from store.mailbox import Mailbox
from store.personal_data import PersonalData
from store.personal_places import KIND_OF, key_of
from store.registry import AgreementRegistry
from store.replan_tables import ReplanRow
from store.scans import Scan, Scans
from store.sessions import Sessions
from store.survey_tables import SurveyRow
from store.tables import InboxRow, TicketRow
from tests.api.people import other_bank
from tests.domain.case_stories import CaseStory
from tests.store.test_registry import registration

NAME, MAIL, SUBJECT = "Beata Prezes", "beata@narew.example", "oidc|7c1f"
AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
TODAY = AT.date()
WHY = "request of 20 November, letter 17"
TRAIL = "agreement-case:case-1"
DAY = timedelta(days=1)


async def wrote(database: Database, table: type[SQLModel], **values: Any) -> None:
    async with database.writing() as connection:
        await connection.execute(database.insert(table), values)


async def changed(database: Database, table: type[SQLModel], where: dict[str, Any], **values: Any) -> None:
    columns = table.__table__  # type: ignore[attr-defined]
    async with database.writing() as connection:
        await connection.execute(update(columns).where(*(columns.c[name] == value for name, value in where.items())).values(**values))


async def hired(database: Database, *, active: bool) -> None:
    """Beata signs for the bank; another version of the catalogue says whether she still does."""
    value = other_bank().model_dump(mode="json", by_alias=True)
    [beata] = [each for each in value["people"] if each["person"] == "B3"]
    [deputy] = [each for each in value["people"] if each["person"] == "B4"]
    absence = {"deputy": "B4", "first_on": "2026-05-01", "last_on": "2026-05-09", "reason": f"{NAME} is on leave"}
    beata |= {"name": NAME, "mail": MAIL.title(), "subject": SUBJECT, "delegations": [absence], "active": active}
    deputy["delegations"] = [absence | {"deputy": "B3", "reason": "asked beata@narew.example to stand in"}]
    await Directory(database).load(type(other_bank()).model_validate(value), "X1", AT)


@cache
def played() -> CaseStory:
    return CaseStory().play("bank-agreement", until="SIGNING")


async def signed(database: Database) -> None:
    """She signed the bank's agreement on paper, said something in its case, and the case is registered."""
    story, store = played(), CaseStore(database)
    first, last = story.steps[0].before, story.case
    async with database.writing() as connection:
        await store.open(connection, record_of(first), "crm", "CRM-000341")
    await store.record(effects_of(story.steps, TRAIL).records[0])
    scan = await Scans(database).keep(Scan("case-1", "application/pdf", b"%PDF-1.7 her signature", "B3"), AT)
    signature = Signature(person="B3", by="B3", side=Side.CUSTOMER, method="SCAN", document_hash="0" * 64, scan=scan, at=AT)
    ended = record_of(last).model_copy(update={"revision": last.revision + 1, "state": "REGISTERED", "registry_nos": ("SLA/2026/0001",)})
    document = {**ended.case, "signatures": [signature.model_dump(mode="json")], "wish": f"call {NAME.upper()}"}
    said = AuditEvent(
        key="said", subject=TRAIL, action="sign", from_state="SIGNING", to_state="REGISTERED", actor="B3", reason=f"as {NAME} said", at=AT
    )
    await store.record(CaseRecord.model_validate(ended.model_dump() | {"case": document, "tasks": (), "events": (said,)}))
    await changed(database, HumanTaskRow, {}, state="DECIDED", closed_at=AT, decided_by="B3")
    await AgreementRegistry(database).register(registration())


async def told(database: Database) -> None:
    """Letters, what was sent out, a decision on its way, a re-plan, a trail of no case."""
    for key, recipients, receiver, body in (
        ("a", ("B3",), "B3", "Sign here."),
        ("b", ("B3", "B4"), "B4", f"{NAME} ({MAIL}) signs."),
        ("c", ("B4",), "B4", "Due soon."),
    ):
        notice = Notice(key=key, case_id="case-1", recipients=recipients, subject="Signature", body=body)
        letter = Letter(notice, receiver, receiver, "pl", subject="Signature", text=body, html=body)
        await Mailbox(database, lambda: AT).carry(letter)
        attempt = Attempt(notice, "mail", DeliveryState.DELIVERED, AT, f"{MAIL}: greylisted")
        await Deliveries(database).note(attempt._replace(receiver=receiver))
    notice = Notice(key="d", ticket=TicketRef(source="crm", ticket_id="T-1"), recipients=("requester",), subject="How was it?", body="")
    await Deliveries(database).note(Attempt(notice, "mail", DeliveryState.DELIVERED, AT)._replace(receiver=MAIL))
    by = actor_of(await Directory(database).now(), "B4", TODAY).model_copy(update={"person": "B3", "name": NAME})
    inbox = InboxRows(database)
    await inbox.keep_deed("cases", "case-1", Submission(key="k1", action={"action": "sign"}, by=by), AT)
    await inbox.done(1, AT)
    facts = {"agreement": "SLA-2026-0001", "to_version": "1.1", "terms": "0" * 64, "rate": 50.0, "state": "DONE", "versions": 1}
    await wrote(database, ReplanRow, replan="r1", reason=f"{NAME} asked for it", by="M1", asked_at=AT, **facts)
    leave = AuditEvent(
        key="leave", subject="person:B3", action="delegate", from_state="", to_state="", actor="B3", reason=f"{NAME} is ill", at=AT
    )
    await CaseStore(database).note(leave)


async def asked(database: Database) -> None:
    """A closed ticket and an open one of hers, a survey she answered, tokens and browsers."""
    ticket = {"source": "crm", "agreements": [], "clocks": [], "terms_sent": [], "updated_at": AT}
    for number, is_open in ((1, False), (2, True)):
        subject = f"crm/T-{number}"
        attributes = {"requester": MAIL, "customer": "Bank Narew S.A.", "note": f"ask {NAME}"}
        mine = {"subject": subject, "ticket_id": f"T-{number}", "is_open": is_open, "attributes": attributes}
        await wrote(database, TicketRow, **ticket, **mine)
        event = {"source": "crm", "event_id": f"e{number}", "ticket_id": f"T-{number}", "kind": "created", "attributes": attributes}
        told_at = {"occurred_at": AT, "received_at": AT, "forwarded_at": AT}
        await wrote(database, InboxRow, source="crm", event_id=f"e{number}", subject=subject, event=event, **told_at)
    survey = {"registry_no": "SLA/2026/0001", "customer": "Bank Narew S.A.", "language": "pl", "asked_at": AT, "expires_at": AT}
    for number, person in ((1, MAIL), (2, "B3")):
        answer = {
            "survey": f"s{number}",
            "ticket": f"crm/T-{number}",
            "person": person,
            "score": 5,
            "comment": "very kind",
            "answered_at": AT,
        }
        await wrote(database, SurveyRow, **survey, **answer)
    await Directory(database).new_token("B3", AT)
    await Sessions(database).begin("B3", AT, DAY)
    await Sessions(database).use("link", "B3", AT, AT + DAY)


@pytest.fixture
async def left(database: Database) -> Database:
    """A database that knows everything of Beata, who has left the bank."""
    await hired(database, active=True)
    await signed(database)
    await told(database)
    await asked(database)
    await hired(database, active=False)
    return database


async def found(database: Database, who: str = "B3") -> PersonReport:
    return await PersonalData(database, RetentionPolicy()).report(who, TODAY)


async def erased(database: Database, who: str = "B3", *also: str) -> PersonReport:
    return await Erasure(database, RetentionPolicy()).erase(ErasureOrder(who, WHY, "X1", AT, also))


async def rows_with(database: Database, *markers: str) -> set[tuple[str, str]]:
    """Every row of every table in which one of the markers stands, whatever the column."""
    named = set()
    async with database.reading() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in await connection.execute(select(*(each for each in table.c if not isinstance(each.type, LargeBinary)))):
                shown = json.dumps(list(row), default=str, ensure_ascii=False).casefold()
                if any(marker.casefold() in shown for marker in markers):
                    named.add((table.name, key_of(table, row)))
    return named


async def broken(database: Database) -> list[str]:
    trail = AuditTrail(database)
    return [subject for subject in await trail.subjects() if await trail.broken_at(subject) is not None]


def test_every_table_is_kept_for_something_that_is_written_down() -> None:
    assert {table.name for table in SQLModel.metadata.sorted_tables} == set(KIND_OF)


async def test_every_row_that_names_a_person_is_found_by_key_and_by_address(left: Database) -> None:
    marked = await rows_with(left, NAME, MAIL)
    for who in ("B3", MAIL.upper()):
        report = await found(left, who)
        assert report.person == "B3"
        assert marked <= {(each.table, each.row) for each in report.found}

    assert {each.kind for each in report.found} == set(DataKind), "she is known in every way there is"
    assert len(marked) > 15


async def test_nothing_is_left_of_a_person_but_what_the_report_says_is_kept(left: Database) -> None:
    before = await broken(left)
    report = await erased(left)
    kept = {(each.table, each.row) for each in report.kept}

    assert (before, await broken(left)) == ([], [])
    assert await rows_with(left, MAIL) <= kept, "the address is nowhere else"
    assert await rows_with(left, SUBJECT) == set()
    versions = {each for each in await rows_with(left, NAME) if each[0] == "catalogue_version"}
    assert await rows_with(left, NAME) - versions <= kept
    assert versions, "her signature counts, so her name is known"
    why = {each.table: (each.why, each.until) for each in report.kept}
    assert why["catalogue_version"] == ("agreement SLA/2026/0001 goes on", None)
    assert why["ticket"] == ("ticket crm/T-2 goes on", None)
    assert report.erasable == ()


async def test_what_is_left_of_her_after_the_erasure_still_works(left: Database) -> None:
    await erased(left)
    beata = (await Directory(left).now()).person("B3")
    async with left.reading() as connection:
        surveys = (await connection.execute(text("SELECT person, score, comment FROM survey ORDER BY survey"))).all()
        letters = (await connection.execute(text("SELECT message_id, body FROM mailbox ORDER BY id"))).all()
        tokens = await connection.scalar(text("SELECT (SELECT count(*) FROM person_token) + (SELECT count(*) FROM browser_session)"))

    assert (beata.name, beata.mail, beata.delegations, beata.erased) == (NAME, None, (), True)
    assert [tuple(row) for row in surveys] == [("B3", 5, None), ("B3", 5, None)]
    assert [tuple(row) for row in letters] == [("b@B4", "B3 (B3) signs."), ("c@B4", "Due soon.")]
    assert tokens == 0


async def test_erasing_twice_changes_nothing_and_the_trail_tells_of_it_once(left: Database) -> None:
    await erased(left)
    trail = await AuditTrail(left).of("person:B3")
    again = await erased(left)

    assert again.erasable == ()
    assert await AuditTrail(left).of("person:B3") == trail
    done = [row.event for row in trail if row.event["action"] == "erase"]
    assert {each["from_state"] for each in done} >= {"SIGN_IN", "LETTER", "SURVEY", "TICKET", "TRANSIT", "OPERATION", "ADDRESS"}
    assert {(each["actor"], each["reason"].partition(": ")[2]) for each in done} == {("X1", WHY)}


@pytest.mark.parametrize(
    ("standing", "until"),
    [
        ({"effective_until": date(2020, 6, 30)}, date(2027, 1, 1)),
        ({"effective_until": date(2019, 12, 31), "legal_hold": True}, None),
    ],
    ids=["claims may still come", "legal hold"],
)
async def test_a_signature_keeps_the_name_until_no_claim_can_come(left: Database, standing: dict[str, Any], until: date | None) -> None:
    await changed(left, RegistryRow, {}, state="TERMINATED", **standing)
    report = await erased(left)
    kept = [each for each in report.kept if each.kind is DataKind.NAME]

    assert [(each.until, each.why.startswith("agreement SLA/2026/000") or "claims" in each.why) for each in kept] == [(until, True)]
    assert (await Directory(left).now()).person("B3").name == NAME
    assert {"case-1"} <= {each.row for each in report.kept if each.table == "agreement_case"}


async def test_once_no_claim_can_come_the_signature_is_that_of_an_erased_person(left: Database) -> None:
    await changed(left, RegistryRow, {}, state="EXPIRED", effective_until=date(2019, 12, 31))
    await changed(left, TicketRow, {}, is_open=False)
    report = await erased(left)

    assert report.kept == ()
    assert await rows_with(left, NAME, MAIL, SUBJECT) == set()
    assert (await Directory(left).now()).person("B3").name == ERASED_NAME
    assert await broken(left) == []
    assert await AuditTrail(left).redacted() > 0, "reasons of decisions lost her name"
    async with left.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM scan")) == 0


async def test_a_trail_whose_names_were_taken_out_without_saying_so_is_broken(left: Database) -> None:
    await changed(left, RegistryRow, {}, state="EXPIRED", effective_until=date(2019, 12, 31))
    await erased(left)
    async with left.writing() as connection:
        number = await connection.scalar(text("SELECT number FROM audit_event WHERE key = 'said'"))
        await connection.execute(text("DELETE FROM audit_event WHERE subject = 'redactions'"))

    assert await AuditTrail(left).broken_at(TRAIL) == number


async def test_a_case_that_led_to_no_agreement_is_kept_for_three_years(left: Database) -> None:
    await changed(left, CaseRow, {"case_id": "case-1"}, state="DECLINED", registry_nos=[], entered_at=datetime(2023, 2, 1, tzinfo=UTC))
    [case] = [each for each in (await found(left)).found if each.table == "agreement_case"]
    await changed(left, CaseRow, {"case_id": "case-1"}, entered_at=datetime(2022, 12, 31, tzinfo=UTC))
    [older] = [each for each in (await found(left)).found if each.table == "agreement_case"]

    assert (case.fate, case.until) == (Fate.KEEP, date(2027, 1, 1))
    assert older.fate is Fate.ERASE


async def test_who_takes_part_or_is_waited_for_is_not_erased(database: Database) -> None:
    await hired(database, active=True)
    with pytest.raises(Conflict, match="B3 takes part: load the catalogue with active: false") as active:
        await erased(database)
    await hired(database, active=False)
    task = {"case_id": "case-7", "task": "SIGN:1:B3", "kind": "SIGN", "role": "SIGNATORY", "side": "CUSTOMER", "person": "B3"}
    await wrote(database, HumanTaskRow, **task, state="OPEN", escalated=False, opened_at=AT, due_at=AT)
    with pytest.raises(Conflict, match="case-7 waits for B3") as waited:
        await erased(database)

    assert (active.value.code, waited.value.code) == ("PERSON_ACTIVE", "TASKS_OPEN")


async def test_an_erased_record_does_not_come_back_with_the_next_catalogue(left: Database) -> None:
    await erased(left)
    with pytest.raises(BadInput, match="the record of B3 was erased; leave the entry out"):
        await hired(left, active=True)


async def test_somebody_the_directory_does_not_know_goes_by_one_word_in_all_places(left: Database) -> None:
    async with left.writing() as connection:
        await connection.execute(text("UPDATE survey SET person = 'jan.obcy@narew.example' WHERE survey = 's1'"))
    await changed(left, TicketRow, {"subject": "crm/T-1"}, attributes={"requester": "jan.obcy@narew.example", "note": "Jan Obcy asks"})
    report = await erased(left, "jan.obcy@narew.example", "Jan Obcy")
    async with left.reading() as connection:
        person = await connection.scalar(text("SELECT person FROM survey WHERE survey = 's1'"))
        attributes = await connection.scalar(select(TicketRow.attributes).where(TicketRow.subject == "crm/T-1"))  # type: ignore[call-overload]

    assert (report.is_known, report.found) == (False, ())
    assert person.startswith("erased-")
    assert attributes == {"requester": person, "note": f"{person} asks"}
    assert await rows_with(left, "jan.obcy", "Jan Obcy") == set()


@pytest.mark.parametrize(("who", "reason"), [("B3", f"{NAME} asked for it"), ("ab", WHY)], ids=["names in the reason", "too short"])
async def test_what_would_leave_traces_or_hit_others_is_refused(left: Database, who: str, reason: str) -> None:
    with pytest.raises(BadInput):
        await Erasure(left, RetentionPolicy()).erase(ErasureOrder(who, reason, "X1", AT))


async def test_a_name_that_is_somebody_elses_too_is_left_to_people(left: Database) -> None:
    value = (await Directory(left).now()).model_dump(mode="json", by_alias=True)
    [namesake] = [each for each in value["people"] if each["person"] == "K1"]
    namesake["name"] = NAME
    await Directory(left).load(type(other_bank()).model_validate(value), "X1", AT)
    report = await erased(left)

    assert report.hints == (f"{NAME!r} is what others are called too: look through free texts by hand",)
    assert (await Directory(left).now()).person("K1").name == NAME
