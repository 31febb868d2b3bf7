"""A letter to each person on each channel: once, in time, and never lost."""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.notices import NoticeActivities
from activities.post import Outside, Post
from connectors.chat import ChatCarrier
from connectors.letter_writer import PlainWriter
from connectors.memory import MemoryMilestones, MemoryNotifier
from domain.catalogue import Catalogue
from domain.effects import Notice, TicketRef
from domain.errors import BadInput
from domain.letters import Letter, read_bucket
from domain.ports import Attempt, Carrier, DeliveryState, Refused
from domain.receivers import Parties
from store.addresses import Addresses
from store.database import Database
from store.deliveries import Deliveries
from store.directory import Directory
from store.mailbox import Mailbox
from tests.api.people import other_bank

NIGHT, MORNING, NEXT_DAY = (datetime.fromisoformat(f"2026-03-{at}+01:00") for at in ("17T23:00", "18T08:00", "19T08:00"))
TASK = {"case": "c", "customer": "Bank Narew S.A.", "task": "SET_PRICES", "assignee": "L1"}
TIMES = {"opened_at": "2026-03-16T09:00:00+01:00", "due_at": "2026-03-20T17:00:00+01:00"}
REMINDER = Notice(key="r", case_id="c", recipients=("L1",), subject="s", body="b", phrase="task_reminder", values=TASK | TIMES, task="t")
ESCALATION = REMINDER.model_copy(update={"key": "e", "phrase": "task_escalation", "recipients": ("SLM_MANAGER",), "task": None})
NEWS = Notice(key="n", case_id="c", recipients=("L1", "CUSTOMER_REP"), subject="s", body="Za drogo", phrase="cannot_offer")


