"""An agreement ends early: its tickets leave it, page by page, and what is left to be settled is found."""

from temporalio import activity

from domain.ending import Marking, WindingUp
from domain.ports import Terminations
from domain.termination import TerminationOrder


class TerminationActivities:
    """Carries out orders of the CRM."""

    def __init__(self, terminations: Terminations) -> None:
        """Take where tickets, supports and orders are."""
        self._terminations = terminations

    @activity.defn(name="terminations.mark_tickets")
    async def mark_tickets(self, marking: Marking) -> None:
        """Let every ticket know that its agreement ends, or goes on. After a death it goes on behind the last page that was written."""
        details = activity.info().heartbeat_details
        after = str(details[0]) if details else ""
        while (last := await self._terminations.mark_page(marking, after)) is not None:
            after = last
            activity.heartbeat(after)

    @activity.defn(name="terminations.still_stands")
    async def still_stands(self, order: TerminationOrder) -> bool:
        """Does an order still count, or was it revoked or replaced without the agreement's process knowing?"""
        return await self._terminations.still_stands(order)

    @activity.defn(name="terminations.wind_up")
    async def wind_up(self, order: TerminationOrder) -> WindingUp:
        """What is left to be settled."""
        return await self._terminations.wind_up(order)

    @activity.defn(name="terminations.came_too_late")
    async def came_too_late(self, order: TerminationOrder) -> None:
        """The agreement ended with its term before the order took effect."""
        await self._terminations.came_too_late(order)
