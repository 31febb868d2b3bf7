"""What changed between two versions, in the words of the agreement: where, by the names its sections and fields have there."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.differences import Difference


class Change(NamedTuple):
    """A value that is not as it was, and where it stands in words."""

    where: str
    before: str | None
    after: str | None


def changes_said(found: Sequence[Difference], phrases: Mapping[str, str]) -> list[Change]:
    """The differences with the labels of the readable agreement; names that people chose stand as they are."""
    return [Change(" › ".join(_said(part, phrases) for part in each.where.split(".")), each.before, each.after) for each in found]


def _said(part: str, phrases: Mapping[str, str]) -> str:
    return phrases.get(part, part)
