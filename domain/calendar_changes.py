"""What another version of a calendar changes: the terms and documents that use it, and which promises are no longer carried."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import TypeVar

from pydantic import ValidationError

from domain.calendar_definitions import CalendarDefinition
from domain.canonical import digest_of
from domain.documents import AgreementDocument
from domain.errors import BadInput
from domain.findings import AlignmentReport, Finding
from domain.terms import Agreement
from domain.values import Message

_Using = TypeVar("_Using", Agreement, AgreementDocument)


class CalendarState(StrEnum):
    """A version is proposed, then published by a person; a later proposal takes the place of one that never was."""

    PROPOSED = "PROPOSED"
    CONFIRMED = "CONFIRMED"


class Outcome(Message):
    """What a calendar's version did to an agreement: its new version and the re-plan of its tickets; or why it got none."""

    version: str | None = None
    replan: str | None = None
    refused: str | None = None


def digest_of_calendar(definition: CalendarDefinition) -> str:
    """SHA-256 of a definition's canonical JSON: what somebody confirms."""
    return digest_of(definition.model_dump(mode="json", exclude_defaults=True))


def is_changed_by(calendars: Iterable[CalendarDefinition], definition: CalendarDefinition) -> bool:
    """Is there a calendar of that name, with other content?"""
    return any(each.calendar == definition.calendar and each != definition for each in calendars)


def with_calendar(using: _Using, definition: CalendarDefinition, effective_from: date) -> _Using:
    """The same terms or document with the calendar's other content, from a day on.

    Raises:
        BadInput: what is promised cannot be kept with it, such as business days with days of different length.
    """
    calendars = tuple(definition if each.calendar == definition.calendar else each for each in using.calendars)
    try:
        return using.model_copy(update={"calendars": calendars, "effective_from": effective_from})
    except ValidationError as wrong:
        raise BadInput(why_not(wrong)) from wrong


def why_not(wrong: ValidationError) -> str:
    """What in a text does not go with a calendar, in words."""
    return "; ".join(str(each["msg"]).removeprefix("Value error, ") for each in wrong.errors())


def no_longer_carried(then: AlignmentReport, now: AlignmentReport) -> list[Finding]:
    """The rules that fail now and did not fail then, target by target; what never rested on anything is not among them."""
    before = set(map(_failure, then.failures))
    return [each for each in now.failures if _failure(each) not in before]


def _failure(found: Finding) -> tuple[str, str, str]:
    """What makes a failure the same as another: of free days also which they are."""
    return found.code, found.target, found.message if found.code == "HOLIDAY_GAP" else ""
