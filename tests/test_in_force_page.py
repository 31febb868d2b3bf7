"""The page about agreements in force says what the tables in the code say."""

import pytest

from domain.case_wording import task_title
from domain.follow_ups.kinds import KINDS
from domain.in_force import CLOSING_DELAY, MEETING_AT, MEETING_DAY, REPORT_AT, OccasionKind
from domain.timer_policy import DATED_TASKS, FOLLOW_UP_TASKS, TimerPolicy
from tests.conftest import ROOT
from tests.test_lifecycle_page import task_rows

PAGE = (ROOT / "docs" / "in-force.md").read_text(encoding="utf-8")
SETTINGS = (
    "pack_ready_days",
    "pack_sent_days",
    "review_postponed_days",
    "review_missed_days",
    "ad_hoc_review_days",
    "dispute_days",
    "claim_months",
    "claim_reminder_days",
)


def transition_rows() -> list[str]:
    """The rows of the tables of follow-ups, as the page shows them."""
    return [
        f"| {row.at} | `{row.action}` | {', '.join(sorted(row.roles)) or '–'} | {', '.join(row.to)} |"
        for kind in KINDS.values()
        for row in kind.table
    ]


def dated_rows() -> list[str]:
    """The rows of the table of tasks with a date of their own."""
    rows = []
    for kind, policy in DATED_TASKS.items():
        reminders = ", ".join(f"{days:+}" if days else "0" for days in policy.remind)
        escalations = "; ".join(f"+{step.after}: {', '.join(step.to)}" for step in policy.escalate) or "–"
        rows.append(f"| {task_title(kind)} (`{kind}`) | {reminders} | {escalations} |")
    return rows


def settings_shown() -> dict[str, str]:
    """The settings of the page with their defaults."""
    cells = [[part.strip() for part in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1] for row in cells if len(row) == len(["setting", "default", "what"])}


@pytest.mark.parametrize("row", [*transition_rows(), *task_rows(FOLLOW_UP_TASKS), *dated_rows()])
def test_the_page_has_every_row_of_the_code(row: str) -> None:
    assert row in PAGE.splitlines()


def test_the_page_has_no_row_of_a_follow_up_that_the_code_has_not() -> None:
    states = {str(state) for kind in KINDS.values() for row in kind.table for state in (row.at, *row.to)}
    shown = [line for line in PAGE.splitlines() if line.startswith("| ") and line.split(" | ")[0].removeprefix("| ") in states]
    assert sorted(shown) == sorted(transition_rows())


def test_the_page_names_every_occasion_with_its_hour() -> None:
    assert [kind for kind in OccasionKind if f"| `{kind}` |" not in PAGE] == []
    assert f"{CLOSING_DELAY.seconds // 60} minutes after" in PAGE
    assert f"{REPORT_AT:%H:%M}" in PAGE
    assert f"the {MEETING_DAY}th" in PAGE
    assert f"{MEETING_AT:%H:%M}" in PAGE


@pytest.mark.parametrize("name", SETTINGS)
def test_the_page_has_every_setting_with_its_default(name: str) -> None:
    assert settings_shown()[name] == str(getattr(TimerPolicy(), name))
