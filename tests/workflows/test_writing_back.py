"""A help desk that wants to hears of due times, warnings and kept promises too; another hears of breaches alone."""

from tests.conftest import Story, World, example


def printer_story() -> Story:
    return Story("+01:00", customer="Bank Narew S.A.", service="MPS", region="METRO", priority="3")


async def told(world: World, story: Story, *, writes_back: bool) -> list[tuple[str, str | None]]:
    """Created at 8:00, due at 12:00, paused from 9:00 to 10:00, answered at 12:50: what the help desk was told, and due when."""
    story.created("2026-03-16T08:00")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T08:00", writes_back=writes_back)
        await process.send(story.paused("2026-03-16T09:00"))
        await process.send(story.resumed("2026-03-16T10:00"))
        await process.until("2026-03-16T12:30")
        await process.send(story.reached("2026-03-16T12:50", "RESPONDED"))
        assert await process.result() == {"response": "MET"}
    local = [each.due_at.astimezone(story.at("2026-03-16T08:00").tzinfo) if each.due_at else None for each in world.crm.updates]
    return [(each.kind, due.strftime("%H:%M") if due else None) for each, due in zip(world.crm.updates, local, strict=True)]


async def test_a_help_desk_that_is_written_to_hears_when_it_is_due_and_that_the_promise_was_kept(world: World) -> None:
    assert await told(world, printer_story(), writes_back=True) == [
        ("clock.due", "12:00"),
        ("clock.due", "13:00"),
        ("clock.warning", "13:00"),
        ("clock.warning", "13:00"),
        ("clock.met", "13:00"),
    ]
    assert len({update.key for update in world.crm.updates}) == 5


async def test_another_hears_of_breaches_alone(world: World) -> None:
    assert await told(world, printer_story(), writes_back=False) == []
