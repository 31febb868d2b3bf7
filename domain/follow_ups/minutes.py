"""The minutes of a review: a decision for every target and every need, and actions with owner and date."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.people import Key
from domain.values import Document


class TargetDecision(StrEnum):
    """What a review decides of a target."""

    KEEP = "KEEP"
    TIGHTEN = "TIGHTEN"
    RELAX = "RELAX"
    REPLACE = "REPLACE"
    REMOVE = "REMOVE"


class NeedDecision(StrEnum):
    """What a review decides of something the customer needs."""

    NO_CHANGE = "NO_CHANGE"
    AMEND = "AMEND"


class ReviewAction(Document):
    """Something somebody does after the review; owner and date may follow until it is closed."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    owner: Key | None = None
    due: date | None = None


class Minutes(Document):
    """What was decided. Every target the review is about has a decision."""

    targets: Mapping[str, TargetDecision]
    needs: Mapping[str, NeedDecision] = {}
    actions: tuple[ReviewAction, ...] = ()
    notes: Annotated[str, Field(max_length=20_000)] = ""

    @property
    def changes(self) -> tuple[str, ...]:
        """What is to be changed in the agreement, as people read it."""
        targets = [f"{name}: {decision}" for name, decision in self.targets.items() if decision is not TargetDecision.KEEP]
        needs = [f"{name}: {decision}" for name, decision in self.needs.items() if decision is NeedDecision.AMEND]
        return (*targets, *needs)
