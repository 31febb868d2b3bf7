"""What the alignment rules say of a promise and its supports."""

from enum import StrEnum

from domain.values import Message


class Verdict(StrEnum):
    """What a rule says."""

    HOLDS = "HOLDS"
    WARNING = "WARNING"
    FAILS = "FAILS"


RULE_OF = {
    "SELF_PROVIDED": 0,
    "NO_SUPPORT": 0,
    "NO_PROCEDURE": 0,
    "IN_TIME": 1,
    "NO_SLACK": 1,
    "TOO_LONG": 1,
    "NO_ROW": 1,
    "NOT_COUNTABLE": 1,
    "SLOWER_KIND": 2,
    "HOURS_GAP": 3,
    "HOLIDAY_GAP": 3,
    "AVAILABILITY": 4,
    "REGION_GAP": 5,
    "VOLUME_GAP": 5,
    "STARTS_LATER": 6,
    "EXPIRES_FIRST": 6,
    "SHORTER_NOTICE": 6,
    "COMPLIANCE_GAP": 7,
    "PENALTY_GAP": 8,
}
"""The rule each code belongs to (`docs/rules.md`, rule 17); 0 asks whether there is a support at all."""


class Finding(Message):
    """What one rule says of one target; `achievable` is what the supports could carry."""

    rule: int
    code: str
    verdict: Verdict
    target: str
    message: str
    slack_minutes: int | None = None
    achievable: str | None = None


class AlignmentReport(Message):
    """All findings about one document."""

    document: str
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Rules that are broken."""
        return tuple(each for each in self.findings if each.verdict is Verdict.FAILS)

    @property
    def holds(self) -> bool:
        """Does no rule fail?"""
        return not self.failures


def holds(code: str, target: str, message: str, slack_minutes: int | None = None) -> Finding:
    """A rule that is kept."""
    return Finding(rule=RULE_OF[code], code=code, verdict=Verdict.HOLDS, target=target, message=message, slack_minutes=slack_minutes)


def warns(code: str, target: str, message: str, slack_minutes: int | None = None) -> Finding:
    """A rule that is kept, with something to look at."""
    return holds(code, target, message, slack_minutes).model_copy(update={"verdict": Verdict.WARNING})


def fails(code: str, target: str, message: str, achievable: str | None = None, slack_minutes: int | None = None) -> Finding:
    """A rule that is broken."""
    update = {"verdict": Verdict.FAILS, "achievable": achievable}
    return holds(code, target, message, slack_minutes).model_copy(update=update)
