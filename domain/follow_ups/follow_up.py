"""What follows from watching an agreement in force: reviews, improvement plans, credits, claims, corrections, disputes, changes.

Each is a case like any other (`domain/cases.py`): a state, people who are waited for, and time. What they share is here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AwareDatetime, StringConstraints

from domain.actors import Act
from domain.cases import Action, Case, Listing
from domain.effects import Said
from domain.errors import BadInput, Conflict
from domain.lifecycle import Transition
from domain.people import Role, Side
from domain.registry_numbers import in_addresses
from domain.termination import WITHHELD
from domain.values import Message

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=2000)]
"""Why: long enough to say something."""


class FollowUpKind(StrEnum):
    """What kind of case it is, as lists show it."""

    REVIEW = "REVIEW"
    PLAN = "PLAN"
    CREDIT = "CREDIT"
    CLAIM = "CLAIM"
    CORRECTION = "CORRECTION"
    EXCLUSION = "EXCLUSION"
    DISPUTE = "DISPUTE"
    CHANGE = "CHANGE"
    RENEWAL = "RENEWAL"
    SETTLEMENT = "SETTLEMENT"
    RELEASE = "RELEASE"
    HANDOVER = "HANDOVER"


_PREFIXES = {FollowUpKind.PLAN: "sip"}


def follow_up_id(kind: FollowUpKind, registry_no: str, *about: str) -> str:
    """The id of a follow-up and of its process: what it is about names it, so that it is opened once."""
    return ":".join((_PREFIXES.get(kind, kind.value.lower()), in_addresses(registry_no), *about))


class FollowUp(Case):
    """A case about a registered agreement. `about` is a target or what else it is about, `period` the one it came out of."""

    registry_no: str
    customer: str
    about: str
    period: str = ""

    @property
    def kind(self) -> FollowUpKind:
        """Which kind it is."""
        raise NotImplementedError

    @property
    def listing(self) -> Listing:
        """How lists show it; the CRM is told of agreements, not of each follow-up."""
        return Listing(self.kind.value, self.customer, None, None, (self.registry_no,), None, self.registry_no)

    @property
    def said_of(self) -> Mapping[str, Said]:
        """What every phrase about it may name."""
        return {**super().said_of, "registry_no": self.registry_no, "about": self.about, "period": self.period}

    @property
    def has_effect(self) -> bool:
        """Is it a fact for others, beside what is told: when it is opened, when it gets so, and when it ends?"""
        return False

    @property
    def stated(self) -> str | None:
        """What somebody stated in it that figures rest on; another statement takes effect anew."""
        return None

    @property
    def successors(self) -> "tuple[FollowUp, ...]":
        """The follow-ups that its end leads to."""
        return ()

    def too_late(self, news: "News") -> Self:
        """The case with what it heard after its end, for its successors; most have nothing to do with it any more."""
        del news
        return self

    def begun(self) -> Self:
        """The case as its process opens it: with what its first stage waits for."""
        raise NotImplementedError


class News(Message):
    """What the agreement's process tells a follow-up: the name of the news, what it says, and when it was true."""

    name: str
    about: str
    content: Mapping[str, Any] = {}
    at: AwareDatetime


Hearing = Callable[[Any, News], Any]
"""(case, news) → the case after it; the same case where it changes nothing."""


class Kind(NamedTuple):
    """How follow-ups of a kind go on: rows of the table, what each action does, what news and deadlines bring, where it ends."""

    table: Sequence[Transition]
    actions: Mapping[type[Action], Any]
    stages: Mapping[StrEnum, Callable[[Any, datetime], Any]]
    deadlines: Mapping[str, Callable[[Any, datetime], Any]]
    hears: Mapping[str, Hearing]
    ends: frozenset[StrEnum]


def row(at: StrEnum, action: str, roles: Iterable[Role], *to: StrEnum) -> Transition:
    """A row of a follow-up's table; without a state to lead to it stays where it is."""
    return Transition("", at, action, frozenset(roles), to or (at,))


def refuse_own(act: Act, proposed_by: str) -> None:
    """Four eyes: who proposed something does not decide it.

    Raises:
        BadInput: SEPARATION_OF_DUTIES.
    """
    if proposed_by in {act.by.person, act.entitled.person}:
        raise BadInput(f"{proposed_by} proposed it; somebody else decides", "SEPARATION_OF_DUTIES")


def refuse_held(*, held: bool) -> None:
    """Nobody decides on money that waits for a ruling.

    Raises:
        Conflict: LEGAL_HOLD.
    """
    if held:
        raise Conflict(WITHHELD, "somebody withdrew from the agreement; nothing is decided on its money before legal has ruled")


CUSTOMER_REP = (Role.CUSTOMER_REP, Side.CUSTOMER)
"""Whose task it is on the customer's side; the customer is the party."""
