"""A claim on a supplier whose contract was broken, with the date by which it must be made."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field

from domain.actors import Act
from domain.agreement_parts import Currency, Money
from domain.cases import Action
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, News, Reason, refuse_held, row
from domain.human_tasks import Assignment
from domain.people import Role


class ClaimState(StrEnum):
    """Where a claim stands."""

    OPEN = "OPEN"
    FILED = "FILED"
    SETTLED = "SETTLED"
    DROPPED = "DROPPED"
    LAPSED = "LAPSED"


S = ClaimState


class Claim(FollowUp):
    """What a supplier owes for a missed target; `caused` names the agreements and tickets its miss made late.

    While legal has to rule on a withdrawal it is `held`: nobody decides on it, and it does not lapse.
    """

    state: ClaimState = S.OPEN
    amount: Money
    currency: Currency
    why: tuple[str, ...]
    caused: tuple[str, ...] = ()
    claim_by: AwareDatetime
    held: bool = False

    @property
    def kind(self) -> FollowUpKind:
        """A claim."""
        return FollowUpKind.CLAIM

    def begun(self) -> Self:
        """The supply manager is asked, and reminded before it is too late.

        A claim by the end of 31 July is due at the first instant of 1 August; the days of the reminder are counted back from
        the start of the 31st, so that 15 days before is 16 July.
        """
        case = self.asking_by("FILE_CLAIM", self.claim_by, self.entered_at, Assignment(Role.SUPPLY_MANAGER))
        reminder = case.days_after(self.claim_by, -1 - self.policy.claim_reminder_days)
        case = case.until("claim_reminder", reminder) if reminder > self.entered_at else case
        return case.until("claim_lapsed", self.claim_by)


class FileClaim(Action):
    """The claim was made to the supplier."""

    action: Literal["file_claim"] = "file_claim"
    reference: Annotated[str, Field(min_length=1, max_length=200, description="letter or ticket at the supplier")]


class SettleClaim(Action):
    """The supplier gave something back."""

    action: Literal["settle_claim"] = "settle_claim"
    amount: Annotated[Money, Field(ge=0)]


class DropClaim(Action):
    """The claim is not made, or not followed."""

    action: Literal["drop_claim"] = "drop_claim"
    reason: Reason


def file_claim(case: Claim, action: FileClaim, act: Act) -> Claim:
    """It is with the supplier, in time."""
    refuse_held(held=case.held)
    return case.done("FILE_CLAIM", act).entering(S.FILED, act.at, action.reference)


def settle_claim(case: Claim, action: SettleClaim, act: Act) -> Claim:
    """What it came to."""
    refuse_held(held=case.held)
    return case.entering(S.SETTLED, act.at).but(amount=action.amount)


def drop_claim(case: Claim, action: DropClaim, act: Act) -> Claim:
    """For a reason that is kept."""
    refuse_held(held=case.held)
    return case.entering(S.DROPPED, act.at, action.reason)


def _remind(case: Claim, _: datetime) -> Claim:
    said = (
        f"{case.amount} {case.currency} for {case.about} in {case.period} can be claimed for {case.policy.claim_reminder_days} more days."
    )
    return case.telling(
        "SUPPLY_MANAGER",
        subject=f"Claim under {case.registry_no} not made yet",
        body=said,
        phrase="claim_reminder",
        amount=str(case.amount),
        currency=case.currency,
        days=case.policy.claim_reminder_days,
    )


def _lapsed(case: Claim, at: datetime) -> Claim:
    if case.held:
        return case
    case = case.entering(S.LAPSED, at, "not claimed in time")
    said = f"{case.amount} {case.currency} for {case.about} in {case.period} can no longer be claimed."
    return case.telling(
        "SUPPLY_MANAGER",
        "SLM_MANAGER",
        subject=f"Claim under {case.registry_no} lapsed",
        body=said,
        phrase="claim_lapsed",
        amount=str(case.amount),
        currency=case.currency,
    )


def _recounted(case: Claim, news: News) -> Claim:
    """Late facts give another amount, as long as it is not claimed."""
    changed = {"amount": Decimal(str(news.content["amount"])), "why": tuple(news.content["why"])}
    return case.but(**changed) if case.state is S.OPEN else case


def _held(case: Claim, _: News) -> Claim:
    return case.but(held=True)


def _hold_ended(case: Claim, news: News) -> Claim:
    """What could not be claimed while it was held can be for as long as it is reminded of."""
    case = case.but(held=False)
    if case.state is not S.OPEN or case.claim_by > news.at:
        return case
    return case.until("claim_lapsed", case.days_after(news.at, case.policy.claim_reminder_days))


_SUPPLY = (Role.SUPPLY_MANAGER,)

CLAIM = Kind(
    table=(
        row(S.OPEN, "file_claim", _SUPPLY, S.FILED),
        row(S.OPEN, "drop_claim", _SUPPLY, S.DROPPED),
        row(S.OPEN, "claim_reminder", ()),
        row(S.OPEN, "redrafted", ()),
        row(S.OPEN, "claim_lapsed", (), S.OPEN, S.LAPSED),
        *(row(at, news, ()) for news in ("legal_hold", "hold_ended") for at in (S.OPEN, S.FILED)),
        row(S.FILED, "settle_claim", _SUPPLY, S.SETTLED),
        row(S.FILED, "drop_claim", _SUPPLY, S.DROPPED),
    ),
    actions={FileClaim: file_claim, SettleClaim: settle_claim, DropClaim: drop_claim},
    stages={},
    deadlines={"claim_reminder": _remind, "claim_lapsed": _lapsed},
    hears={"redrafted": _recounted, "legal_hold": _held, "hold_ended": _hold_ended},
    ends=frozenset({S.SETTLED, S.DROPPED, S.LAPSED}),
)
