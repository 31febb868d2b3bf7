"""What waits for somebody has one timer in the engine, for the instant it waits for."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from domain.letters import read_bucket, waiting_bucket
from workflows.digests import DigestStarter
from workflows.names import digest_workflow_id

SHIFT = timedelta(days=200)


def story_now() -> datetime:
    return datetime.now(UTC) - SHIFT


@pytest.mark.parametrize(("ahead", "delay"), [(timedelta(hours=9), timedelta(hours=9, seconds=30)), (timedelta(hours=-1), timedelta())])
async def test_letters_are_told_once_half_a_minute_after_their_instant(
    engine: WorkflowEnvironment, ahead: timedelta, delay: timedelta
) -> None:
    receiver, due_at = f"P{uuid4().hex[:6]}", story_now() + ahead
    starter = DigestStarter(engine.client, story_now)
    await starter.ensure_letters(receiver, due_at)
    await starter.ensure_letters(receiver, due_at)
    handle = engine.client.get_workflow_handle(digest_workflow_id(waiting_bucket(receiver, due_at)))
    found = await handle.describe()
    started = found.execution_time or found.start_time

    assert found.status is WorkflowExecutionStatus.RUNNING
    assert abs(started - found.start_time - delay) < timedelta(seconds=20)
    await handle.terminate()


def test_a_bucket_is_read_back_and_that_of_milestones_is_another_kind() -> None:
    due_at = datetime(2026, 3, 18, 7, 0, tzinfo=UTC)

    assert read_bucket(waiting_bucket("M1", due_at)) == ("M1", due_at)
    assert read_bucket(waiting_bucket("", due_at)) == ("", due_at)
    assert read_bucket("2026-03-17T09:15Z") is None
