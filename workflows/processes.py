"""Carries out `domain.ports.FollowUps`: processes of follow-ups and agreements, started and told by activities."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.case_messages import AgreementOrder, FollowUpOrder, Registered
from domain.errors import Conflict
from domain.follow_ups.follow_up import FollowUp, News
from domain.termination import TerminationNews
from domain.versions import FIRST_VERSION
from workflows.names import RPC_TIMEOUT, agreement_workflow_id
from workflows.starting import start_agreement, start_follow_up

_log = logging.getLogger(__name__)


class Facts(Protocol):
    """Where follow-ups are written down, and what they decide becomes fact."""

    async def open(self, case: FollowUp) -> Sequence[News]:
        """Write a follow-up down; one that is there already stays as it is.

        Returns:
            What is told to the follow-up that it belongs to, where it is not opened by itself.

        Raises:
            Conflict: the agreement is no longer there to be followed up in this way.
        """

    async def take_effect(self, case: FollowUp, at: datetime) -> Sequence[News]:
        """Make facts of what was decided, once, however often it is asked; gives what the follow-up hears of it."""


class Processes:
    """Starts processes, and sends them news."""

    def __init__(self, client: Client, facts: Facts) -> None:
        """Work on an engine, and on where the rows are."""
        self._client = client
        self._facts = facts

    async def open_follow_up(self, order: FollowUpOrder) -> None:
        """Write a follow-up down and start its process; one that is there already stays as it is.

        What belongs to another one that is open is told to that. A follow-up of an agreement that ends meanwhile is not opened.
        """
        try:
            attached = await self._facts.open(order.case)
        except Conflict as ended:
            _log.info("%s is not opened: %s", order.case.case_id, ended)
            return
        for news in attached:
            await signal(self._client, news.about, "news", news)
        if attached:
            return
        try:
            await start_follow_up(self._client, order)
        except WorkflowAlreadyStartedError:
            return  # opened before: what came of it since stays

    async def tell(self, news: News) -> None:
        """Tell a follow-up something; one that has ended, or never was, hears nothing."""
        await _signal(self._client, news.about, "news", news)

    async def start_agreement(self, order: AgreementOrder) -> None:
        """Start the process of a registered agreement, or tell it of another version; one that runs already is left alone."""
        if order.registered.version == FIRST_VERSION:
            await start_agreement(self._client, order)
        else:
            await tell_version(self._client, order.registered)

    async def take_effect(self, case: FollowUp, at: datetime) -> None:
        """Make facts of what was decided, let the case hear what came of it, and have its period closed again."""
        for news in await self._facts.take_effect(case, at):
            await self.tell(news)
        if case.period:
            await tell_agreement(self._client, case.registry_no, case.period)


async def tell_agreement(client: Client, registry_no: str, period: str) -> None:
    """Tell an agreement's process that figures of a period have changed; one that is over hears nothing."""
    await _signal(client, agreement_workflow_id(registry_no), "figures_changed", period)


async def tell_version(client: Client, registered: Registered) -> None:
    """Tell an agreement's process of another version of it; one that is over hears nothing."""
    await _signal(client, agreement_workflow_id(registered.registry_no), "amended", registered)


async def tell_termination(client: Client, registry_no: str, news: TerminationNews) -> None:
    """Tell an agreement's process of an order to end it, or of its revocation.

    Raises:
        RPCError: the engine is away, or the process has not begun or is over (NOT_FOUND).
    """
    await signal(client, agreement_workflow_id(registry_no), "termination", news)


async def tell_of_supports(client: Client, registry_no: str, why: str) -> None:
    """Tell an agreement's process that what carries it may have changed; one that is over hears nothing."""
    await _signal(client, agreement_workflow_id(registry_no), "supports_changed", why)


async def _signal(client: Client, process: str, name: str, content: object) -> None:
    try:
        await signal(client, process, name, content)
    except RPCError as failure:
        if failure.status is not RPCStatusCode.NOT_FOUND:
            raise


async def signal(client: Client, process: str, name: str, content: object) -> None:
    """Tell a process something.

    Raises:
        RPCError: the engine is away, or there is no such process (NOT_FOUND).
    """
    await client.get_workflow_handle(process).signal(name, content, rpc_timeout=RPC_TIMEOUT)
