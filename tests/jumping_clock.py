"""A clock that jumps while nobody is at work.

The engine's movable clock waits at a timer that has run out until a worker takes it up, so hours of an outage cannot pass
there. Processes see no instant of an outage: for them it is the same whether the hours passed or their clock jumped.
"""

from datetime import UTC, datetime, timedelta

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import _Definition


class Jump:
    """From an instant of the engine on, its clock shows a later one."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._by = timedelta()

    def set(self, since: datetime, by: timedelta) -> None:
        """What happens from this instant on happens so much later."""
        self._since, self._by = since, by

    def shown(self, instant: datetime) -> datetime:
        """What the clock shows at an instant of the engine."""
        return instant + self._by if self._since is not None and instant >= self._since else instant


class JumpingRunner(WorkflowRunner):
    """Runs workflows as another runner does, by the jumping clock; replayed, they see the same instants again."""

    def __init__(self, runner: WorkflowRunner, jump: Jump) -> None:
        self._runner = runner
        self._jump = jump

    def prepare_workflow(self, defn: _Definition) -> None:
        """As the other."""
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """As the other's, but for what its clock shows."""
        instance = self._runner.create_instance(det)
        activate = instance.activate

        def activate_later(act: WorkflowActivation) -> WorkflowActivationCompletion:
            if act.HasField("timestamp"):
                act.timestamp.FromDatetime(self._jump.shown(act.timestamp.ToDatetime(tzinfo=UTC)))
            return activate(act)

        instance.activate = activate_later  # type: ignore[method-assign]
        return instance
