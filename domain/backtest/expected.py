"""What a proposal is expected to give back in a month, as far as a record tells."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.backtest.report import BacktestReport

_CENT = Decimal("0.01")


class ExpectedCredits(NamedTuple):
    """Service credits a month, in the proposal's currency, and where the figure comes from."""

    amount: Decimal
    source: str


def expected_credits_a_month(report: BacktestReport, proposal: str) -> ExpectedCredits | None:
    """The mean of the credits of the whole months, rounded half up to cents; None where they are not known.

    They are not known of a proposal the report does not have, without a price, or without a whole month.
    """
    found = next((each for each in report.proposals if each.proposal == proposal), None)
    if found is None or found.credit_total is None or not found.credit_months:
        return None
    amount = (Decimal(found.credit_total) / found.credit_months).quantize(_CENT, ROUND_HALF_UP)
    zone = ZoneInfo(report.measured.time_zone)
    since, until = (at.astimezone(zone).date() for at in (report.measured.since, report.measured.until))
    source = f"backtest {since} to {until}: {found.tickets} tickets, {found.credit_months} whole months, {found.credit_total} in all"
    return ExpectedCredits(amount, source)
