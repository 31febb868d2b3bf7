"""What administrators find a registered agreement by."""

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes

with workflow.unsafe.imports_passed_through():
    from domain.case_messages import Registered

from workflows.names import AGREEMENT_STATE, CUSTOMER_ID, REGISTRY_NO


def attributes_of(registered: Registered) -> TypedSearchAttributes:
    """What administrators find a registered agreement by from its first moment."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(REGISTRY_NO, registered.registry_no),
            SearchAttributePair(CUSTOMER_ID, registered.customer),
            SearchAttributePair(AGREEMENT_STATE, "REGISTERED"),
        ]
    )
