"""How long a case stood in each stage, to the minute, so that what is shown adds up to what is shown in all (R-173)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from api.routes.cases import StagesView, StageView

_MINUTE = 60


class ShownStage(NamedTuple):
    """A stay in a stage and its length in words: `9 d 1 h 30 min`, days of 24 hours, the same in every language."""

    stage: StageView
    lasted: str


class StageTable(NamedTuple):
    """The stays of a case in their order, and their sum."""

    stages: Sequence[ShownStage]
    in_all: str


def stage_table(view: StagesView, now: datetime) -> StageTable:
    """The table of a case. Seconds are cut off the instants and not off the lengths: else the lines would sum to less than the whole.

    Args:
        view: the stays, one after the other.
        now: until when the stay counts that has not ended.
    """
    lengths = [_minute(each.left_at or now) - _minute(each.entered_at) for each in view.stages]
    shown = [ShownStage(each, _said(length)) for each, length in zip(view.stages, lengths, strict=True)]
    return StageTable(shown, _said(sum(lengths)))


def _minute(at: datetime) -> int:
    return int(at.timestamp() // _MINUTE)


def _said(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [(hours // 24, "d"), (hours % 24, "h"), (rest, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"
