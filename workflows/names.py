"""Every name the engine knows us by, in one place: queues, ids, search attributes. None of them is ever renamed."""

from datetime import timedelta

from temporalio.common import SearchAttributeKey

from domain.effects import TicketRef
from domain.follow_ups.follow_up import FollowUpKind
from domain.registry_numbers import in_addresses
from domain.ticket_audit import trail_of

TICKETS_QUEUE = "servanda-tickets"
CASES_QUEUE = "servanda-cases"
NOTICES_QUEUE = "servanda-notices"
CRM_QUEUE = "servanda-crm"
BACKTESTS_QUEUE = "servanda-backtests"
"""Measuring takes minutes: it has its own queue, so that it takes no place from a clock."""
RPC_TIMEOUT = timedelta(seconds=10)
"""How long one call to the engine may take before it counts as away."""

QUEUES = (TICKETS_QUEUE, CASES_QUEUE, NOTICES_QUEUE, CRM_QUEUE, BACKTESTS_QUEUE)

RETENTION_ID = "retention"
"""The schedule that lets data about people go, and how the ids of its processes begin."""

AGREEMENT_STATE = SearchAttributeKey.for_keyword("AgreementState")
PENDING_ROLE = SearchAttributeKey.for_keyword_list("PendingRole")
REGISTRY_NO = SearchAttributeKey.for_keyword("RegistryNo")
CUSTOMER_ID = SearchAttributeKey.for_keyword("CustomerId")
CLOCK_HEALTH = SearchAttributeKey.for_keyword("ClockHealth")
NEXT_DUE_AT = SearchAttributeKey.for_datetime("NextDueAt")

SEARCH_ATTRIBUTES = (AGREEMENT_STATE, PENDING_ROLE, REGISTRY_NO, CUSTOMER_ID, CLOCK_HEALTH, NEXT_DUE_AT)


def ticket_workflow_id(ticket: TicketRef) -> str:
    """The id of a ticket's process: starting twice gives one."""
    return trail_of(ticket.source, ticket.ticket_id)


def digest_workflow_id(bucket: str) -> str:
    """The id of the digest for what became known in one stretch of time."""
    return f"digest:{bucket}"


def case_workflow_id(case_id: str) -> str:
    """The id of an agreement case's process."""
    return f"agreement-case:{case_id}"


def agreement_workflow_id(registry_no: str) -> str:
    """The id of a registered agreement's process."""
    return f"agreement:{in_addresses(registry_no)}"


def replan_workflow_id(replan: str) -> str:
    """The id of the process that moves open tickets."""
    return f"replan:{replan}"


def backtest_workflow_id(backtest: str) -> str:
    """The id of the process that measures a backtest."""
    return f"backtest:{backtest}"


def support_workflow_id(case_id: str) -> str:
    """The id of the process of an OLA or UC on its way to the registry."""
    return f"support-case:{case_id}"


def process_id(kind: str, case_id: str) -> str:
    """The id of a case's process by the kind of case; a follow-up's own id is its process's."""
    if kind in set(FollowUpKind):
        return case_id
    return support_workflow_id(case_id) if kind == "SUPPORT" else case_workflow_id(case_id)
