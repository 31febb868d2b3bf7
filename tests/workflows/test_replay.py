"""Histories of processes that run somewhere are replayed with today's code: a change that would break them is found here."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from worker import WORKFLOWS, sandbox

HISTORIES = sorted((Path(__file__).parent.parent / "histories").rglob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_a_recorded_history_replays(path: Path) -> None:
    history = _read(path)
    replayer = Replayer(
        workflows=[each for known in WORKFLOWS.values() for each in known],
        workflow_runner=sandbox(),
        data_converter=pydantic_data_converter,
    )

    await replayer.replay_workflow(history)


def _read(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


def test_there_are_histories_of_every_kind_of_process_to_replay() -> None:
    assert {path.parent.name for path in HISTORIES} == {
        "ticket",
        "agreement_case",
        "support_case",
        "agreement",
        "follow_up",
        "replan",
        "retention",
        "backtest",
    }
    assert len(HISTORIES) >= 20
