"""SC-3, the rules: months of an availability promise, their credits, and the traps, with the figures of its table."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from domain.agreement_parts import CreditBand, CreditTable, Period
from domain.availability import Availability, AvailabilityFacts, availability_in
from domain.calendars import calendar_of
from domain.credits import CreditBounds, CreditDraft, Missed, credit_drafts
from domain.early_warning import burn_rate, recent_window
from domain.figures import shown
from domain.periods import PeriodSpan, period_at
from domain.results import Colour, TargetResult, Verdict, is_chronic, may_be_ended, of_availability
from domain.spans import Span
from domain.terms import around_the_clock

WARSAW = ZoneInfo("Europe/Warsaw")
ALWAYS = calendar_of(around_the_clock("Europe/Warsaw"))
PROMISED = Fraction(999, 10)
FEE = Decimal(20_000)
YEAR_CAP = CreditBounds(year=Decimal(24_000))


def table(target: str, *bands: tuple[str, str]) -> CreditTable:
    return CreditTable(target=target, bands=tuple(CreditBand(below=Decimal(below), credit=Decimal(credit)) for below, credit in bands))


AVAIL_99_9 = table("availability", ("99.9", "10"), ("99.0", "25"), ("95.0", "100"))
AVAIL_99_99 = table("availability", ("99.99", "10"), ("99.0", "30"), ("95.0", "100"))


def month(name: str) -> PeriodSpan:
    return period_at(Period.MONTH, datetime.fromisoformat(f"{name}-15").replace(tzinfo=WARSAW), WARSAW)


def minutes_from(start: datetime, minutes: str) -> Span:
    begins = start.astimezone(UTC)
    return Span(begins, begins + timedelta(minutes=1) * Decimal(minutes).as_integer_ratio()[0] / Decimal(minutes).as_integer_ratio()[1])


def measured(name: str, down: str, excluded: str = "0", unknown: str = "0") -> Availability:
    """A month with so many minutes down, excluded and unknown, one after the other from its 5th, 10th and 20th day on."""
    period = month(name)

    def stretch(day: int, minutes: str) -> tuple[Span, ...]:
        return (minutes_from(period.start.replace(day=day), minutes),) if minutes != "0" else ()

    facts = AvailabilityFacts(down=stretch(5, down), excluded=stretch(10, excluded), unknown=stretch(20, unknown))
    return availability_in(Span(period.start, period.end), ALWAYS, facts)


def credit(result: TargetResult, given: str = "0") -> list[CreditDraft]:
    assert result.achieved is not None
    missed = [Missed("availability", result.achieved)] if result.verdict is Verdict.MISSED else []
    return credit_drafts([AVAIL_99_9], missed, FEE, YEAR_CAP, Decimal(given))


MONTHS = [
    ("2026-03", "35.7", "0", 44_580, "99.9199 %", Colour.AMBER, "80.0"),
    ("2026-04", "52", "0", 43_200, "99.8796 %", Colour.RED, "120.3"),
    ("2026-05", "500", "0", 44_640, "98.8799 %", Colour.RED, "1120.0"),
    ("2026-06", "43", "0", 43_200, "99.9004 %", Colour.AMBER, "99.5"),
    ("2026-07", "44.6", "120", 44_520, "99.8998 %", Colour.RED, "100.1"),
    ("2026-08", "0", "0", 44_640, "100.0000 %", Colour.GREEN, "0.0"),
    ("2026-10", "44.7", "0", 44_700, "99.9000 %", Colour.AMBER, "100.0"),
]
CREDITS = {"2026-04": "2000.00", "2026-05": "5000.00", "2026-07": "2000.00"}


@pytest.mark.parametrize(("name", "down", "excluded", "agreed", "figure", "colour", "used"), MONTHS, ids=[row[0] for row in MONTHS])
def test_a_month_comes_to_what_the_table_says(
    name: str, down: str, excluded: str, agreed: int, figure: str, colour: Colour, used: str
) -> None:
    found = measured(name, down, excluded)
    result = of_availability(PROMISED, found)

    assert found.agreed == timedelta(minutes=agreed), "AST"
    assert (result.shown, result.colour) == (figure, colour)
    assert result.used is not None
    assert shown(result.used, 1) == used, "share of the allowance"
    assert [str(each.amount) for each in credit(result)] == ([CREDITS[name]] if name in CREDITS else [])


def test_maintenance_that_was_agreed_is_taken_out_of_both_times() -> None:
    wrong = of_availability(PROMISED, measured("2026-07", "44.6"))

    assert (wrong.shown, wrong.verdict) == ("99.9000 %", Verdict.MET), "July would wrongly be met without removing it"


@pytest.mark.parametrize(("down", "verdict", "figure"), [("43.2", Verdict.MET, "99.9000 %"), ("43.21", Verdict.MISSED, "99.8999 %")])
def test_equal_is_met_and_a_hair_less_is_missed_and_never_reads_99_9(down: str, verdict: Verdict, figure: str) -> None:
    result = of_availability(PROMISED, measured("2026-06", down))

    assert (result.verdict, result.shown) == (verdict, figure)


@pytest.mark.parametrize(("down", "colour"), [("35.7", Colour.AMBER), ("35.6", Colour.GREEN), ("44.6", Colour.RED)])
def test_march_turns_amber_at_four_fifths_of_its_allowance(down: str, colour: Colour) -> None:
    assert of_availability(PROMISED, measured("2026-03", down)).colour is colour


def test_two_red_months_are_chronic_and_three_may_end_it() -> None:
    months = [of_availability(PROMISED, measured(name, down, excluded)).colour for name, down, excluded, *_ in MONTHS[:3]]

    assert not is_chronic(months[:2])
    assert is_chronic(months), "April and May red: chronic on 1 June"
    assert not may_be_ended(months)
    assert may_be_ended([*months, Colour.RED])
    assert is_chronic([Colour.RED, Colour.GREEN, Colour.RED, Colour.GREEN, Colour.RED]), "three of the last six"
    assert not is_chronic([Colour.RED, Colour.RED, Colour.GREEN]), "the last one was kept"


def test_the_suppliers_table_gives_the_claim_of_may() -> None:
    result = of_availability(Fraction("99.99"), measured("2026-05", "500"))
    assert result.achieved is not None
    [claim] = credit_drafts([AVAIL_99_99], [Missed("availability", result.achieved)], Decimal(6_000), CreditBounds())

    assert (result.shown, claim.amount) == ("98.8799 %", Decimal("1800.00"))


def test_the_cap_of_the_year_leaves_a_thousand() -> None:
    [draft] = credit(of_availability(PROMISED, measured("2026-05", "500")), given="23000")

    assert draft.amount == Decimal(1_000)
    assert draft.why == ("25 % of 20000 for availability", "the cap of the year leaves 1000")


def test_the_customers_figure_of_august_would_give_two_thousand() -> None:
    result = of_availability(PROMISED, measured("2026-08", "90"))

    assert (result.shown, [each.amount for each in credit(result)]) == ("99.7983 %", [Decimal("2000.00")])


@pytest.mark.parametrize(
    ("unknown", "verdict", "agreed"), [("5000", Verdict.NOT_MEASURED, 38_200), ("4000", Verdict.MET, 39_200), ("4320", Verdict.MET, 38_880)]
)
def test_too_much_unknown_is_not_measured_and_a_tenth_is_left_out(unknown: str, verdict: Verdict, agreed: int) -> None:
    found = measured("2026-04", "0", unknown=unknown)

    assert (of_availability(PROMISED, found).verdict, found.agreed) == (verdict, timedelta(minutes=agreed))


def so_far(until: datetime, *down: Span) -> tuple[TargetResult, TargetResult]:
    """April up to an instant, and its recent window."""
    gone = Span(month("2026-04").start, until)
    whole, recent = (availability_in(span, ALWAYS, AvailabilityFacts(down)) for span in (gone, recent_window(gone)))
    return of_availability(PROMISED, whole), of_availability(PROMISED, recent)


def test_two_thirds_of_the_allowance_in_a_third_of_the_month_is_a_warning() -> None:
    tenth = datetime(2026, 4, 10, tzinfo=WARSAW)
    outage = minutes_from(datetime(2026, 4, 9, 4, tzinfo=WARSAW), "30")
    warning = burn_rate("availability", *so_far(tenth, outage))
    assert warning is not None

    assert tenth - month("2026-04").start == timedelta(minutes=12_960), "12 960 of 43 200 min are gone"
    assert shown(Fraction(30 * 100) / Fraction("43.2"), 0) == "69", "69 % of the month's allowance in 30 % of it"
    assert (warning.kind.value, shown(warning.figure, 1), warning.limit) == ("BURN_RATE", "2.3", Fraction(2)), "ratio 2.3 > 2"
    assert burn_rate("availability", *so_far(tenth, minutes_from(outage.start, "25.92"))) is None, "exactly 2 is no warning"


def test_the_warning_ends_when_its_cause_is_gone() -> None:
    outage = minutes_from(datetime(2026, 4, 9, 4, tzinfo=WARSAW), "30")
    rates = {day: burn_rate("availability", *so_far(datetime(2026, 4, day, 4, 30, tzinfo=WARSAW), outage)) for day in (9, 10, 11)}

    assert [day for day, warning in rates.items() if warning is not None] == [9], "on the 10th a day has gone by without a fault"
