"""Follow-ups of agreements in force: opened, told what happened, carried out."""

from temporalio import activity

from domain.case_messages import AgreementOrder, FollowUpOrder
from domain.follow_ups.follow_up import News
from domain.in_force_messages import Effect
from domain.ports import FollowUps


class FollowUpActivities:
    """Starts processes of follow-ups and agreements, and sends them news."""

    def __init__(self, follow_ups: FollowUps) -> None:
        """Take where follow-ups live."""
        self._follow_ups = follow_ups

    @activity.defn(name="follow_ups.open")
    async def open(self, order: FollowUpOrder) -> None:
        """Write a follow-up down and start its process, once."""
        await self._follow_ups.open_follow_up(order)

    @activity.defn(name="follow_ups.tell")
    async def tell(self, news: News) -> None:
        """Tell a follow-up something; it drops what it knows."""
        await self._follow_ups.tell(news)

    @activity.defn(name="follow_ups.take_effect")
    async def take_effect(self, effect: Effect) -> None:
        """Make facts of what was decided, once."""
        await self._follow_ups.take_effect(effect.case, effect.at)

    @activity.defn(name="agreements.start")
    async def start_agreement(self, order: AgreementOrder) -> None:
        """Start the process of a registered agreement, once. It is nobody's child: it outlives the case by years."""
        await self._follow_ups.start_agreement(order)
