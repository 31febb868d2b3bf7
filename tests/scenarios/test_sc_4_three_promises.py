"""SC-4, tickets: one incident with the clocks of an SLA, two teams and a supplier."""

from datetime import timedelta

from domain.attribution import attribute
from domain.clocks import ClockReading, ClockState, read_clocks
from domain.terms import terms_for
from tests.conftest import Story, World, example

NAMES = ("erp", "erp-desk", "erp-servers", "erp-vendor")


def incident() -> Story:
    story = Story("+02:00", customer="Logistyka Wisła S.A.", service="ERP", priority="1", held_by="desk")
    story.created("2026-05-13T09:00")
    return story


def handed_over(story: Story) -> None:
    story.changed("2026-05-13T09:50", held_by="servers")
    story.changed("2026-05-13T13:20", held_by="vendor")


def read(story: Story, as_of: str) -> dict[str, ClockReading]:
    terms = terms_for([example(name) for name in NAMES], story.attributes, story.events[0].occurred_at)
    return {reading.clock: reading for reading in read_clocks(terms.agreements, story.events, story.at(as_of))}


def test_each_promise_has_its_own_start_and_due_time() -> None:
    story = incident()
    opened = read(story, "2026-05-13T09:01")
    handed_over(story)
    handed = read(story, "2026-05-13T13:30")

    assert opened["solution"].due_at == story.at("2026-05-13T17:00"), "09:00 SLA due Wed 17:00"
    assert opened["erp-desk/desk"].due_at == story.at("2026-05-13T10:00"), "09:00 desk OLA due 10:00"
    assert set(opened) == {"solution", "erp-desk/desk"}, "nobody else has a clock yet"
    assert (handed["erp-desk/desk"].met, handed["erp-desk/desk"].spent) == (True, timedelta(minutes=50)), "09:50 desk 50 min, met"
    assert handed["erp-servers/servers"].due_at == story.at("2026-05-13T12:50"), "09:50 servers due 12:50"
    assert handed["erp-servers/servers"].breach_at == story.at("2026-05-13T12:50"), "12:50 servers' OLA breached"
    assert handed["erp-servers/servers"].spent == timedelta(minutes=210), "13:20 servers used 210 min"
    assert handed["erp-vendor/vendor"].due_at == story.at("2026-05-14T08:20"), "13:20 UC due Thu 08:20"
    assert not handed["solution"].breached, "12:50 SLA clock untouched"


def test_the_sla_warns_breaches_and_is_40_minutes_late_in_the_end() -> None:
    story = incident()
    handed_over(story)
    story.reached("2026-05-14T08:40", "RESOLVED")
    done = read(story, "2026-05-14T12:00")
    sla, vendor = done["solution"], done["erp-vendor/vendor"]

    warnings = [each.at for each in sla.milestones() if each.kind == "WARNING"]
    assert warnings == [story.at("2026-05-13T15:00"), story.at("2026-05-13T16:12")], "15:00 / 16:12 warnings"
    assert sla.breach_at == story.at("2026-05-13T17:00"), "17:00 SLA breached"
    assert (sla.spent, sla.remaining) == (timedelta(minutes=520), timedelta(minutes=-40)), "08:40 total 520, 40 late"
    assert vendor.breach_at == story.at("2026-05-14T08:20"), "08:20 UC breached"
    assert (vendor.spent, vendor.remaining) == (timedelta(minutes=260), timedelta(minutes=-20)), "08:40 vendor 260, 20 late"


def test_waiting_for_the_vendor_does_not_pause_the_sla_clock() -> None:
    story = incident()
    handed_over(story)
    story.paused("2026-05-13T13:20", "AWAITING_VENDOR")

    assert read(story, "2026-05-13T14:00")["solution"].state is ClockState.RUNNING, "kept, the SLA clock runs on"


def test_a_reopened_incident_goes_on_with_the_breached_sla_clock_and_not_with_the_desk() -> None:
    story = incident()
    handed_over(story)
    story.reached("2026-05-14T08:40", "RESOLVED")
    story.reopened("2026-05-18T10:00")
    reopened = read(story, "2026-05-18T10:30")

    assert (reopened["solution"].state, reopened["solution"].reopened) == (ClockState.RUNNING, 1), "same clock goes on"
    assert reopened["solution"].breach_at == story.at("2026-05-13T17:00"), "already breached"
    assert reopened["solution"].spent == timedelta(minutes=550), "the time between is not counted"
    assert reopened["erp-desk/desk"].state is ClockState.COMPLETED, "desk clock not reopened"


def test_lowering_the_priority_and_raising_it_again_gives_the_first_due_time_again() -> None:
    story = incident()
    story.changed("2026-05-13T12:00", priority="3")
    lowered = read(story, "2026-05-13T12:01")["solution"]
    story.changed("2026-05-13T12:30", priority="1")
    raised = read(story, "2026-05-13T12:31")["solution"]

    assert lowered.due_at == story.at("2026-05-14T16:00"), "16 h: Thu 14 May 16:00"
    assert lowered.milestones()[0].at == story.at("2026-05-14T12:00"), "75 % to Thu 12:00"
    assert raised.due_at == story.at("2026-05-13T17:00"), "Wed 17:00 again"


async def test_on_the_engine_every_promise_is_told_to_its_own_people_once(world: World) -> None:
    story = incident()
    async with world.workers():
        process = await world.start(story, [example(name) for name in NAMES], now="2026-05-13T09:00")
        await process.send(story.changed("2026-05-13T09:50", held_by="servers"))
        await process.send(story.changed("2026-05-13T13:20", held_by="vendor"))
        await process.until("2026-05-14T08:21")
        await process.send(story.reached("2026-05-14T08:40", "RESOLVED"))
        verdicts = await process.result()

    breaches = {record.clock: (record.at, record.recipients) for record in world.milestones.records.values() if record.kind == "BREACH"}
    assert verdicts == {
        "solution": "BREACHED",
        "erp-desk/desk": "MET",
        "erp-servers/servers": "BREACHED",
        "erp-vendor/vendor": "BREACHED",
    }
    assert breaches == {
        "solution": (story.at("2026-05-13T17:00"), ("CUSTOMER_REP", "SLM_MANAGER")),
        "erp-servers/servers": (story.at("2026-05-13T12:50"), ("TEAM_OWNER", "SLM_MANAGER")),
        "erp-vendor/vendor": (story.at("2026-05-14T08:20"), ("SUPPLIER_REP", "SUPPLY_MANAGER")),
    }
    subjects = [notice.subject for notice in world.notifier.sent if notice.subject.startswith("Breached: solution")]
    assert len(subjects) == 1, "17:00 customer, SLM manager told once"
    assert [update.clock for update in world.crm.updates if update.clock == "solution"] == ["solution"], "17:00 CRM told once"


def test_the_lateness_is_attributed_and_the_parts_add_up() -> None:
    story = incident()
    handed_over(story)
    story.reached("2026-05-14T08:40", "RESOLVED")
    clocks = read(story, "2026-05-14T12:00")
    parts = attribute(clocks["solution"], list(clocks.values()), story.events, story.at("2026-05-14T12:00"))

    over = {part.holder: part.over // timedelta(minutes=1) for part in parts}
    assert over == {"desk": -10, "servers": 30, "vendor": 20}, "Attribution: desk −10, servers +30, vendor +20"
    assert sum(over.values()) == 40, "sum +40 = lateness"
