"""Who does the work of an agreement's obligations now: the owners its text names, and those named since for whoever left (R-148, R-150)."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from domain.agreement_parts import Obligation, WorkPackage
from domain.catalogue import Catalogue


class PackageState(StrEnum):
    """Whether anybody does the work: `ORPHANED` where the owner has left."""

    OWNED = "OWNED"
    ORPHANED = "ORPHANED"


class PackageName(NamedTuple):
    """A work package by its obligation and its own name, which is single within the obligation."""

    obligation: str
    package: str

    def __str__(self) -> str:
        """As people write it: `audit/count`."""
        return f"{self.obligation}/{self.package}"


class OwnerChange(NamedTuple):
    """Another owner of a work package, named in place of one who left."""

    name: PackageName
    before: str
    after: str


class OwnedPackage(NamedTuple):
    """A work package with its owner now; `written` is the owner the agreement's text names."""

    obligation: Obligation
    package: WorkPackage
    owner: str
    written: str

    @property
    def name(self) -> PackageName:
        """How it is called."""
        return PackageName(self.obligation.obligation, self.package.package)

    def state(self, catalogue: Catalogue) -> PackageState:
        """Whether its owner is there."""
        return PackageState.ORPHANED if catalogue.has_left(self.owner) else PackageState.OWNED


def owned_packages(obligations: Iterable[Obligation], changes: Sequence[OwnerChange]) -> tuple[OwnedPackage, ...]:
    """Every work package in the order of the text.

    A change counts for whoever had the package then: a later text that names somebody else starts anew.

    Args:
        obligations: of the version in force.
        changes: earliest first.
    """
    return tuple(
        OwnedPackage(
            obligation, package, _owner(package.owner, PackageName(obligation.obligation, package.package), changes), package.owner
        )
        for obligation in obligations
        for package in obligation.packages
    )


def _owner(written: str, name: PackageName, changes: Iterable[OwnerChange]) -> str:
    owner = written
    for each in changes:
        if each.name == name and each.before == owner:
            owner = each.after
    return owner


def leavers(before: Catalogue, after: Catalogue) -> frozenset[str]:
    """People, teams and suppliers that were there before a change of the catalogue and are not after it."""
    names = [each.person for each in before.people] + [each.partner for each in before.partners]
    there = {each.person for each in after.people} | {each.partner for each in after.partners}
    return frozenset(name for name in names if not before.has_left(name) and (after.has_left(name) or name not in there))
