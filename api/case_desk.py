"""The desk where cases are opened and decided on: each deed goes to the case's process, which judges it.

Where no worker answers in time the deed is kept in the inbox, and the process is told as soon as it answers: what we said
we received is not lost, whatever dies.
"""

import asyncio
from datetime import timedelta
from typing import Any, NamedTuple

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.clock import BusinessClock
from domain.audit import AuditEvent
from domain.cases import Answer, Submission
from domain.errors import BadInput, Conflict, Forbidden, ServandaError
from domain.follow_ups.follow_up import FollowUpKind
from domain.follow_ups.kinds import has_ended
from domain.lifecycle import CASE_ENDS
from domain.support_case import SUPPORT_ENDS
from store.cases import CaseStore
from store.database import Database
from store.follow_ups import follow_up_of
from store.inbox_rows import InboxRows
from workflows.names import process_id

ANSWER_WITHIN = timedelta(seconds=5)
"""How long a person waits for the case's answer before the deed is taken in for later."""

_WRITTEN_WITHIN = 2.0
"""Seconds in which what was answered is usually written down, so that who asks next sees it."""

_ENDS = frozenset(state.value for state in (*CASE_ENDS, *SUPPORT_ENDS))


class Received(NamedTuple):
    """A deed that was taken in and not judged yet."""

    case_id: str
    key: str


class CaseDesk:
    """Takes deeds to their cases."""

    def __init__(self, database: Database, client: Client | None, now: BusinessClock) -> None:
        """Work on a database and an engine, by the business's clock."""
        self._database = database
        self._cases = CaseStore(database)
        self._rows = InboxRows(database)
        self._client = client
        self._now = now

    async def act(self, row: Any, submission: Submission) -> Answer | Received:
        """Take a deed to its case, and wait for the answer.

        Raises:
            ServandaError: the case refuses it.
        """
        said = submission.model_copy(update={"received_at": self._now()})
        try:
            answer = await self._judged(row, said)
        except (Conflict, Forbidden, BadInput) as refusal:
            await self.note_refusal(row, said, refusal)
            raise
        if isinstance(answer, Answer):
            await self._until_written(row.case_id, answer.revision)
        return answer

    async def _judged(self, row: Any, said: Submission) -> Answer | Received:
        """The case's answer; where no worker gives one in time, the deed is kept."""
        try:
            return await self.deliver(row.kind, row.case_id, said)
        except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError, OSError, RuntimeError) as away:
            if (refusal := ended(row, away)) is not None:
                raise refusal from away
            await self._rows.keep_deed(row.kind, row.case_id, said, self._now())
            return Received(row.case_id, said.key)

    async def deliver(self, kind: str, case_id: str, submission: Submission) -> Answer:
        """Tell the process, by an id of its own for each deed, so that telling again is the same one.

        Raises:
            ServandaError: the case refuses it.
            RPCError: the engine, or every worker, is away.
        """
        if self._client is None:
            raise OSError("this API has no engine")
        handle = self._client.get_workflow_handle(process_id(kind, case_id))
        try:
            answer: Answer = await handle.execute_update(
                "act", submission, id=submission.update_id, rpc_timeout=ANSWER_WITHIN, result_type=Answer
            )
        except WorkflowUpdateFailedError as refused:
            raise refusal_of(refused.cause) from refused
        except WorkflowUpdateRPCTimeoutOrCancelledError as away:
            # The library answers a cancelled task like a late engine; who was cancelled must not go on.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError from away
            raise
        return answer

    async def note_refusal(self, row: Any, said: Submission, refusal: ServandaError) -> None:
        """What was refused is audited too."""
        process = process_id(row.kind, row.case_id)
        event = AuditEvent(
            key=f"{process}:refused:{said.by.person}:{said.key}:{refusal.code}",
            subject=process,
            action=str(said.action.get("action")),
            from_state=row.state,
            to_state=row.state,
            actor=said.by.person,
            reason=f"REFUSED {refusal.code}: {refusal}"[:2000],
            document_hash=said.action.get("document_hash"),
            at=said.received_at or self._now(),
        )
        await self._cases.note(event)

    async def _until_written(self, case_id: str, revision: int) -> None:
        """Wait a moment for the record of what was answered; who reads next should see what they did."""
        for _ in range(int(_WRITTEN_WITHIN / 0.02)):
            async with self._database.reading() as connection:
                row = await self._cases.case(connection, case_id)
            if row is not None and row.revision >= revision:
                return
            await asyncio.sleep(0.02)


def ended(row: Any, failure: Exception) -> Conflict | None:
    """The refusal of a case that is over: the engine has no process of it any more. A case it does not know yet is not over."""
    if isinstance(failure, RPCError) and failure.status is RPCStatusCode.NOT_FOUND and _is_over(row):
        return Conflict("CASE_ENDED", f"the case is {row.state}; nothing is decided in it any more")
    return None


def _is_over(row: Any) -> bool:
    """Did it end? The same word may be an end of one kind of follow-up and a state of another."""
    return has_ended(follow_up_of(row.document)) if row.kind in set(FollowUpKind) else row.state in _ENDS


def refusal_of(cause: BaseException | None) -> ServandaError:
    """The case's refusal as it travelled through the engine."""
    if not isinstance(cause, ApplicationError):
        return Conflict("NOT_JUDGED", str(cause))
    kind, allowed = [*cause.details, "INVALID", []][:2]
    if kind == "CONFLICT":
        return Conflict(cause.type or "CONFLICT", cause.message, tuple(allowed))
    if kind == "FORBIDDEN":
        return Forbidden(cause.message)
    return BadInput(cause.message, cause.type)
