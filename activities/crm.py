"""Telling the CRM what happened to its tickets and to the agreements it asked for, and billing what to give back."""

from collections.abc import Awaitable, Callable
from functools import partial

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.effects import CreditNote, CrmCaseUpdate, CrmUpdate
from domain.ports import Attempt, Crm, DeliveryLog, DeliveryState, Refused


class CrmActivities:
    """Writes back to the CRM."""

    def __init__(self, crm: Crm, log: DeliveryLog) -> None:
        """Take the CRM and the delivery log."""
        self._crm = crm
        self._log = log

    @activity.defn(name="crm.update_ticket")
    async def update_ticket(self, update: CrmUpdate) -> None:
        """Tell the CRM once; a refusal is kept and not repeated, anything else is tried again."""
        await self._tell(update, partial(self._crm.update_ticket, update))

    @activity.defn(name="crm.update_case")
    async def update_case(self, update: CrmCaseUpdate) -> None:
        """Tell the CRM where an agreement stands, likewise."""
        await self._tell(update, partial(self._crm.update_case, update))

    @activity.defn(name="crm.bill_credit")
    async def bill_credit(self, note: CreditNote) -> None:
        """Tell billing what to give back, likewise."""
        await self._tell(note, partial(self._crm.bill_credit, note))

    async def _tell(self, update: CrmUpdate | CrmCaseUpdate | CreditNote, tell: Callable[[], Awaitable[None]]) -> None:
        if await self._log.state(update.key, self._crm.name) is not DeliveryState.PENDING:
            return
        at = activity.info().started_time
        try:
            await tell()
        except Refused as refusal:
            await self._log.note(Attempt(update, self._crm.name, DeliveryState.REFUSED, at, str(refusal)))
            raise ApplicationError(str(refusal), type="CrmRefused", non_retryable=True) from refusal
        except Exception as failure:
            await self._log.note(Attempt(update, self._crm.name, DeliveryState.PENDING, at, str(failure)))
            raise
        await self._log.note(Attempt(update, self._crm.name, DeliveryState.DELIVERED, at))