class Memory:
    """A channel in memory that may be down, or refuse somebody."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.carried: list[Letter] = []
        self.tries: Counter[str] = Counter()
        self.down_for: set[str] = set()
        self.refused: set[str] = set()

    def reaches(self, letter: Letter) -> bool:
        return not letter.is_role

    async def carry(self, letter: Letter) -> None:
        self.tries[letter.receiver] += 1
        if letter.receiver in self.down_for:
            raise ConnectionError("the server is away")
        if letter.receiver in self.refused:
            raise Refused("550 no such user")
        self.carried.append(letter)

    def told(self) -> list[tuple[str, str]]:
        return [(letter.receiver, letter.subject) for letter in self.carried]


class Linked:
    """Tells for whom a link was made, and whether it was one to a decision."""

    async def link_for(self, person: str, notice: Notice) -> str | None:
        return f"https://sla.example/{person}/{'decide' if notice.task is not None else 'look'}"


class Book:
    """The example catalogue with changes, and the bank as the customer of everything."""

    def __init__(self, catalogue: Catalogue | None) -> None:
        self.catalogue = catalogue

    async def look_up(self, notice: Notice) -> tuple[Catalogue | None, Parties]:  # noqa: ARG002
        return self.catalogue, Parties(customer="Bank Narew S.A.")


def wishing(**wishes: Any) -> Catalogue:
    """The catalogue in which people wish to be told in their ways."""
    value = other_bank().model_dump(mode="json", by_alias=True)
    for each in value["people"]:
        each["notices"] = wishes.get(each["person"], {})
    return Catalogue.model_validate(value)


class Room:
    """The post with everything around it."""

    def __init__(self, database: Database, catalogue: Catalogue | None, *carriers: Carrier) -> None:
        self.now = NIGHT
        self.log = Deliveries(database)
        self.later = MemoryMilestones()
        self.book = Book(catalogue)
        outside = Outside(self.book, PlainWriter(), Linked(), carriers)
        self.activities = NoticeActivities([], self.log, MemoryMilestones(), Post(outside, self.log, self.later, lambda: self.now))

    async def send(self, *notices: Notice) -> None:
        for notice in notices:
            await ActivityEnvironment().run(self.activities.send_notice, notice)

    async def pass_to(self, now: datetime) -> None:
        """Let time pass; every digest whose time has come is told."""
        self.now = now
        for bucket in sorted(self.later.digests):
            found = read_bucket(bucket)
            assert found is not None
            if found[1] <= now:
                await ActivityEnvironment().run(self.activities.send_digest, bucket)

    async def rows(self, key: str) -> list[tuple[str, str, str, int]]:
        return [(row.channel, row.receiver, row.state, row.attempts) for row in await self.log.of_ticket(key)]


async def test_each_person_gets_one_letter_however_often_the_step_runs(database: Database) -> None:
    channel = Memory()
    room = Room(database, other_bank(), channel)
    await room.send(NEWS, NEWS)

    assert sorted(channel.told()) == [("B1", "Nie możemy tego zaoferować"), ("L1", "Nie możemy tego zaoferować")]
    assert sorted(await room.rows("n")) == [("memory", "B1", "DELIVERED", 1), ("memory", "L1", "DELIVERED", 1)]


async def test_one_who_cannot_be_reached_now_is_tried_again_alone(database: Database) -> None:
    channel, other = Memory(), Memory("other")
    room = Room(database, other_bank(), channel, other)
    channel.down_for = {"B1"}
    with pytest.raises(ApplicationError, match="the server is away"):
        await room.send(NEWS)
    channel.down_for = set()
    await room.send(NEWS)

    assert channel.tries == {"B1": 2, "L1": 1}
    assert other.tries == {"B1": 1, "L1": 1}
    assert ("memory", "B1", "DELIVERED", 2) in await room.rows("n")


async def test_an_address_that_is_refused_is_a_dead_letter_and_not_tried_again(database: Database) -> None:
    channel = Memory()
    channel.refused = {"B1"}
    room = Room(database, other_bank(), channel)
    await room.send(NEWS, NEWS)

    assert channel.tries["B1"] == 1
    [row] = [row for row in await room.log.of_ticket("n") if row.receiver == "B1"]
    assert (row.state, row.error) == ("REFUSED", "550 no such user")


async def test_what_can_wait_waits_for_the_end_of_quiet_hours_and_what_is_urgent_does_not(database: Database) -> None:
    channel = Memory()
    room = Room(database, wishing(L1={"quiet": "OUTSIDE_CALENDAR"}, M1={"quiet": "OUTSIDE_CALENDAR"}), channel)
    await room.send(REMINDER, ESCALATION, NEWS)
    in_the_night = channel.told()
    waiting = await room.rows("r")
    await room.send(REMINDER)
    await room.pass_to(MORNING)
    await room.pass_to(MORNING)

    assert sorted(in_the_night) == [("B1", "Nie możemy tego zaoferować"), ("M1", "Eskalacja: ustalenie cen, czeka na: Lena Listowska")]
    assert waiting == [("memory", "L1", "WAITING", 0)]
    assert sorted(channel.told()[2:]) == [("L1", "Nie możemy tego zaoferować"), ("L1", "Przypomnienie: ustalenie cen")]


async def test_reminders_and_news_of_one_person_are_one_mail_a_day(database: Database) -> None:
    channel = Memory()
    room = Room(database, wishing(L1={"digest": True}), channel)
    second = REMINDER.model_copy(update={"key": "s", "values": {**TASK, **TIMES, "task": "COMPILE_DRAFT"}})
    await room.send(REMINDER, second, NEWS)
    await room.pass_to(MORNING)

    [letter] = [letter for letter in channel.carried if letter.receiver == "L1"]
    assert letter.subject == "Zestawienie: 3 wiadomości"
    assert letter.text.index("Za drogo") < letter.text.index("ustalenie cen") < letter.text.index("złożenie ostatecznego projektu umowy")
    assert [await room.rows(key) for key in ("r", "s")] == [[("memory", "L1", "DELIVERED", 1)], [("memory", "L1", "DELIVERED", 1)]]


async def test_who_died_before_starting_the_timer_has_it_started_by_the_next_try(database: Database) -> None:
    channel = Memory()
    room = Room(database, wishing(L1={"quiet": "OUTSIDE_CALENDAR"}), channel)
    await room.log.note(Attempt(REMINDER, "memory", DeliveryState.WAITING, NIGHT, receiver="L1", due_at=MORNING))
    room.now = NEXT_DAY
    await room.send(REMINDER)
    await room.pass_to(NEXT_DAY)

    assert channel.told() == [("L1", "Przypomnienie: ustalenie cen")]


async def test_a_digest_of_one_is_that_one(database: Database) -> None:
    channel = Memory()
    room = Room(database, wishing(L1={"digest": True}), channel)
    await room.send(REMINDER)
    await room.pass_to(MORNING)

    assert channel.told() == [("L1", "Przypomnienie: ustalenie cen")]


async def test_what_waited_is_tried_again_for_six_hours_and_is_a_dead_letter_then(database: Database) -> None:
    channel = Memory()
    room = Room(database, wishing(L1={"quiet": "OUTSIDE_CALENDAR"}), channel)
    await room.send(REMINDER)
    channel.down_for = {"L1"}
    for hour in ("08:00", "13:59"):
        with pytest.raises(ApplicationError, match="the server is away"):
            await room.pass_to(datetime.fromisoformat(f"2026-03-18T{hour}+01:00"))
    await room.pass_to(datetime.fromisoformat("2026-03-18T14:01+01:00"))

    [row] = await room.log.of_ticket("r")
    assert (row.state, row.attempts, row.error) == ("REFUSED", 4, "given up")


async def test_whoever_leaves_while_a_message_waits_is_not_told_and_somebody_else_is(database: Database) -> None:
    channel = Memory()
    room = Room(database, wishing(L1={"quiet": "OUTSIDE_CALENDAR"}), channel)
    await room.send(REMINDER)
    value = wishing().model_dump(mode="json", by_alias=True)
    next(each for each in value["people"] if each["person"] == "L1")["active"] = False
    room.book.catalogue = Catalogue.model_validate(value)
    await room.pass_to(MORNING)

    assert channel.told() == [("M1", "Przypomnienie: ustalenie cen")]
    assert "Nikt nie odbiera wiadomości dla: Lena Listowska." in channel.carried[0].text


async def test_somebody_is_told_by_the_channels_they_name(database: Database) -> None:
    mail, chat = Memory("smtp"), Memory("chat")
    room = Room(database, wishing(L1={"channels": ["chat"]}, B1={"channels": ["pigeon"]}), mail, chat)
    await room.send(NEWS)

    assert [channel.tries["L1"] for channel in (mail, chat)] == [0, 1]
    assert [channel.tries["B1"] for channel in (mail, chat)] == [1, 1], "none of the channels named is there"


async def test_only_who_is_asked_gets_a_link_to_the_decision(database: Database) -> None:
    channel = Memory()
    room = Room(database, other_bank(), channel)
    await room.send(REMINDER, REMINDER.model_copy(update={"key": "r2", "recipients": ("ON_CALL",)}))

    assert [letter.link for letter in channel.carried] == ["https://sla.example/L1/decide", "https://sla.example/M1/look"]


async def test_without_a_catalogue_the_mailbox_keeps_the_notice_as_it_was_made(database: Database) -> None:
    mailbox = Mailbox(database, lambda: NIGHT)
    await Room(database, None, mailbox).send(NEWS)
    [kept] = await mailbox.messages(10)

    assert (kept.message_id, kept.receiver, kept.recipients, kept.title, kept.link) == ("n", "", ["L1", "CUSTOMER_REP"], "s", None)


async def test_the_mailbox_holds_one_letter_per_person_in_their_language_with_its_link(database: Database) -> None:
    value = other_bank().model_dump(mode="json", by_alias=True)
    next(each for each in value["people"] if each["person"] == "L1")["language"] = "en"
    mailbox = Mailbox(database, lambda: NIGHT)
    await Room(database, Catalogue.model_validate(value), mailbox).send(NEWS)
    kept = {row.receiver: row for row in await mailbox.messages(10)}

    assert {receiver: row.title for receiver, row in kept.items()} == {"L1": "We cannot offer this", "B1": "Nie możemy tego zaoferować"}
    assert kept["B1"].link == "https://sla.example/B1/look"
    assert (kept["B1"].message_id, kept["B1"].notice) == ("n@B1", "n")
    assert [row.receiver for row in await mailbox.messages(10, receivers=["B1"])] == ["B1"]


async def test_a_notice_of_an_older_release_is_told_as_it_is(database: Database) -> None:
    channel = Memory()
    old = Notice.model_validate_json('{"key": "o", "case_id": "c", "recipients": ["L1"], "subject": "Old", "body": "news"}')
    await Room(database, wishing(L1={"quiet": "OUTSIDE_CALENDAR", "digest": True}), channel).send(old)

    assert channel.told() == [("L1", "Old")]


async def test_a_webhook_that_is_sent_again_gets_the_notice_whole(database: Database) -> None:
    hook, log = MemoryNotifier(), Deliveries(database)
    activities = NoticeActivities([hook], log, MemoryMilestones())
    await log.note(Attempt(NEWS, "memory", DeliveryState.WAITING, NIGHT, due_at=NIGHT))
    await ActivityEnvironment().run(activities.send_digest, f"letters::{NIGHT.isoformat()}")
    await ActivityEnvironment().run(activities.send_digest, f"letters::{NIGHT.isoformat()}")

    assert hook.sent == [NEWS]


# ---- where people stand ---------------------------------------------------------------------------------------------


async def test_the_parties_are_those_of_the_ticket_unless_the_notice_names_them(database: Database) -> None:
    await Directory(database).load(other_bank(), "test", NIGHT)
    ticket = Notice(key="k", ticket=TicketRef(source="crm", ticket_id="T-1"), recipients=("CUSTOMER_REP",), subject="s", body="b")
    book = Addresses(database)
    catalogue, unknown = await book.look_up(ticket)
    _, named = await book.look_up(ticket.model_copy(update={"customer": "Bank Narew S.A."}))

    assert catalogue == other_bank()
    assert (unknown, named) == (Parties(), Parties(customer="Bank Narew S.A."))


# ---- chats ----------------------------------------------------------------------------------------------------------


@contextmanager
def chat_room(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A chat on this machine that takes JSON."""
    said: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"json://127.0.0.1:{server.server_port}/", said
    finally:
        server.shutdown()
        server.server_close()


