"""Writing down what happened to a case."""

from temporalio import activity

from domain.case_messages import CaseRecord
from domain.ports import CaseStore


class CaseActivities:
    """Records cases."""

    def __init__(self, store: CaseStore) -> None:
        """Take the store to write to."""
        self._store = store

    @activity.defn(name="cases.record")
    async def record_case(self, record: CaseRecord) -> None:
        """Write the case as it stands, its tasks, and its events in the audit trail; an older state never replaces a newer one."""
        await self._store.record(record)
