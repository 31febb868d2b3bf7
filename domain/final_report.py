"""The report over the whole term of an agreement that has ended, to both parties."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import AwareDatetime

from domain.follow_ups.credit import Credit, CreditState
from domain.results import Colour, TargetResult, Verdict
from domain.values import Message

_BOTH_KNOW = frozenset({CreditState.APPROVED, CreditState.DISPUTED, CreditState.SETTLED})


class FinalTarget(Message):
    """What a target came to in a stretch of the term."""

    target: str
    promised: str
    achieved: str | None
    verdict: Verdict
    colour: Colour

    @classmethod
    def of(cls, name: str, result: TargetResult) -> Self:
        """A result as it is shown."""
        shown = {"promised": result.promised_shown, "achieved": result.shown}
        return cls(target=name, verdict=result.verdict, colour=result.colour, **shown)


class FinalStage(Message):
    """What was in force from the beginning to the end, or between two material changes, and all it came to."""

    version: str
    begins: AwareDatetime
    ends: AwareDatetime
    targets: tuple[FinalTarget, ...]


class FinalPeriod(Message):
    """A closed period, by its last version."""

    period: str
    version: int
    targets: tuple[FinalTarget, ...]

    @classmethod
    def of(cls, period: str, version: int, content: Mapping[str, Any]) -> Self:
        """A version as it is kept."""
        names = FinalTarget.model_fields
        return cls(period=period, version=version, targets=tuple({name: each[name] for name in names} for each in content["targets"]))


class FinalCredit(Message):
    """A credit that both parties know of."""

    target: str
    period: str
    amount: Decimal
    currency: str
    state: str


class FinalReport(Message):
    """The whole term: its stages, its closed periods, its credits; and why it ended, if that was early."""

    registry_no: str
    title: str
    provider: str
    customer: str
    state: str
    begins: AwareDatetime
    ends: AwareDatetime
    basis: str | None = None
    legal_ref: str | None = None
    stages: tuple[FinalStage, ...]
    periods: tuple[FinalPeriod, ...]
    credits: tuple[FinalCredit, ...]


def known_to_both(found: Sequence[Credit]) -> tuple[FinalCredit, ...]:
    """The credits without drafts and those that were refused."""
    shown = [each for each in found if each.state in _BOTH_KNOW]
    return tuple(
        FinalCredit(target=each.about, period=each.period, amount=each.amount, currency=each.currency, state=each.state) for each in shown
    )


def stage_of(version: str, span: tuple[datetime, datetime], results: Mapping[str, TargetResult]) -> FinalStage:
    """A stage and what it came to."""
    targets = tuple(FinalTarget.of(name, result) for name, result in results.items())
    return FinalStage(version=version, begins=span[0], ends=span[1], targets=targets)
