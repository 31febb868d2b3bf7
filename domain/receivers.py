"""Who is told: the people behind the roles a notice names, of the right party only. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from domain.catalogue import Catalogue
from domain.effects import Notice
from domain.people import SIDES_OF, Person, Role, Side

PERSONAL = frozenset({"survey"})
"""Phrases of notices that are for one person and nobody else: no deputy answers in their place, and no manager."""

OWNER, MANAGER = "OWNER", "MANAGER"
"""Recipients that are no roles: who works on the ticket, and the manager of whom a task waits for."""


class Parties(NamedTuple):
    """Whom a ticket or case is about: customer and supplier, the team that promises, the person who works on the ticket."""

    customer: str | None = None
    supplier: str | None = None
    team: str | None = None
    owner: str | None = None


class Receiver(NamedTuple):
    """Somebody who is told: for whom they stand in, and the recipients they hear it for because nobody stands behind those."""

    person: Person
    on_behalf_of: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()


class Receivers(NamedTuple):
    """All who are told; `unreached` are recipients that not even a service level manager hears it for."""

    people: tuple[Receiver, ...]
    unreached: tuple[str, ...] = ()


def receivers_of(notice: Notice, catalogue: Catalogue, day: date, parties: Parties) -> Receivers:
    """The people a notice is for on a date in the provider's zone, each once, in the order its recipients name them.

    A role of the customer or supplier is told of its own party's matters only; where the party is unknown, nobody of that side
    is told. Deputies on that date are told too, people who left are not. What nobody stands behind goes to the service level
    managers, with a remark; what is for one person alone goes to nobody else.
    """
    is_personal = notice.phrase in PERSONAL
    told = _Told(catalogue, None if is_personal else day)
    unreached = []
    for recipient in dict.fromkeys(notice.recipients):
        behind = tuple(_behind(recipient, notice, catalogue, parties))
        if behind:
            told.add(behind)
        else:
            unreached.append(recipient)
    managers = catalogue.people_with(Role.SLM_MANAGER) if unreached and not is_personal else ()
    told.add(managers, tuple(unreached))
    return Receivers(told.people, () if managers else tuple(unreached))


class _Told:
    """Collects people with why they are told."""

    def __init__(self, catalogue: Catalogue, day: date | None) -> None:
        self._catalogue = catalogue
        self._day = day
        self._found: dict[str, Receiver] = {}

    def add(self, people: Iterable[Person], unreached: tuple[str, ...] = ()) -> None:
        """Add people, and who stands in for them. Whoever is told in their own name is not told on behalf of others too."""
        for person in people:
            self._put(Receiver(person, (), unreached))
            for key in person.deputies_on(self._day) if self._day is not None else ():
                if (deputy := self._catalogue.person(key)).active:
                    self._put(Receiver(deputy, (person.name,), unreached))

    def _put(self, new: Receiver) -> None:
        known = self._found.get(new.person.person)
        if known is None:
            self._found[new.person.person] = new
            return
        in_own_name = not known.on_behalf_of or not new.on_behalf_of
        names = () if in_own_name else tuple(dict.fromkeys((*known.on_behalf_of, *new.on_behalf_of)))
        self._found[new.person.person] = Receiver(new.person, names, tuple(dict.fromkeys((*known.unreached, *new.unreached))))

    @property
    def people(self) -> tuple[Receiver, ...]:
        return tuple(self._found.values())


def _behind(recipient: str, notice: Notice, catalogue: Catalogue, parties: Parties) -> Iterable[Person]:
    """Active people behind one recipient: a role, a person, or one of the names that are neither."""
    if recipient == OWNER:
        owner = _one(parties.owner, catalogue, parties) if parties.owner is not None else ()
        return owner or catalogue.people_with(Role.TEAM_LEAD)
    if recipient == MANAGER:
        return _managers(notice, catalogue, parties)
    if recipient in Role.__members__:
        return _of_role(Role(recipient), notice, catalogue, parties)
    return _one(recipient, catalogue, parties)


def _of_role(role: Role, notice: Notice, catalogue: Catalogue, parties: Parties) -> tuple[Person, ...]:
    sides = SIDES_OF.get(role, frozenset({Side.PROVIDER}))
    side = notice.side if notice.side in sides else next(iter(sides)) if len(sides) == 1 else Side.PROVIDER
    if side is Side.PROVIDER:
        return (role is Role.TEAM_OWNER and _of_team(catalogue, parties)) or catalogue.people_with(role)
    party = parties.customer if side is Side.CUSTOMER else parties.supplier
    return catalogue.people_with(role, side, party) if party is not None else ()


def _of_team(catalogue: Catalogue, parties: Parties) -> tuple[Person, ...]:
    """The representative of the team that promises, where it is known."""
    known = next((each for each in catalogue.partners if each.partner == parties.team), None)
    person = catalogue.person(known.representative) if known is not None else None
    return (person,) if person is not None and person.active and person.side is Side.PROVIDER else ()


def _managers(notice: Notice, catalogue: Catalogue, parties: Parties) -> tuple[Person, ...]:
    assignee = str(notice.values.get("assignee", ""))
    waited_for = _behind(assignee, notice, catalogue, parties) if assignee not in {"", MANAGER} else ()
    keys = dict.fromkeys(each.manager for each in waited_for if each.manager is not None)
    return tuple(manager for key in keys if (manager := catalogue.person(key)).active)


def _one(key: str, catalogue: Catalogue, parties: Parties) -> tuple[Person, ...]:
    """A person by key, unless they left or act for another customer or supplier than this is about."""
    person = catalogue.person_by_key.get(key)
    if person is None or not person.active:
        return ()
    about: Mapping[Side, str | None] = {Side.CUSTOMER: parties.customer, Side.SUPPLIER: parties.supplier}
    party = about.get(person.side)
    return () if party is not None and person.party != party else (person,)
