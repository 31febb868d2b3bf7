"""What follows from a registry number: the agreement's own process."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from domain.case_messages import AgreementOrder, Registered

from workflows.names import AGREEMENT_STATE, CUSTOMER_ID, REGISTRY_NO, agreement_workflow_id


async def start_agreement(registered: Registered, crm_case: str | None, shift: timedelta) -> None:
    """Start the process of a registered agreement, which outlives the case; one that runs already is left alone."""
    try:
        await workflow.start_child_workflow(
            "Agreement",
            AgreementOrder(registered=registered, crm_case=crm_case, time_shift=shift),
            id=agreement_workflow_id(registered.registry_no),
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            search_attributes=attributes_of(registered),
            static_summary=f"{registered.registry_no} · {registered.customer}",
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("%s runs already", registered.registry_no)


def attributes_of(registered: Registered) -> TypedSearchAttributes:
    """What administrators find a registered agreement by from its first moment."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(REGISTRY_NO, registered.registry_no),
            SearchAttributePair(CUSTOMER_ID, registered.customer),
            SearchAttributePair(AGREEMENT_STATE, "REGISTERED"),
        ]
    )
