"""All kinds of follow-ups, and how the machine of cases runs them."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from domain.actors import Act
from domain.case_machine import AN_INSTANT, Machine, Step, advance
from domain.cases import Action
from domain.errors import BadInput, Forbidden
from domain.follow_ups.change import Change
from domain.follow_ups.changing import CHANGE
from domain.follow_ups.claim import CLAIM, Claim
from domain.follow_ups.correction import CORRECTION, Correction
from domain.follow_ups.credit import CREDIT, Credit
from domain.follow_ups.dispute import DISPUTE, Dispute
from domain.follow_ups.exclusion import EXCLUSION, Exclusion
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, News
from domain.follow_ups.handover import HANDOVER, Handover
from domain.follow_ups.plan import PLAN, Plan
from domain.follow_ups.release import RELEASE, Release
from domain.follow_ups.renewal import RENEWAL, Renewal
from domain.follow_ups.review import REVIEW, Review
from domain.follow_ups.settlement import SETTLEMENT, Settlement
from domain.lifecycle import transition
from domain.people import Side

KINDS: Mapping[FollowUpKind, Kind] = {
    FollowUpKind.REVIEW: REVIEW,
    FollowUpKind.PLAN: PLAN,
    FollowUpKind.CREDIT: CREDIT,
    FollowUpKind.CLAIM: CLAIM,
    FollowUpKind.CORRECTION: CORRECTION,
    FollowUpKind.EXCLUSION: EXCLUSION,
    FollowUpKind.DISPUTE: DISPUTE,
    FollowUpKind.CHANGE: CHANGE,
    FollowUpKind.RENEWAL: RENEWAL,
    FollowUpKind.SETTLEMENT: SETTLEMENT,
    FollowUpKind.RELEASE: RELEASE,
    FollowUpKind.HANDOVER: HANDOVER,
}

ACTIONS: Mapping[str, tuple[FollowUpKind, type[Action]]] = {
    str(action.model_fields["action"].default): (kind, action) for kind, each in KINDS.items() for action in each.actions
}
"""What people decide in follow-ups, by name, and in which kind."""


def _kind_of(value: Any) -> str:
    case_id = value.get("case_id", "") if isinstance(value, Mapping) else value.case_id
    return str(case_id).partition(":")[0]


AnyFollowUp = Annotated[
    Annotated[Review, Tag("review")]
    | Annotated[Plan, Tag("sip")]
    | Annotated[Credit, Tag("credit")]
    | Annotated[Claim, Tag("claim")]
    | Annotated[Correction, Tag("correction")]
    | Annotated[Exclusion, Tag("exclusion")]
    | Annotated[Dispute, Tag("dispute")]
    | Annotated[Change, Tag("change")]
    | Annotated[Renewal, Tag("renewal")]
    | Annotated[Settlement, Tag("settlement")]
    | Annotated[Release, Tag("release")]
    | Annotated[Handover, Tag("handover")],
    Discriminator(_kind_of),
]
"""A follow-up of whichever kind its id says."""


def _parse(kind: Kind, value: Any) -> Action:
    name = value.get("action") if isinstance(value, Mapping) else None
    found = next((action for action in kind.actions if action.model_fields["action"].default == name), None)
    if found is None:
        raise BadInput(f"action: there is no {name!r}")
    return found.model_validate(value)


def _may_act(case: FollowUp, action: Action, act: Act) -> None:
    who = act.entitled
    if who.side is Side.CUSTOMER and who.party != case.customer:
        raise Forbidden(f"{who.person} acts for another customer")
    del action


def _machine(kind: Kind) -> Machine:
    return Machine(
        table=kind.table,
        parse=partial(_parse, kind),
        handlers={str(action.model_fields["action"].default): handler for action, handler in kind.actions.items()},
        stages=kind.stages,
        deadlines=kind.deadlines,
        may_act=_may_act,
    )


MACHINES: Mapping[FollowUpKind, Machine] = {kind: _machine(each) for kind, each in KINDS.items()}


def begin(case: FollowUp) -> Step:
    """A follow-up as its process opens it."""
    return Step(case.begun().but(revision=case.revision + 1), "opened", case, case.entered_at)


def hear(case: FollowUp, news: News) -> list[Step]:
    """What news lead to; no step where they change nothing, as when they are heard a second time or in a state that has no row for them.

    Deadlines that had passed when the news became true come first, as before a deed.
    """
    kind = KINDS[case.kind]
    at = max(news.at, case.last_at)
    steps = advance(MACHINES[case.kind], case, at - AN_INSTANT, nudging=False)
    case = steps[-1].case if steps else case
    if transition(kind.table, case.state, news.name) is None or news.name not in kind.hears:
        return steps
    after = kind.hears[news.name](case, news.model_copy(update={"at": at}))
    if after == case:
        return steps
    if after.visit != case.visit and after.state in kind.stages:
        after = kind.stages[after.state](after, at)
    return [*steps, Step(after.but(revision=case.revision + 1, last_at=at), news.name, case, at)]


def has_ended(case: FollowUp) -> bool:
    """Is nobody waited for any more?"""
    return case.state in KINDS[case.kind].ends
