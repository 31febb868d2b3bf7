"""Carries out `domain.ports.FollowUps`: processes of follow-ups and agreements, started and told by activities."""

from datetime import datetime
from typing import Protocol

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.case_messages import AgreementOrder, FollowUpOrder, Registered
from domain.follow_ups.follow_up import FollowUp, News
from domain.versions import FIRST_VERSION
from workflows.names import RPC_TIMEOUT, agreement_workflow_id
from workflows.starting import start_agreement, start_follow_up


class Facts(Protocol):
    """Where follow-ups are written down, and what they decide becomes fact."""

    async def open(self, case: FollowUp) -> None:
        """Write a follow-up down; one that is there already stays as it is."""

    async def take_effect(self, case: FollowUp, at: datetime) -> None:
        """Make facts of what was decided; once, however often it is asked."""


class Processes:
    """Starts processes, and sends them news."""

    def __init__(self, client: Client, facts: Facts) -> None:
        """Work on an engine, and on where the rows are."""
        self._client = client
        self._facts = facts

    async def open_follow_up(self, order: FollowUpOrder) -> None:
        """Write a follow-up down and start its process; one that is there already stays as it is."""
        await self._facts.open(order.case)
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
        """Make facts of what was decided, and have the period closed again."""
        await self._facts.take_effect(case, at)
        await tell_agreement(self._client, case.registry_no, case.period)


async def tell_agreement(client: Client, registry_no: str, period: str) -> None:
    """Tell an agreement's process that figures of a period have changed; one that is over hears nothing."""
    await _signal(client, agreement_workflow_id(registry_no), "figures_changed", period)


async def tell_version(client: Client, registered: Registered) -> None:
    """Tell an agreement's process of another version of it; one that is over hears nothing."""
    await _signal(client, agreement_workflow_id(registered.registry_no), "amended", registered)


async def _signal(client: Client, process: str, name: str, content: object) -> None:
    try:
        await client.get_workflow_handle(process).signal(name, content, rpc_timeout=RPC_TIMEOUT)
    except RPCError as failure:
        if failure.status is not RPCStatusCode.NOT_FOUND:
            raise
