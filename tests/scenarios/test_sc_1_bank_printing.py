"""SC-1, tickets: the same printer, promised differently in the city and in the country."""

from datetime import timedelta

from domain.clocks import ClockReading, read_clocks
from domain.terms import Agreement, Alert, Terms, terms_for
from tests.conftest import Story, World, example


def agreements() -> list[Agreement]:
    return [example("printers-warsaw"), example("printers-podlasie")]


def printer(region: str | None, offset: str = "+01:00") -> Story:
    where = {} if region is None else {"region": region}
    return Story(offset, customer="Bank Narew S.A.", service="MPS", **where)


def terms_of(story: Story) -> Terms:
    return terms_for(agreements(), story.attributes, story.events[0].occurred_at)


def read(story: Story, as_of: str) -> ClockReading:
    [reading] = read_clocks(terms_of(story).agreements, story.events, story.at(as_of))
    return reading


def warnings(reading: ClockReading) -> list[str]:
    return [each.at.isoformat() for each in reading.milestones() if each.kind == "WARNING"]


def test_t1_is_met_with_215_business_minutes_and_only_the_first_warning_due() -> None:
    story = printer("METRO")
    story.created("2026-03-16T15:30")
    story.reached("2026-03-17T10:05", "RESPONDED")
    reading = read(story, "2026-03-17T12:00")

    assert reading.due_at == story.at("2026-03-17T10:30"), "T1 due"
    assert reading.met, "T1 met"
    assert reading.spent == timedelta(minutes=215), "T1 business minutes"
    assert warnings(reading) == ["2026-03-17T08:30:00+00:00"], "T1 75 % at 09:30 local, 90 % (10:06) not"


def test_t2_is_met_next_business_day_without_a_warning() -> None:
    story = printer("REMOTE")
    story.created("2026-03-16T15:30")
    story.reached("2026-03-17T14:20", "RESPONDED")
    reading = read(story, "2026-03-17T18:00")

    assert reading.due_at == story.at("2026-03-17T17:00"), "T2 due"
    assert reading.met, "T2 met"
    assert reading.spent == timedelta(minutes=470), "T2 would miss 4 business hours"
    assert warnings(reading) == [], "T2 75 % would be 14:22"


def test_t2_warns_at_14_22_as_long_as_nobody_responds() -> None:
    story = printer("REMOTE")
    story.created("2026-03-16T15:30")

    assert warnings(read(story, "2026-03-16T16:00"))[0] == "2026-03-17T13:22:30+00:00", "75 % of 630 business minutes"


def test_t3_at_the_due_instant_is_met() -> None:
    story = printer("METRO", offset="+02:00")
    story.created("2026-04-03T14:00")
    story.reached("2026-04-07T09:00", "RESPONDED")
    reading = read(story, "2026-04-07T10:00")

    assert reading.due_at == story.at("2026-04-07T09:00"), "T3 due"
    assert reading.met, "T3 equal counts as met"


def test_t4_one_minute_late_is_breached_at_its_due_time() -> None:
    story = printer("METRO")
    story.created("2026-03-21T12:00")
    story.reached("2026-03-23T12:01", "RESPONDED")
    reading = read(story, "2026-03-23T15:00")

    assert reading.due_at == story.at("2026-03-23T12:00"), "T4 due"
    assert reading.breach_at == story.at("2026-03-23T12:00"), "T4 breach_at"
    assert not reading.met, "T4 breached"


def test_t5_a_site_without_region_has_no_clock_and_an_alert() -> None:
    story = printer(None)
    story.created("2026-03-16T09:00")
    terms = terms_of(story)

    assert terms == Terms((), Alert.NO_REGION), "T5 alert"
    assert read_clocks(terms.agreements, story.events, story.at("2026-03-17T09:00")) == [], "T5 no clock"


async def test_t1_on_the_engine_sends_exactly_one_warning(world: World) -> None:
    story = printer("METRO")
    story.created("2026-03-16T15:30")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T15:30")
        await process.until("2026-03-17T09:31")
        await process.send(story.reached("2026-03-17T10:05", "RESPONDED"))

        assert await process.result() == {"response": "MET"}, "T1 met"

    assert [notice.subject for notice in world.notifier.sent] == [f"Warning 75 %: response of ticket {story.ticket.ticket_id}"]
