"""Penalties for late tickets in reports and closings: by started hours, and in the periods a target is promised by."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.agreement_parts import LatenessPenalty, Period
from domain.documents import AgreementDocument
from domain.penalties import penalties_counted, penalty_figures
from domain.period_evidence import BreachFigures, TargetBreaches
from tests.domain.drafts import bank_draft

AT = datetime(2026, 4, 8, 10, tzinfo=UTC)


def document(period: Period = Period.MONTH) -> AgreementDocument:
    found = bank_draft().documents[1]
    targets = tuple(each.model_copy(update={"period": period}) for each in found.targets)
    penalty = LatenessPenalty(target=targets[0].target, per_started_hour=Decimal(50))
    return found.model_copy(update={"targets": targets, "penalties": (penalty,)})


def breached(late: dict[str, float | None], count: int | None = None) -> TargetBreaches:
    tickets = [BreachFigures(ticket=name, clock="response", breach_at=AT, late_minutes=each, parts=()) for name, each in late.items()]
    return TargetBreaches.of(document().targets[0].target, count or len(tickets), tickets)


def test_every_started_hour_of_every_late_ticket_costs() -> None:
    late = breached({"crm/a": 60.0, "crm/b": 60.5, "crm/c": 1.0, "crm/d": 0.0, "crm/e": None}, 7)
    [found] = penalty_figures(document(), Period.MONTH, [late])

    assert (found.tickets, found.of, found.started_hours) == (3, 7, 4)
    assert (found.per_started_hour, found.amount) == ("50.00", "200.00")


def test_nothing_late_costs_nothing() -> None:
    assert list(penalty_figures(document(), Period.MONTH, [breached({"crm/a": 0.0})])) == []
    assert list(penalty_figures(document(), Period.MONTH, [])) == []


@pytest.mark.parametrize("promised", list(Period))
def test_no_ticket_pays_in_a_month_and_once_more_in_the_quarter(promised: Period) -> None:
    charged = [kind for kind in Period if penalties_counted(document(promised), kind)]
    assert charged == [promised]
