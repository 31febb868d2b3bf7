"""SC-8, the ticket: nobody works from 10:12 to 16:40, and the due time of 12:30 passes."""

import asyncio

from domain.effects import Telling
from tests.conftest import Story, World, example


async def test_the_breach_keeps_its_due_time_and_is_told_once_when_workers_are_back(world: World) -> None:
    story = Story(customer="Bank Narew S.A.", service="MPS", region="METRO")
    story.created("2026-03-24T08:30")
    warned = {"response:warning:75": story.at("2026-03-24T11:30"), "response:warning:90": story.at("2026-03-24T12:06")}
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-24T12:29:57", told=warned)
        await asyncio.sleep(1)
    run_before = (await process.handle.describe()).run_id
    await asyncio.sleep(4)  # 12:30 passes, and nobody is there to see it
    told_during_the_outage = list(world.notifier.sent)
    async with world.workers():
        await process.send(story.reached("2026-03-24T12:31", "RESPONDED"))
        verdicts = await process.result()

    breach = world.milestones.records[f"ticket:test:{story.ticket.ticket_id}:response:breach:0"]
    assert told_during_the_outage == [], "10:12 to 16:40: nothing can be sent"
    assert verdicts == {"response": "BREACHED"}
    assert breach.at == story.at("2026-03-24T12:30"), "16:40: breach_at 12:30"
    assert breach.detected_at > story.at("2026-03-24T12:30:01"), "16:40: detected_at is later"
    assert [notice.subject.split(":")[0] for notice in world.notifier.sent] == ["Breached"], "16:40: one notice"
    assert (await process.handle.describe()).run_id == run_before, "same workflow id and run"


async def test_what_a_late_start_finds_overdue_is_recorded_when_it_was_true_and_detected_now(world: World) -> None:
    story = Story(customer="Bank Narew S.A.", service="MPS", region="METRO")
    story.created("2026-03-24T08:30")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-24T16:40")
        await process.send(story.reached("2026-03-24T16:45", "RESPONDED"))
        await process.result()

    records = {(record.kind.value, record.level): record for record in world.milestones.records.values()}
    assert records["BREACH", 0].at == story.at("2026-03-24T12:30"), "breach_at 12:30"
    assert records["BREACH", 0].detected_at.replace(second=0, microsecond=0) == story.at("2026-03-24T16:40"), "detected_at 16:40"
    assert {key: record.telling for key, record in records.items()} == {
        ("WARNING", 75): Telling.SUPERSEDED,
        ("WARNING", 90): Telling.SUPERSEDED,
        ("BREACH", 0): Telling.TOLD,
        ("ESCALATION", 1): Telling.SUPERSEDED,
    }, "one notice: the breach, not the warnings before it nor the step after it"
