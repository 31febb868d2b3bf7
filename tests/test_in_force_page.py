"""The page about agreements in force says what the tables in the code say."""

import pytest

from domain.case_wording import task_title
from domain.follow_ups.kinds import KINDS
from domain.follow_ups.triggers import MATERIAL_BY_DEFINITION, ChangeTrigger
from domain.timer_policy import DATED_TASKS, FOLLOW_UP_TASKS, TimerPolicy
from tests.conftest import ROOT
from tests.test_lifecycle_page import task_rows

PAGE = (ROOT / "docs" / "in-force.md").read_text(encoding="utf-8")
TIMES = ("pack_ready", "pack_sent", "review_postponed", "review_missed", "ad_hoc_review", "dispute", "claim_reminder")
RENEWAL_TIMES = ("renewal", "renewal_decision", "renewal_escalation")


def rows() -> list[str]:
    """The rows of the follow-ups' tables, as the page shows them."""
    return [
        f"| {row.at} | `{row.action}` | {', '.join(sorted(row.roles)) or '–'} | {', '.join(row.to)} |"
        for kind in KINDS.values()
        for row in kind.table
    ]


def dated_rows() -> list[str]:
    """The rows of tasks with a date of their own."""
    found = []
    for kind, policy in DATED_TASKS.items():
        escalations = "; ".join(f"{step.after}: {', '.join(step.to)}" for step in policy.escalate) or "–"
        reminders = ", ".join(f"{days:+d}" if days else "on its date" for days in policy.remind)
        found.append(f"| {task_title(kind)} (`{kind}`) | {reminders} | {escalations} |")
    return found


@pytest.mark.parametrize("row", [*rows(), *task_rows(FOLLOW_UP_TASKS), *dated_rows()])
def test_the_page_has_every_row_of_the_code(row: str) -> None:
    assert row in PAGE.splitlines()


@pytest.mark.parametrize("name", [*(f"{each}_days" for each in (*TIMES, *RENEWAL_TIMES)), "claim_months"])
def test_the_page_says_the_other_times(name: str) -> None:
    assert f"`{name}` {getattr(TimerPolicy(), name)}" in PAGE


@pytest.mark.parametrize("name", ["needed_by_warnings", "renewal_notice_warnings"])
def test_the_page_says_when_people_are_warned(name: str) -> None:
    assert f"`{name}` {', '.join(map(str, getattr(TimerPolicy(), name)))}" in " ".join(PAGE.split())


@pytest.mark.parametrize("code", ChangeTrigger)
def test_the_page_says_what_follows_from_a_trigger(code: ChangeTrigger) -> None:
    [line] = [line for line in PAGE.splitlines() if line.startswith("| `") and f"`{code}`" in line]
    assert ("material by definition" in line) is (code in MATERIAL_BY_DEFINITION)


def test_the_page_has_no_row_of_a_follow_up_that_the_code_has_not() -> None:
    states = {str(state) for kind in KINDS.values() for row in kind.table for state in (row.at, *row.to)}
    shown = [line for line in PAGE.splitlines() if line.split(" | ")[0].removeprefix("| ") in states]
    assert sorted(shown) == sorted(rows())
