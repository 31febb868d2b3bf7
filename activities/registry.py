"""The contracts and agreements database: numbers, entries, states."""

from collections.abc import Sequence

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.case_messages import Registered, Registration, StateChange
from domain.errors import NotAmendable, OverlappingAgreement
from domain.ports import Registry


class RegistryActivities:
    """Registers agreements."""

    def __init__(self, registry: Registry) -> None:
        """Take the registry to write to."""
        self._registry = registry

    @activity.defn(name="registry.register")
    async def register(self, registration: Registration) -> Sequence[Registered]:
        """Give a signed set its numbers, in one transaction; a case that has them gets the same again."""
        try:
            return await self._registry.register(registration)
        except (OverlappingAgreement, NotAmendable) as refusal:
            raise ApplicationError(str(refusal), type=refusal.code, non_retryable=True) from refusal

    @activity.defn(name="registry.change_state")
    async def change_state(self, change: StateChange) -> None:
        """Note that a registered agreement is in another state; the same change again changes nothing."""
        await self._registry.change_state(change)
