"""What is stored of a person: shown to them, and erased by an administrator."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.dependencies import Parts, TheParts
from api.people import ThePerson
from api.someone import Someone
from domain.errors import Forbidden
from domain.people import Role
from domain.personal_data import PersonReport
from store.erasure import Erasure, ErasureOrder
from store.personal_data import PersonalData

router = APIRouter(tags=["people"])

Named = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Who = Annotated[Named, Path(description="a key, a mail address, or what else tickets call somebody; `me` is who asks")]
Also = Annotated[list[Named], Query(max_length=20, description="other names or forms of the name")]


class ErasureBody(BaseModel):
    """Why somebody is erased, without names: it stays in the audit trail. Nothing is erased unless it is confirmed."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]
    also: Annotated[tuple[Named, ...], Field(max_length=20, description="other names or forms of the name")] = ()
    confirm: Annotated[bool, Field(description="false: only show what would go and what stays")] = False


@router.get("/people/{who}/data")
async def show_data(who: Who, parts: TheParts, someone: ThePerson, also: Also = []) -> PersonReport:  # noqa: B006  (the library copies it)
    """Everything stored of a person: where and what, what keeps it and until when. People ask for their own, administrators for any."""
    me = someone.actor.person
    asked = me if who == "me" else who
    if asked != me or also:
        _only_admins(someone)
    return await _data(parts).report(asked, parts.now().date(), also, with_content=True)


@router.post("/people/{who}/erase")
async def erase(who: Who, body: ErasureBody, parts: TheParts, someone: ThePerson) -> PersonReport:
    """Erase a person. Unconfirmed it shows what would go; confirmed it erases what no duty keeps, and shows what stays and until when.

    Refused while the person takes part (PERSON_ACTIVE) or somebody waits for them (TASKS_OPEN). A second time changes nothing.
    """
    _only_admins(someone)
    if not body.confirm:
        return await _data(parts).report(who, parts.now().date(), body.also)
    order = ErasureOrder(who, body.reason, someone.actor.person, parts.now(), body.also)
    return await Erasure(parts.database, parts.settings.retention).erase(order)


def _data(parts: Parts) -> PersonalData:
    return PersonalData(parts.database, parts.settings.retention)


def _only_admins(someone: Someone) -> None:
    if not someone.has(Role.ADMIN):
        raise Forbidden("people see their own data; an administrator sees and erases that of others")
