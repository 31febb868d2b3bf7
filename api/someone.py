"""Who asks: a person who signed in, or a program with a service token."""

from typing import Literal, NamedTuple, TypeAlias

from domain.actors import Actor
from domain.catalogue import Catalogue
from domain.people import Role, Side
from domain.scopes import Scope


class Someone(NamedTuple):
    """Who acts, and the catalogue they were found in. A program that reads stands on the provider's side and has no role."""

    actor: Actor
    catalogue: Catalogue
    is_program: bool = False

    @property
    def is_inside(self) -> bool:
        """Do they work for the provider?"""
        return self.actor.side is Side.PROVIDER

    @property
    def language(self) -> Literal["pl", "en"]:
        """What they like to read."""
        return "en" if self.is_program else self.catalogue.person(self.actor.person).language

    def has(self, *roles: Role) -> bool:
        """Do they have one of these roles?"""
        return bool(set(roles) & set(self.actor.roles))


class Program(NamedTuple):
    """A program, and what its token allows."""

    name: str
    scopes: frozenset[Scope]

    @property
    def known_as(self) -> str:
        """How trails name it; no person can be called so."""
        return f"service:{self.name}"

    def within(self, catalogue: Catalogue) -> Someone:
        """The program as somebody who reads."""
        actor = Actor(person=self.known_as, name=self.name, side=Side.PROVIDER, roles=())
        return Someone(actor, catalogue, is_program=True)


Caller: TypeAlias = Someone | Program
"""Who asks."""


def is_provider(caller: Caller) -> bool:
    """Do they ask for the provider?"""
    return isinstance(caller, Program) or caller.is_inside


def name_of(caller: Caller) -> str:
    """How trails and limits name who asks."""
    return caller.known_as if isinstance(caller, Program) else caller.actor.person
