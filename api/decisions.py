"""Every decision people take in cases: the body that is sent, and what is added to it before the case judges it.

The JSON addresses and the pages take the same decisions, and take them here.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import Row

from api.case_bodies import BODIES, body_of, sent_as
from api.case_desk import Received
from api.dependencies import Parts
from api.someone import Someone
from domain.agreement_case import AgreementCase
from domain.cases import Answer, Submission
from domain.documents import AgreementDocument, content_of
from domain.errors import BadInput, Conflict, NotFound
from domain.follow_ups.kinds import ACTIONS
from domain.people import Role
from domain.support_case import SUPPORT_BY_NAME

Completed = Callable[[Parts, str, BaseModel, Someone, Row[Any]], Awaitable[dict[str, Any]]]
"""(parts, action, body, who, case) → the action that the case judges."""


class Decision(NamedTuple):
    """One decision on cases of a kind; `complete` adds to a body what we know better than who sent it."""

    kind: str
    action: str
    body: type[BaseModel]
    complete: Completed


class Signed(NamedTuple):
    """Who decides, in which capacity, and the key that makes a repeated decision count once."""

    by: Someone
    key: str
    acting_as: Role | None = None
    acting_for: str | None = None


async def decide(decision: Decision, row: Row[Any], body: BaseModel, signed: Signed, parts: Parts) -> Answer | Received:
    """Take a decision to its case; what no worker judges in time is kept, and judged as soon as one is back.

    Raises:
        NotFound: the case is of another kind.
        ServandaError: the case refuses it.
    """
    if row.kind != decision.kind:
        raise NotFound(f"{row.case_id} is another kind of case")
    said = Submission(
        key=signed.key,
        action=await decision.complete(parts, decision.action, body, signed.by, row),
        sent=sent_as(decision.action, body),
        by=signed.by.actor,
        acting_as=signed.acting_as,
        acting_for=signed.acting_for,
    )
    answer = await parts.desk.act(row, said)
    if isinstance(answer, Received) and parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    return answer


async def _as_sent(_: Parts, name: str, body: BaseModel, __: Someone, ___: Row[Any]) -> dict[str, Any]:
    """A body to which nothing is added."""
    return {"action": name, **body.model_dump(mode="json", exclude_unset=True)}


async def _enriched(parts: Parts, name: str, body: BaseModel, someone: Someone, row: Row[Any]) -> dict[str, Any]:
    return await parts.enricher.action(name, body, someone, AgreementCase.model_validate(row.document))


async def _with_an_owner_who_is_there(parts: Parts, name: str, body: BaseModel, someone: Someone, row: Row[Any]) -> dict[str, Any]:
    """A new owner of work packages, unless they have left too."""
    sent = await _as_sent(parts, name, body, someone, row)
    if someone.catalogue.has_left(sent["owner"]):
        raise BadInput(f"owner: {sent['owner']} is not active in the catalogue", "OWNER_HAS_LEFT")
    return sent


async def _with_the_text_in_force(parts: Parts, name: str, body: BaseModel, _: Someone, row: Row[Any]) -> dict[str, Any]:
    """An edited text with the one it is held against."""
    entry = await parts.registry.entry(row.agreement)
    if entry is None or entry.case_id is None:
        raise Conflict("NO_TEXT", f"{row.agreement} came as ready terms; there is no text to edit")
    before = content_of(AgreementDocument.model_validate(entry.document))
    return {"action": name, **body.model_dump(mode="json", exclude_unset=True), "before": before}


_COMPLETED: Mapping[str, Completed] = {"edit_minor": _with_the_text_in_force, "name_owner": _with_an_owner_who_is_there}
"""Decisions in follow-ups to which something is added, or that are held against what we know."""


def _all() -> Mapping[str, Mapping[str, Decision]]:
    found: dict[str, dict[str, Decision]] = {
        "AGREEMENT": {name: Decision("AGREEMENT", name, body, _enriched) for name, body in BODIES.items()},
        "SUPPORT": {name: Decision("SUPPORT", name, body_of(action), _as_sent) for name, action in SUPPORT_BY_NAME.items()},
    }
    for name, (kind, action) in ACTIONS.items():
        complete = _COMPLETED.get(name, _as_sent)
        found.setdefault(kind.value, {})[name] = Decision(kind.value, name, body_of(action), complete)
    return found


DECISIONS = _all()
"""By kind of case and action."""
