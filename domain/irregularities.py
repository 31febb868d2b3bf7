"""What comes of looking at an agreement in the midst of a period: each irregularity opens a correction once. Pure."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from domain.closing import Irregularity
from domain.consequences import Consequences, Source
from domain.effects import Notice
from domain.follow_ups.correction import AT_RISK_UNSUPPORTED, Correction
from domain.follow_ups.follow_up import FollowUpKind, News


def at_look(source: Source, found: Sequence[Irregularity], irregular: Mapping[str, str]) -> tuple[Consequences, dict[str, str]]:
    """Each irregularity opens a correction once, which closes by itself when its cause is gone; gives those that are there now."""
    now = {f"{each.kind}:{each.target}": each for each in found}
    opened, there = [], {}
    for key, each in now.items():
        if key in irregular:
            there[key] = irregular[key]
            continue
        day = f"{source.at.astimezone(ZoneInfo(source.registered.time_zone)):%Y-%m-%d}"
        fields = source.follow_up(FollowUpKind.CORRECTION, each.target, day, each.kind, each.target, day)
        opened.append(Correction(**fields, cause=each.kind, why=each.why))
        there[key] = opened[-1].case_id
    gone = tuple(News(name="gone", about=case_id, at=source.at) for key, case_id in irregular.items() if key not in now)
    notices = tuple(_warning(source, each) for each in opened)
    return Consequences(notices, openings=tuple(opened), news=gone), there


def _warning(source: Source, case: Correction) -> Notice:
    english = f"{case.cause} of {case.about}", case.why
    return source.notice(f"warning:{case.case_id}", _told_of(case), english, phrase="irregularity", cause=case.cause, target=case.about)


def _told_of(case: Correction) -> tuple[str, ...]:
    return ("SLM_MANAGER", "SUPPLY_MANAGER") if case.cause == AT_RISK_UNSUPPORTED else ("SLM_MANAGER",)
