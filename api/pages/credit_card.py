"""Why a credit is owed: what was promised and achieved in its period, and where the report is."""

from typing import NamedTuple

from api.dependencies import Parts
from api.pages.deciding import AnyCase
from domain.follow_ups.credit import Credit
from domain.period_figures import PeriodFigures, TargetFigures
from domain.registry_numbers import in_addresses


class CreditCard(NamedTuple):
    """The figures a credit rests on, of the version of the period it was drafted from."""

    registry_no: str
    period: str
    figures: TargetFigures
    agreement: str
    report: str


async def credit_card(case: AnyCase, parts: Parts) -> CreditCard | None:
    """The card of a credit; None for other cases, and where the period's figures are not kept."""
    if not isinstance(case, Credit):
        return None
    versions = await parts.closed.versions(case.registry_no, case.period)
    found = next((row for row in versions if row.version == case.version), None)
    figures = PeriodFigures.model_validate(found.content).of_target(case.about) if found is not None else None
    if figures is None:
        return None
    agreement = f"/pages/agreements/{in_addresses(case.registry_no)}"
    return CreditCard(case.registry_no, case.period, figures, agreement, f"{agreement}/reports/{case.period}")
