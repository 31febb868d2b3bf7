"""The page about the life cycle says what the tables in the code say."""

from collections.abc import Mapping

import pytest

from domain.case_wording import task_title
from domain.lifecycle import TRANSITIONS
from domain.timer_policy import CASE_TASKS, TaskPolicy
from tests.conftest import ROOT


def transition_rows() -> list[str]:
    """The rows of the table of transitions, as the page shows them."""
    return [
        f"| {row.row or '–'} | {row.at} | `{row.action}` | {', '.join(sorted(row.roles)) or '–'} | {', '.join(row.to)} |"
        for row in TRANSITIONS
    ]


def task_rows(tasks: Mapping[str, TaskPolicy] = CASE_TASKS) -> list[str]:
    """The rows of a table of times."""
    rows = []
    for kind, policy in tasks.items():
        escalations = [f"{step.after}: {', '.join(step.to)}{' daily' if step.daily else ''}" for step in policy.escalate]
        reminders = ", ".join(map(str, policy.remind)) or "–"
        rows.append(f"| {task_title(kind)} (`{kind}`) | {policy.due} | {reminders} | {'; '.join(escalations) or '–'} |")
    return rows


@pytest.mark.parametrize("row", [*transition_rows(), *task_rows()])
def test_the_page_has_every_row_of_the_code(row: str) -> None:
    assert row in (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8").splitlines()
