"""What became of a period's credits, as a service report shows it. Pure."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from domain.follow_ups.credit import Credit, CreditState
from domain.follow_ups.follow_up import FollowUp
from domain.values import Message

_INSIDE_ONLY = frozenset({CreditState.DRAFTED, CreditState.REJECTED})
"""Credits the customer is not told of: finance has not decided for them."""


class CreditStanding(Message):
    """A credit's case: what it stands at when the report is read, and what finance decided."""

    target: str
    state: CreditState
    amount: str
    currency: str
    address: Annotated[str, Field(description="where the API shows more")]


def standings_of(cases: Iterable[FollowUp], period: str) -> tuple[CreditStanding, ...]:
    """The credits of a period by its name; follow-ups of other kinds and periods are passed over."""
    return tuple(
        CreditStanding(
            target=each.about, state=each.state, amount=f"{each.amount:.2f}", currency=each.currency, address=f"/cases/{each.case_id}"
        )
        for each in cases
        if isinstance(each, Credit) and each.period == period
    )


def told_to_customers(standings: Iterable[CreditStanding]) -> tuple[CreditStanding, ...]:
    """Those the customer is told of."""
    return tuple(each for each in standings if each.state not in _INSIDE_ONLY)
