"""Who acts: a person as the directory knows them now, and in which capacity they do it."""

from datetime import date, datetime
from typing import NamedTuple

from domain.catalogue import Catalogue
from domain.errors import Forbidden
from domain.people import Person, Role, Side
from domain.values import Message


class Actor(Message):
    """A person who acts, with the people they stand in for on that day."""

    person: str
    name: str
    side: Side
    party: str | None = None
    roles: tuple[Role, ...]
    services: tuple[str, ...] = ()
    deputises: tuple["Actor", ...] = ()


def actor_of(catalogue: Catalogue, key: str, on: date) -> Actor:
    """A person as an actor on a date, with those they stand in for; deputies of deputies do not count.

    Raises:
        BadInput: there is no such person.
        Forbidden: they have left.
    """
    person = catalogue.person(key)
    if not person.active:
        raise Forbidden(f"{key} has left")
    absent = (each for each in catalogue.people if each.active and key in each.deputies_on(on))
    return _actor(person).model_copy(update={"deputises": tuple(_actor(each) for each in absent)})


def _actor(person: Person) -> Actor:
    return Actor.model_validate(
        {name: getattr(person, name) for name in ("person", "name", "side", "party", "roles", "services")},
    )


class Act(NamedTuple):
    """One deed: who, in which role, for whom if not for themselves, at which instant of business time."""

    by: Actor
    role: Role
    at: datetime
    acting_for: Actor | None = None

    @property
    def entitled(self) -> Actor:
        """The person whose right is used."""
        return self.acting_for or self.by

    @property
    def on_behalf_of(self) -> str | None:
        """Whom a deputy stands in for; None for who acts for themselves."""
        return self.acting_for.person if self.acting_for is not None else None
