"""Asking people for their opinion of the service."""

from collections.abc import Sequence

from temporalio import activity

from domain.effects import Notice
from domain.in_force_messages import Asking
from domain.ports import Surveys


class SurveyActivities:
    """Finds who is to be asked."""

    def __init__(self, surveys: Surveys) -> None:
        """Take what keeps the surveys."""
        self._surveys = surveys

    @activity.defn(name="surveys.due")
    async def due_surveys(self, asking: Asking) -> Sequence[Notice]:
        """The notices of all surveys of an agreement that are asked on a day; the same again, however often."""
        return await self._surveys.due(asking.registry_no, asking.at)
