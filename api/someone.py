"""A person who signed in."""

from typing import Literal, NamedTuple

from domain.actors import Actor
from domain.catalogue import Catalogue
from domain.people import Role, Side


class Someone(NamedTuple):
    """Who acts, and the catalogue they were found in."""

    actor: Actor
    catalogue: Catalogue

    @property
    def is_inside(self) -> bool:
        """Do they work for the provider?"""
        return self.actor.side is Side.PROVIDER

    @property
    def language(self) -> Literal["pl", "en"]:
        """What they like to read."""
        return self.catalogue.person(self.actor.person).language

    def has(self, *roles: Role) -> bool:
        """Do they have one of these roles?"""
        return bool(set(roles) & set(self.actor.roles))
