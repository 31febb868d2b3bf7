"""The bodies of decisions: what a person sends, and what is added to it before the case judges it.

A person names an agent or a support; the directory and the registry say what these are. Nobody can send that themselves.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from api.performance import Performance
from api.someone import Someone
from domain.agreement_case import AgreementCase, Support
from domain.agreement_machine import BY_NAME
from domain.canonical import digest_of
from domain.cases import Action
from domain.consistency import faults_of
from domain.documents import FinalDraft
from domain.errors import BadInput
from domain.people import Key, Role
from domain.stages.agent_selection import Candidate
from store.scans import Scans
from store.supports import SupportFinder

_FOUND_BY_US: Mapping[str, tuple[Any, Any]] = {
    "agent": (Annotated[Key, Field(description="person named as agent")], ...),
    "supports": (Annotated[tuple[str, ...], Field(description="registry numbers or support cases")], ()),
}
_ADDED_BY_US = frozenset({"action", "faults", "before"})


def body_of(action: type[Action]) -> type[BaseModel]:
    """The body a person sends for an action."""
    fields: dict[str, Any] = {}
    for name, field in action.model_fields.items():
        if name not in _ADDED_BY_US:
            fields[name] = _FOUND_BY_US.get(name) or (field.annotation, field)
    return create_model(f"{action.__name__}Body", __doc__=action.__doc__, __config__=ConfigDict(extra="forbid", frozen=True), **fields)


BODIES: Mapping[str, type[BaseModel]] = {name: body_of(action) for name, action in BY_NAME.items()}


def sent_as(name: str, body: BaseModel) -> str:
    """A body as the person sent it, hashed: what a repeated decision is known by."""
    return digest_of([name, body.model_dump(mode="json", exclude_unset=True)])


class Enricher:
    """Adds to a body what we know better than the person who sent it."""

    def __init__(self, supports: SupportFinder, scans: Scans, performance: Performance) -> None:
        """Look supports, scans and past performance up there."""
        self._supports = supports
        self._scans = scans
        self._performance = performance

    async def action(self, name: str, body: BaseModel, someone: Someone, case: AgreementCase) -> dict[str, Any]:
        """A body as the action that the case judges. For those outside nothing is looked up: the case refuses them whatever we know.

        Raises:
            BadInput: a person, support, scan or service that does not exist.
        """
        value = {"action": name, **body.model_dump(mode="json", exclude_unset=True)}
        if "agent" in value:
            value["agent"] = (await self._candidate(value["agent"], someone)).model_dump(mode="json")
        if "supports" in value or name == "support_ready":
            wanted = value.get("supports") or list(case.supports)
            value["supports"] = [each.model_dump(mode="json") for each in await self._found(wanted, someone)]
        if name == "set_prices":
            await self._performance.fill(value["proposal"], case.request.customer)
        if name == "sign" and (scan := value.get("scan")) is not None and await self._scans.find(case.case_id, scan) is None:
            raise BadInput("scan: hand the scan in first; there is none with this hash")
        if name == "pipeline_ready" and someone.catalogue.service_named(value["service"]) is None:
            raise BadInput(f"service: {value['service']!r} is not in the catalogue; enter it first")
        if name == "compile_draft":
            draft = FinalDraft.model_validate(value["draft"])
            value["faults"] = [str(fault) for fault in faults_of(draft, someone.catalogue)]
        return value

    async def _candidate(self, person: str, someone: Someone) -> Candidate:
        if not someone.is_inside:
            return Candidate(person=person, is_agent=False)
        known = someone.catalogue.person(person)
        is_agent = known.active and Role.REQUIREMENTS_AGENT in known.roles
        return Candidate(person=person, is_agent=is_agent, services=known.services, open_cases=await self._supports.open_cases_of(person))

    async def _found(self, names: list[str], someone: Someone) -> list[Support]:
        found = []
        for name in names if someone.is_inside else ():
            support = await self._supports.find(name)
            if support is None:
                raise BadInput(f"supports: there is no OLA, UC or support case {name!r}")
            found.append(support)
        return found
