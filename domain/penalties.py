"""Penalties for late tickets beside credits: which of them a period counts, and how a report shows them. Pure."""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Annotated

from pydantic import Field

from domain.agreement_parts import LatenessPenalty, Period
from domain.documents import AgreementDocument
from domain.period_evidence import TargetBreaches
from domain.values import Message


class PenaltyFigures(Message):
    """What late tickets of a target cost by started hours; finance has not approved anything.

    Late as they were when the period ended; one that was still open then costs more once it is settled.
    """

    target: str
    per_started_hour: str
    tickets: Annotated[int, Field(description="late tickets that are counted here")]
    of: Annotated[int, Field(description="breaches of the target; where a report names fewer, the amount is of those it names")]
    started_hours: int
    amount: str
    currency: str


def penalties_counted(document: AgreementDocument, kind: Period) -> tuple[LatenessPenalty, ...]:
    """The penalties that periods of a kind are charged with: those of the targets promised by it, so that no ticket pays twice."""
    promised = {each.target for each in document.targets if each.period is kind}
    return tuple(each for each in document.penalties if each.target in promised)


def penalty_figures(document: AgreementDocument, kind: Period, breaches: Iterable[TargetBreaches]) -> Iterator[PenaltyFigures]:
    """The penalties of a period, from its breached tickets; none where no ticket was late."""
    of = {each.target: each for each in breaches}
    for penalty in penalties_counted(document, kind):
        found = of.get(penalty.target)
        late: dict[str, int] = {}
        for each in found.tickets if found is not None else ():
            if each.late_minutes:
                late[each.ticket] = max(ceil(each.late_minutes / 60), late.get(each.ticket, 0))
        if found is not None and late:
            hours = sum(late.values())
            yield PenaltyFigures(
                target=penalty.target,
                per_started_hour=f"{penalty.per_started_hour:.2f}",
                tickets=len(late),
                of=found.count,
                started_hours=hours,
                amount=f"{penalty.per_started_hour * hours:.2f}",
                currency=document.currency,
            )
