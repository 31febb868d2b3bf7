from decimal import Decimal

from domain.attainment import Attainment, Cell, attainment
from domain.clocks import ClockReading, read_clocks
from domain.events import EventKind, TicketEvent
from domain.terms import Agreement, AgreementKind
from tests.conftest import Story

FIX = {"target": "fix", "stop": "RESOLVED", "limit": "4h", "calendar": "24x7"}
LAST_DAY = {"target": "fix", "stop": "RESOLVED", "kind": "END_OF_DATE", "date_from": "last_day", "calendar": "24x7"}


def promising(target: dict[str, str], kind: AgreementKind = AgreementKind.CUSTOMER_SLA) -> Agreement:
    return Agreement.model_validate(
        {
            "agreement": "desk",
            "kind": kind,
            "provider": "Desk",
            "customer": "Shop",
            "service": "TILLS",
            "supports": [] if kind is AgreementKind.CUSTOMER_SLA else ["tills"],
            "time_zone": "Europe/Warsaw",
            "effective_from": "2026-01-01",
            "targets": [target],
        }
    )


def ticket() -> Story:
    return Story("+00:00", customer="Shop", service="TILLS")


def read(events: list[TicketEvent], as_of: str, agreement: Agreement | None = None) -> list[tuple[str, ClockReading]]:
    story = ticket()
    return [("2", reading) for reading in read_clocks([agreement or promising(FIX)], events, story.at(as_of))]


def resolved(created: str, at: str) -> list[tuple[str, ClockReading]]:
    story = ticket()
    story.created(created)
    story.reached(at, "RESOLVED")
    return read(story.events, "2026-06-01T00:00")


def test_37_met_and_3_breached_are_92_point_50_percent() -> None:
    assert Attainment(met=37, breached=3).percent == Decimal("92.50")


def test_a_share_is_rounded_down_so_that_nobody_is_shown_a_promise_he_missed() -> None:
    assert Attainment(met=94_999, breached=5_001).percent == Decimal("94.99")
    assert str(Attainment(met=2, breached=1).percent) == "66.66"
    assert str(Attainment(met=1, breached=0).percent) == "100.00"


def test_without_tickets_there_is_no_percentage() -> None:
    assert Attainment().percent is None
    assert attainment([]) == {}


def test_a_met_clock_counts_in_the_month_of_its_completion_in_the_zone_of_the_agreement() -> None:
    # 23:30 UTC on 31 March is 1 April in Warsaw.
    assert attainment(resolved("2026-03-31T21:00", "2026-03-31T23:30")) == {Cell("fix", "2", "2026-04"): Attainment(met=1)}


def test_a_breached_clock_counts_in_the_month_in_which_it_was_due() -> None:
    assert attainment(resolved("2026-03-20T08:00", "2026-05-02T08:00")) == {Cell("fix", "2", "2026-03"): Attainment(breached=1)}


def test_a_clock_that_is_open_counts_as_soon_as_it_is_late_and_not_before() -> None:
    story = ticket()
    story.created("2026-03-20T08:00")

    assert attainment(read(story.events, "2026-03-20T11:59")) == {}
    assert attainment(read(story.events, "2026-03-20T12:00")) == {Cell("fix", "2", "2026-03"): Attainment(breached=1)}


def test_a_cancelled_ticket_counts_nowhere_even_when_it_was_late() -> None:
    story = ticket()
    story.created("2026-03-20T08:00")
    story.tell("2026-03-21T08:00", EventKind.CANCELLED)

    assert attainment(read(story.events, "2026-03-22T08:00")) == {}


def test_what_was_executed_too_early_counts_as_breached() -> None:
    story = Story("+00:00", customer="Shop", service="TILLS", last_day="2026-02-27")
    story.created("2026-02-16T08:00")
    story.reached("2026-02-25T08:00", "RESOLVED")
    [(_, reading)] = read(story.events, "2026-03-01T00:00", promising(LAST_DAY))

    assert reading.executed_early
    assert attainment([("2", reading)]) == {Cell("fix", "2", "2026-02"): Attainment(breached=1)}


def test_each_cycle_of_a_target_counts_for_itself() -> None:
    story = ticket()
    story.created("2026-03-02T08:00")
    story.reached("2026-03-02T09:00", "RESOLVED")
    story.reopened("2026-03-30T08:00")
    story.reached("2026-03-31T08:00", "RESOLVED")

    assert attainment(read(story.events, "2026-06-01T00:00")) == {Cell("fix", "2", "2026-03"): Attainment(met=1, breached=1)}


def test_what_a_team_promises_is_counted_under_its_own_agreement() -> None:
    story = ticket()
    story.created("2026-03-20T08:00")
    story.reached("2026-03-20T09:00", "RESOLVED")
    judged = read(story.events, "2026-06-01T00:00", promising(FIX, AgreementKind.OLA))

    assert attainment(judged) == {Cell("desk/fix", "2", "2026-03"): Attainment(met=1)}
