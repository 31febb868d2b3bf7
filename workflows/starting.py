"""How processes are started, so that administrators find them from their first moment and at no extra cost."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.backtest.orders import BacktestOrder
from domain.case_messages import AgreementOrder, CaseOrder, FollowUpOrder, SupportOrder
from domain.clocks import read_clocks
from domain.health import health_of, next_due_at
from domain.history import tell
from domain.instants import to_us
from domain.replan import ReplanOrder
from domain.terms import SUPPORT_KINDS
from domain.ticket_messages import TicketOrder
from workflows.agreement import Agreement as AgreementProcess
from workflows.agreement_case import AgreementCase
from workflows.backtest import Backtest
from workflows.follow_up import FollowUp
from workflows.names import (
    AGREEMENT_STATE,
    CASES_QUEUE,
    CLOCK_HEALTH,
    CUSTOMER_ID,
    NEXT_DUE_AT,
    REGISTRY_NO,
    RPC_TIMEOUT,
    TICKETS_QUEUE,
    agreement_workflow_id,
    backtest_workflow_id,
    case_workflow_id,
    replan_workflow_id,
    support_workflow_id,
    ticket_workflow_id,
)
from workflows.registering import attributes_of
from workflows.replan import Replan
from workflows.support_case import SupportCase
from workflows.ticket import Ticket


async def start_ticket(client: Client, order: TicketOrder, now: datetime, *, again: bool = False) -> None:
    """Start a ticket's process; `again` begins another run after a former one has ended.

    Raises:
        WorkflowAlreadyStartedError: it runs already, or has ended and `again` was not said.
    """
    await client.start_workflow(
        Ticket.run,
        order,
        id=ticket_workflow_id(order.ticket),
        task_queue=TICKETS_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE if again else WorkflowIDReusePolicy.REJECT_DUPLICATE,
        search_attributes=_search_attributes(order, now),
        static_summary=_summary(order, now),
        rpc_timeout=RPC_TIMEOUT,
    )


async def start_case(client: Client, order: CaseOrder) -> None:
    """Start an agreement case's process.

    Raises:
        WorkflowAlreadyStartedError: it was started before.
    """
    request = order.case.request
    attributes: list[SearchAttributePair[Any]] = [
        SearchAttributePair(CUSTOMER_ID, request.customer),
        SearchAttributePair(AGREEMENT_STATE, order.case.state.value),
    ]
    await client.start_workflow(
        AgreementCase.run,
        order,
        id=case_workflow_id(order.case.case_id),
        task_queue=CASES_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        search_attributes=TypedSearchAttributes(attributes),
        static_summary=" · ".join((request.crm_case, request.customer, *request.services))[:200],
        rpc_timeout=RPC_TIMEOUT,
    )


async def start_support(client: Client, order: SupportOrder) -> None:
    """Start the process of an OLA or UC.

    Raises:
        WorkflowAlreadyStartedError: it was started before.
    """
    await client.start_workflow(
        SupportCase.run,
        order,
        id=support_workflow_id(order.case.case_id),
        task_queue=CASES_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        search_attributes=TypedSearchAttributes([SearchAttributePair(AGREEMENT_STATE, order.case.state.value)]),
        static_summary=f"support by {order.case.partner}"[:200],
        rpc_timeout=RPC_TIMEOUT,
    )


async def start_follow_up(client: Client, order: FollowUpOrder) -> None:
    """Start the process of a follow-up.

    Raises:
        WorkflowAlreadyStartedError: it was started before.
    """
    case = order.case
    attributes: list[SearchAttributePair[Any]] = [
        SearchAttributePair(REGISTRY_NO, case.registry_no),
        SearchAttributePair(CUSTOMER_ID, case.customer),
        SearchAttributePair(AGREEMENT_STATE, case.state.value),
    ]
    await client.start_workflow(
        FollowUp.run,
        order,
        id=case.case_id,
        task_queue=CASES_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        search_attributes=TypedSearchAttributes(attributes),
        static_summary=" · ".join(part for part in (case.kind.value, case.registry_no, case.about, case.period) if part)[:200],
        rpc_timeout=RPC_TIMEOUT,
    )


async def start_agreement(client: Client, order: AgreementOrder) -> None:
    """Start the process of a registered agreement; one that runs already is left alone, one that has ended too."""
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            AgreementProcess.run,
            order,
            id=agreement_workflow_id(order.registered.registry_no),
            task_queue=CASES_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=attributes_of(order.registered),
            static_summary=f"{order.registered.registry_no} · {order.registered.customer}"[:200],
            rpc_timeout=RPC_TIMEOUT,
        )


async def start_replan(client: Client, order: ReplanOrder) -> None:
    """Start the process that moves open tickets; one that runs already, or has ended, is left alone."""
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            Replan.run,
            order,
            id=replan_workflow_id(order.replan),
            task_queue=CASES_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(REGISTRY_NO, order.agreement)]),
            static_summary=f"open tickets of {order.agreement} to {order.to_version}"[:200],
            rpc_timeout=RPC_TIMEOUT,
        )


async def start_backtest(client: Client, order: BacktestOrder) -> None:
    """Start the process that measures a backtest; one that runs already, or has ended, is left alone."""
    known = ((REGISTRY_NO, order.registry_no), (CUSTOMER_ID, order.customer))
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            Backtest.run,
            order,
            id=backtest_workflow_id(order.backtest),
            task_queue=CASES_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(key, value) for key, value in known if value is not None]),
            static_summary=f"{', '.join(order.proposals)} on the tickets of {order.days}"[:200],
            rpc_timeout=RPC_TIMEOUT,
        )


def _search_attributes(order: TicketOrder, now: datetime) -> TypedSearchAttributes:
    pairs: list[SearchAttributePair[Any]] = []
    readings = read_clocks(order.agreements, order.events, now)
    sla = next((agreement for agreement in order.agreements if agreement.kind not in SUPPORT_KINDS), None)
    if sla is not None:
        pairs.append(SearchAttributePair(REGISTRY_NO, sla.agreement))
    if customer := _attribute(order, "customer", now):
        pairs.append(SearchAttributePair(CUSTOMER_ID, customer))
    if readings:
        pairs.append(SearchAttributePair(CLOCK_HEALTH, health_of(readings).value))
    if (due := next_due_at(readings)) is not None:
        pairs.append(SearchAttributePair(NEXT_DUE_AT, due))
    return TypedSearchAttributes(pairs)


def _summary(order: TicketOrder, now: datetime) -> str:
    priority = _attribute(order, "priority", now)
    parts = (order.ticket.ticket_id, _attribute(order, "service", now), f"priority {priority}" if priority else None)
    return " · ".join(part for part in parts if part)


def _attribute(order: TicketOrder, name: str, now: datetime) -> str | None:
    history = tell(order.events, to_us(now))
    return history.changes[-1][1].get(name) if history is not None else None
