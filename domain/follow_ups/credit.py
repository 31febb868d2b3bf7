"""A service credit: drafted by the agreed bands, approved by finance, told to billing once, disputable for a time."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field

from domain.actors import Act
from domain.agreement_parts import Currency, Money
from domain.cases import Action
from domain.effects import CreditNote
from domain.errors import Conflict
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, News, Reason, refuse_held, row
from domain.human_tasks import Assignment
from domain.people import Key, Role


class CreditState(StrEnum):
    """Where a credit stands."""

    DRAFTED = "DRAFTED"
    APPROVED = "APPROVED"
    DISPUTED = "DISPUTED"
    SETTLED = "SETTLED"
    REJECTED = "REJECTED"


S = CreditState


class Credit(FollowUp):
    """What a missed target gives back. `notes` is what billing was told; `why` explains every step to the amount.

    While the figures it rests on are disputed it `waits`, and while legal has to rule on a withdrawal it is `held`: nobody
    decides on it, and its own time to be disputed does not end. `cause` is the root cause of the miss, if somebody named one:
    of several targets that one root cause hit, only the highest credit counts (R-135).
    """

    state: CreditState = S.DRAFTED
    amount: Money
    currency: Currency
    why: tuple[str, ...]
    version: int = 1
    waits: bool = False
    held: bool = False
    cause: str | None = None
    notes: tuple[CreditNote, ...] = ()

    @property
    def kind(self) -> FollowUpKind:
        """A credit."""
        return FollowUpKind.CREDIT

    @property
    def has_effect(self) -> bool:
        """With a root cause named the credits of the period are drafted anew, until finance has decided."""
        return self.cause is not None and self.state is S.DRAFTED

    @property
    def stated(self) -> str | None:
        """The root cause."""
        return self.cause

    @property
    def bills(self) -> tuple[CreditNote, ...]:
        """What billing is told, each note once."""
        return self.notes

    @property
    def billed(self) -> Decimal:
        """What billing was told in all."""
        return sum((note.amount for note in self.notes), Decimal(0))

    def begun(self) -> Self:
        """Finance is asked."""
        return self.asking("APPROVE_CREDIT", self.entered_at, Assignment(Role.FINANCE))

    def billing(self, amount: Decimal, at: datetime) -> "Credit":
        """The credit with billing told of the amount, less what it was told before."""
        if amount == self.billed:
            return self.but(amount=amount)
        note = CreditNote(
            key=f"{self.case_id}:note:{len(self.notes) + 1}",
            case_id=self.case_id,
            registry_no=self.registry_no,
            customer=self.customer,
            target=self.about,
            period=self.period,
            amount=amount - self.billed,
            currency=self.currency,
            at=at,
        )
        return self.but(amount=amount, notes=(*self.notes, note))


class NameCause(Action):
    """Misses of the period with the same root cause share it; another name parts them again."""

    action: Literal["name_cause"] = "name_cause"
    cause: Annotated[Key, Field(description="number of the problem or major incident that caused the miss, such as PRB-71")]


class ApproveCredit(Action):
    """Finance approves a drafted credit; `amount` is the one that was looked at."""

    action: Literal["approve_credit"] = "approve_credit"
    amount: Money


class RejectCredit(Action):
    """Finance refuses a drafted credit."""

    action: Literal["reject_credit"] = "reject_credit"
    reason: Reason


class DisputeCredit(Action):
    """The customer does not agree with the amount."""

    action: Literal["dispute_credit"] = "dispute_credit"
    reason: Reason


class ResolveCredit(Action):
    """A disputed credit is decided on; billing is told of what differs."""

    action: Literal["resolve_credit"] = "resolve_credit"
    amount: Annotated[Money, Field(ge=0)]
    reason: Reason


def _drafted(case: Credit, at: datetime) -> Credit:
    del at  # the stage was entered then
    return case.begun()


def _approved(case: Credit, at: datetime) -> Credit:
    said = f"{case.amount} {case.currency} for {case.about} in {case.period}; you may dispute it for {case.policy.dispute_days} days."
    case = case.until("dispute_over", case.days_after(at, case.policy.dispute_days))
    return case.telling(
        "CUSTOMER_REP",
        "CRM_STAFF",
        subject=f"Credit under {case.registry_no}: {case.amount} {case.currency}",
        body=said,
        phrase="credit",
        amount=str(case.amount),
        currency=case.currency,
        days=case.policy.dispute_days,
    )


def _disputed(case: Credit, at: datetime) -> Credit:
    return case.asking("RESOLVE_CREDIT", at, Assignment(Role.FINANCE_DIRECTOR))


def name_cause(case: Credit, action: NameCause, act: Act) -> Credit:
    """The provider says what the miss came from, before finance decides what it costs."""
    del act
    return case.but(cause=action.cause)


def approve_credit(case: Credit, action: ApproveCredit, act: Act) -> Credit:
    """The amount goes to billing."""
    _refuse_waiting(case)
    if action.amount != case.amount:
        raise Conflict("STALE_DOCUMENT", f"the credit is {case.amount} {case.currency} now; look at it again")
    return case.done("APPROVE_CREDIT", act).entering(S.APPROVED, act.at).billing(case.amount, act.at)


def reject_credit(case: Credit, action: RejectCredit, act: Act) -> Credit:
    """No credit, for a reason that is kept; what billing was told before is taken back."""
    _refuse_waiting(case)
    taken_back = case.billed
    case = case.done("APPROVE_CREDIT", act).entering(S.REJECTED, act.at, action.reason).billing(Decimal(0), act.at)
    if not taken_back:
        return case
    subject = f"Credit under {case.registry_no} taken back: {taken_back} {case.currency}"
    return case.telling(
        "CUSTOMER_REP",
        "CRM_STAFF",
        subject=subject,
        body=action.reason,
        phrase="credit_taken_back",
        amount=str(taken_back),
        currency=case.currency,
    )


def _refuse_waiting(case: Credit) -> None:
    refuse_held(held=case.held)
    if case.waits:
        raise Conflict("MEASUREMENT_DISPUTED", f"the figures of {case.period} are disputed; the credit waits until that is resolved")


def dispute_credit(case: Credit, action: DisputeCredit, act: Act) -> Credit:
    """The finance director decides."""
    refuse_held(held=case.held)
    return case.entering(S.DISPUTED, act.at, action.reason)


def resolve_credit(case: Credit, action: ResolveCredit, act: Act) -> Credit:
    """The amount that counts in the end."""
    _refuse_waiting(case)
    case = case.done("RESOLVE_CREDIT", act).entering(S.SETTLED, act.at, action.reason).billing(action.amount, act.at)
    return case.telling(
        "CUSTOMER_REP",
        subject=f"Dispute resolved: {case.amount} {case.currency} under {case.registry_no}",
        body=action.reason,
        phrase="credit_dispute_resolved",
        amount=str(case.amount),
        currency=case.currency,
    )


def _dispute_over(case: Credit, at: datetime) -> Credit:
    return case if case.waits or case.held else case.entering(S.SETTLED, at)


def _redrafted(case: Credit, news: News) -> Credit:
    """Late facts, or a resolved dispute of figures, may give another amount.

    Finance is asked anew if it had approved; a credit the customer disputes stays with who decides on that. The same amount
    ends only the wait.
    """
    amount, why, version = Decimal(str(news.content["amount"])), tuple(news.content["why"]), int(news.content["version"])
    if version < case.version or (version == case.version and not case.waits):
        return case
    case = case.but(version=version, waits=False)
    if amount != case.amount:
        case = case.but(amount=amount, why=why)
        return case.entering(S.DRAFTED, news.at, "the figures of the period have changed") if case.state is S.APPROVED else case
    case = case.but(why=why) if case.state is S.DRAFTED else case
    return _settled_if_over(case, news.at)


def _settled_if_over(case: Credit, at: datetime) -> Credit:
    """Its time to be disputed may have passed while it waited."""
    is_over = case.state is S.APPROVED and not case.deadlines and not (case.waits or case.held)
    return case.entering(S.SETTLED, at) if is_over else case


def _waits(case: Credit, _: News) -> Credit:
    return case.but(waits=True)


def _held(case: Credit, _: News) -> Credit:
    return case.but(held=True)


def _hold_ended(case: Credit, news: News) -> Credit:
    return _settled_if_over(case.but(held=False), news.at)


_FINANCE = (Role.FINANCE, Role.FINANCE_DIRECTOR)

CREDIT = Kind(
    table=(
        row(S.DRAFTED, "name_cause", (Role.SLM_MANAGER,)),
        row(S.DRAFTED, "approve_credit", _FINANCE, S.APPROVED),
        row(S.DRAFTED, "reject_credit", _FINANCE, S.REJECTED),
        row(S.APPROVED, "dispute_credit", (Role.CUSTOMER_REP,), S.DISPUTED),
        row(S.APPROVED, "dispute_over", (), S.APPROVED, S.SETTLED),
        row(S.DISPUTED, "resolve_credit", (Role.FINANCE_DIRECTOR,), S.SETTLED),
        row(S.DRAFTED, "redrafted", ()),
        row(S.APPROVED, "redrafted", (), S.APPROVED, S.DRAFTED, S.SETTLED),
        row(S.DISPUTED, "redrafted", ()),
        *(row(at, news, ()) for news in ("figures_disputed", "legal_hold") for at in (S.DRAFTED, S.APPROVED, S.DISPUTED)),
        row(S.DRAFTED, "hold_ended", ()),
        row(S.APPROVED, "hold_ended", (), S.APPROVED, S.SETTLED),
        row(S.DISPUTED, "hold_ended", ()),
    ),
    actions={
        NameCause: name_cause,
        ApproveCredit: approve_credit,
        RejectCredit: reject_credit,
        DisputeCredit: dispute_credit,
        ResolveCredit: resolve_credit,
    },
    stages={S.DRAFTED: _drafted, S.APPROVED: _approved, S.DISPUTED: _disputed},
    deadlines={"dispute_over": _dispute_over},
    hears={"redrafted": _redrafted, "figures_disputed": _waits, "legal_hold": _held, "hold_ended": _hold_ended},
    ends=frozenset({S.SETTLED, S.REJECTED}),
)
