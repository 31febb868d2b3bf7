"""Whom of the directory an identity of elsewhere stands for. Nobody is added by it, and nobody is guessed."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from domain.catalogue import Catalogue
from domain.people import Person

IdentityClaim: TypeAlias = Literal["sub", "mail"]
"""By what a person is found: the provider's own name for them, or the address it has verified."""


def person_of(catalogue: Catalogue, claims: Mapping[str, Any], by: IdentityClaim) -> Person | None:
    """The one active person that claims stand for; None where there is none, or several could be meant.

    Args:
        catalogue: the directory.
        claims: what a provider says of somebody; its signature was checked.
        by: `sub`: the person's `subject`, or the short name of one who has none; `mail`: the address, if it is verified.
    """
    found = [each for each in catalogue.people if each.active and _is(each, claims, by)]
    return found[0] if len(found) == 1 else None


def _is(person: Person, claims: Mapping[str, Any], by: IdentityClaim) -> bool:
    if by == "sub":
        return claims.get("sub") == (person.subject or person.person)
    mail = claims.get("email")
    is_verified = claims.get("email_verified") is True
    return is_verified and isinstance(mail, str) and person.mail is not None and mail.casefold() == person.mail.casefold()
