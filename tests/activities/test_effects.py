"""Effects on the outside: each once by key, whatever dies in between."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.crm import CrmActivities
from activities.notices import NoticeActivities
from connectors.letter_writer import PlainWriter
from connectors.memory import MemoryDeliveries, MemoryMilestones, MemoryNotifier
from connectors.webhook import WebhookCrm, WebhookNotifier
from domain.clock_milestones import MilestoneKind
from domain.effects import CrmUpdate, MilestoneRecord, Notice, Telling, TicketRef
from domain.ports import Attempt, DeliveryState, Refused
from store.database import Database
from store.deliveries import Deliveries
from store.mailbox import Mailbox
from store.milestones import Milestones
from tests.conftest import SECRET
from tests.receiver import receiving

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
TICKET = TicketRef(source="crm", ticket_id="T-1")
NOTICE = Notice(key="ticket:crm:T-1:response:breach:0", ticket=TICKET, recipients=("SLM_MANAGER",), subject="Breached", body="…")
UPDATE = CrmUpdate(key="k:crm", ticket=TICKET, kind="clock.breached", clock="response", agreement="a", at=AT, text="Breached")


class Refusing:
    name = "refusing"

    async def send(self, notice: Notice) -> None:  # noqa: ARG002
        raise Refused("no such address")


class Failing:
    name = "failing"

    async def send(self, notice: Notice) -> None:  # noqa: ARG002
        raise ConnectionError("down")


def now() -> datetime:
    return datetime.now(UTC)


async def test_a_notice_that_was_sent_is_not_sent_again() -> None:
    channel = MemoryNotifier()
    activities = NoticeActivities([channel], MemoryDeliveries(), MemoryMilestones())
    await ActivityEnvironment().run(activities.send_notice, NOTICE)
    await ActivityEnvironment().run(activities.send_notice, NOTICE)

    assert channel.sent == [NOTICE]


async def test_a_failing_channel_does_not_keep_the_others_from_the_notice() -> None:
    channel, log = MemoryNotifier(), MemoryDeliveries()
    activities = NoticeActivities([Failing(), channel], log, MemoryMilestones())
    for _ in range(2):
        with pytest.raises(ApplicationError, match="failing: down"):
            await ActivityEnvironment().run(activities.send_notice, NOTICE)

    assert channel.sent == [NOTICE]
    assert log.states[NOTICE.key, "failing"] is DeliveryState.PENDING


async def test_a_refusal_is_kept_and_not_tried_again() -> None:
    log = MemoryDeliveries()
    activities = NoticeActivities([Refusing()], log, MemoryMilestones())
    await ActivityEnvironment().run(activities.send_notice, NOTICE)

    assert log.states[NOTICE.key, "refusing"] is DeliveryState.REFUSED


async def test_the_delivery_log_counts_attempts_and_keeps_the_last_error(database: Database) -> None:
    log = Deliveries(database)
    states = [await log.state(NOTICE.key, "c")]
    await log.note(Attempt(NOTICE, "c", DeliveryState.PENDING, AT, "down"))
    states.append(await log.state(NOTICE.key, "c"))
    await log.note(Attempt(NOTICE, "c", DeliveryState.DELIVERED, AT))
    states.append(await log.state(NOTICE.key, "c"))
    [row] = await log.of_ticket(NOTICE.key)

    assert states == [DeliveryState.PENDING, DeliveryState.PENDING, DeliveryState.DELIVERED]
    assert (row.attempts, row.state, row.error) == (2, "DELIVERED", None)


async def test_the_mailbox_keeps_one_message_per_key(database: Database) -> None:
    mailbox, letter = Mailbox(database, now), PlainWriter().write_to_nobody(NOTICE, NOTICE.recipients)
    await mailbox.carry(letter)
    await mailbox.carry(letter)

    assert [message.message_id for message in await mailbox.messages(10)] == [NOTICE.key]


async def test_a_webhook_carries_the_key_as_its_id_and_a_signature_that_verifies() -> None:
    with receiving() as receiver:
        channel = WebhookNotifier(receiver.url, SECRET, now)
        await channel.send(NOTICE)
        await channel.send(NOTICE)
        await WebhookCrm(receiver.url, SECRET, now).update_ticket(UPDATE)

    assert dict(receiver.arrivals) == {NOTICE.key: 2, UPDATE.key: 1}
    assert b'"type":"servanda.clock.breached"' in receiver.kept[UPDATE.key]


@pytest.mark.parametrize(("status", "refused"), [(400, True), (404, True), (410, True), (429, False), (500, False), (503, False)])
async def test_a_receivers_no_is_final_only_where_it_says_so(status: int, refused: bool) -> None:  # noqa: FBT001
    with receiving(status) as receiver, pytest.raises(Exception) as raised:  # noqa: PT011
        await WebhookNotifier(receiver.url, SECRET, now).send(NOTICE)

    assert isinstance(raised.value, Refused) is refused


async def test_a_crm_that_refuses_is_not_asked_again() -> None:
    with receiving(422) as receiver:
        log = MemoryDeliveries()
        activities = CrmActivities(WebhookCrm(receiver.url, SECRET, now), log)
        with pytest.raises(ApplicationError) as raised:
            await ActivityEnvironment().run(activities.update_ticket, UPDATE)

    assert raised.value.non_retryable
    assert log.states[UPDATE.key, "crm-webhook"] is DeliveryState.REFUSED


async def test_a_digest_is_one_notice_per_receiver_and_is_not_sent_again(database: Database) -> None:
    milestones, notifier = Milestones(database, lambda _: "Q1"), MemoryNotifier()
    for index, (kind, receiver) in enumerate([("WARNING", "OWNER"), ("BREACH", "SLM_MANAGER"), ("BREACH", "SLM_MANAGER")]):
        record = MilestoneRecord(
            key=f"k{index}",
            ticket=TICKET,
            clock="response",
            kind=MilestoneKind(kind),
            level=0,
            at=AT,
            detected_at=AT + timedelta(days=9),
            telling=Telling.DIGEST,
            recipients=(receiver,),
        )
        await milestones.record([record, record])
    activities = NoticeActivities([notifier], Deliveries(database), milestones)
    await ActivityEnvironment().run(activities.send_digest, "Q1")
    await ActivityEnvironment().run(activities.send_digest, "Q1")

    assert [(notice.recipients, notice.subject) for notice in notifier.sent] == [
        (("OWNER",), "Recorded, not told one by one: 1 milestone older than a day"),
        (("SLM_MANAGER",), "Recorded, not told one by one: 2 milestones older than a day"),
    ]
