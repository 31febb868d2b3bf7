"""Starting digests: once each, to run when their time has come."""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.tickets import DIGEST_EVERY
from domain.letters import waiting_bucket
from workflows.digest import Digest
from workflows.names import RPC_TIMEOUT, TICKETS_QUEUE, digest_workflow_id

_MARGIN = timedelta(seconds=30)
"""Letters are told so long after their instant: whoever writes one down at the last moment still gets it into the digest."""


class DigestStarter:
    """Carries out `domain.ports.DigestStarter`."""

    def __init__(self, client: Client, now: Callable[[], datetime]) -> None:
        """Start on an engine; `now` is the business clock that instants are told by."""
        self._client = client
        self._now = now

    async def ensure_digest(self, bucket: str) -> None:
        """Start the digest of a stretch of time, to run when that has passed."""
        await self._start(bucket, DIGEST_EVERY)

    async def ensure_letters(self, receiver: str, due_at: datetime) -> None:
        """Start the digest of what waits for a receiver, to run a moment after its instant; at once where that is past."""
        ahead = due_at - self._now()
        await self._start(waiting_bucket(receiver, due_at), ahead + _MARGIN if ahead > timedelta() else timedelta())

    async def _start(self, bucket: str, delay: timedelta) -> None:
        await self._client.start_workflow(
            Digest.run,
            bucket,
            id=digest_workflow_id(bucket),
            task_queue=TICKETS_QUEUE,
            start_delay=delay or None,
            rpc_timeout=RPC_TIMEOUT,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
