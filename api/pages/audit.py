"""The audit trail as people search it, and the proof that a trail is whole."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Parts, TheParts
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.routes.audit import SEARCHERS, ChainView, search_audit_events, verify_audit_chain
from domain.errors import Forbidden, NotFound

router = page_router()

SECTION = "/pages/audit"

_A_PAGE = 50
_MOST_PEOPLE = 500


class EventsSought(BaseModel):
    """What the form says; an empty field means any."""

    subject: Annotated[str, Field(max_length=310)] = ""
    actor: Annotated[str, Field(max_length=100)] = ""
    action: Annotated[str, Field(max_length=100)] = ""
    before: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None

    @property
    def typed(self) -> dict[str, str]:
        """The fields of the form."""
        return {name: getattr(self, name).strip() for name in ("subject", "actor", "action")}


@router.get(SECTION)
async def show_audit(parts: TheParts, visitor: TheVisitor, sought: Annotated[EventsSought, Query()]) -> Response:
    """The newest events; of one trail also whether its chain holds, computed now."""
    if not visitor.someone.has(*SEARCHERS):
        raise Forbidden("administrators, the control tier and the SLM manager search the trails")
    typed = sought.typed
    wanted = {name: value or None for name, value in typed.items()}
    found = await search_audit_events(parts, **wanted, limit=_A_PAGE, before=sought.before)
    people = visitor.someone.catalogue.people
    return own(
        "audit",
        visitor,
        section=SECTION,
        events=found.events,
        typed=typed,
        chain=await _chain(typed["subject"], parts) if typed["subject"] else None,
        more=urlencode({**typed, "before": found.next}) if found.next is not None else None,
        trail=lambda subject: f"{SECTION}?{urlencode({'subject': subject})}",
        people=[(each.person, each.name) for each in people] if len(people) <= _MOST_PEOPLE else [],
        here=f"{SECTION}?{urlencode(typed)}",
    )


async def _chain(subject: str, parts: Parts) -> ChainView | None:
    try:
        return await verify_audit_chain(subject, parts)
    except NotFound:
        return None
