"""The process of a ticket on a real engine."""

from tests.conftest import Story, World, example


def printer_story() -> Story:
    return Story(customer="Bank Narew S.A.", service="MPS", region="METRO", priority="3")


async def test_a_breach_is_told_once_and_recorded_at_its_due_time(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T15:30")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T15:30")
        await process.until("2026-03-17T10:31")
        await process.send(story.reached("2026-03-17T10:45", "RESPONDED"))

        assert await process.result() == {"response": "BREACHED"}

    assert [notice.subject.split(":")[0] for notice in world.notifier.sent] == ["Warning 75 %", "Warning 90 %", "Breached"]
    record = world.milestones.records[f"ticket:test:{story.ticket.ticket_id}:response:breach:0"]
    assert record.at == story.at("2026-03-17T10:30")
    assert [update.kind for update in world.crm.updates] == ["clock.breached"]