def subjects(said: Sequence[dict[str, Any]]) -> list[str]:
    return sorted(each["title"] for each in said)


OLD_LIBRARY = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
"""One of the many plugins of apprise still asks for it."""


@OLD_LIBRARY
async def test_a_chat_gets_what_its_person_or_role_is_told(database: Database) -> None:
    with chat_room() as (url, said):
        room = Room(database, other_bank(), ChatCarrier({"L1": [url], "SLM_MANAGER": [url]}))
        await room.send(NEWS, ESCALATION, NEWS)

    assert subjects(said) == ["Escalated: set the prices, waiting for L1", "Nie możemy tego zaoferować"]
    assert any("https://sla.example/SLM_MANAGER/look" in each["message"] for each in said)
    assert await room.rows("e") == [("apprise", "SLM_MANAGER", "DELIVERED", 1)]


@OLD_LIBRARY
async def test_a_chat_that_does_not_take_it_is_tried_again(database: Database) -> None:
    with chat_room(500) as (url, said):
        room = Room(database, other_bank(), ChatCarrier({"L1": [url]}))
        for _ in range(2):
            with pytest.raises(ApplicationError, match="a chat of L1 did not take the message"):
                await room.send(NEWS)

    assert len(said) == 2


@OLD_LIBRARY
def test_an_address_that_is_none_is_said_without_showing_it() -> None:
    with pytest.raises(BadInput) as raised:
        ChatCarrier({"L1": ["nothing://secret"]})

    assert "secret" not in str(raised.value)
