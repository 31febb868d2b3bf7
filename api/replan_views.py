"""Re-plans as they are shown."""

from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, Field

from domain.replan import MovedClock
from store.replans import Counts


class ReplanView(BaseModel):
    """A dry run, or a re-plan and how far it has come; of a dry run `moved` says how many would be."""

    replan: str
    agreement: str
    from_version: str | None
    to_version: str
    reason: str
    rate: float
    confirms: Annotated[str | None, Field(description="the dry run it rests on; none for a dry run")]
    state: Annotated[str, Field(description="COUNTING, COUNTED: a dry run; RUNNING, DONE: a re-plan")]
    by: str
    asked_at: AwareDatetime
    ended_at: AwareDatetime | None
    moved: int
    unchanged: Annotated[int, Field(description="of those moved, with the due times they had")]
    breaches: Annotated[int, Field(description="late by the move, from its instant on")]
    soonest_new_due: AwareDatetime | None
    closed: Annotated[int, Field(description="listed by the dry run, and closed before their turn")]
    left: int
    acknowledged: Annotated[int, Field(description="of those moved, whose process was told")]

    @classmethod
    def of(cls, row: Any, counts: Counts) -> "ReplanView":
        """A row with what was counted."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}, **counts._asdict())


class MoveView(BaseModel):
    """One ticket: from which version, and the due times of its clocks before and after."""

    ticket: str
    left: str
    at: AwareDatetime
    clocks: list[MovedClock]
    changes: bool
    breaches: bool
    state: Annotated[str, Field(description="LISTED by a dry run; PLANNED, MOVED or CLOSED by a re-plan")]
    acknowledged: bool

    @classmethod
    def of(cls, row: Any) -> Self:
        """A row as it is shown."""
        return cls(ticket=row.subject, **{name: getattr(row, name) for name in cls.model_fields if name != "ticket"})


class MovePageView(BaseModel):
    """Some tickets of a re-plan, in the order of their names; `next` asks for those after them."""

    tickets: list[MoveView]
    next: str | None


class TicketMoveView(MoveView):
    """A move the ticket went through."""

    replan: str
    to_version: str
    reason: str
