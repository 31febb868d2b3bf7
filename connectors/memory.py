"""Channels, CRM and log that live in memory: for tests, and to try the processes without a database."""

from collections import Counter
from collections.abc import Sequence

from domain.effects import CrmUpdate, MilestoneRecord, Notice
from domain.ports import Attempt, DeliveryState


class MemoryNotifier:
    """Keeps every notice handed over, a repeated one too."""

    name = "memory"

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self.failures_left = 0

    async def send(self, notice: Notice) -> None:
        """Keep a notice; fail first as often as `failures_left` says."""
        if self.failures_left > 0:
            self.failures_left -= 1
            raise ConnectionError("the channel is down")
        self.sent.append(notice)


class MemoryCrm:
    """Keeps what the CRM was told."""

    name = "memory-crm"

    def __init__(self) -> None:
        self.updates: list[CrmUpdate] = []

    async def update_ticket(self, update: CrmUpdate) -> None:
        """Keep an update."""
        self.updates.append(update)


class MemoryDeliveries:
    """Carries out `domain.ports.DeliveryLog`."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], DeliveryState] = {}
        self.attempts: Counter[str] = Counter()

    async def state(self, key: str, channel: str) -> DeliveryState:
        """How far an effect has come; PENDING if nothing is known of it."""
        return self.states.get((key, channel), DeliveryState.PENDING)

    async def note(self, attempt: Attempt) -> None:
        """Note how an attempt ended."""
        self.attempts[attempt.effect.key] += 1
        self.states[attempt.effect.key, attempt.channel] = attempt.state


class MemoryMilestones:
    """Carries out `domain.ports.MilestoneStore` and `DigestStarter`."""

    def __init__(self) -> None:
        self.records: dict[str, MilestoneRecord] = {}
        self.digests: set[str] = set()

    async def record(self, noticed: Sequence[MilestoneRecord]) -> None:
        """Keep milestones; the same key a second time changes nothing."""
        for milestone in noticed:
            self.records.setdefault(milestone.key, milestone)

    async def digest_counts(self, bucket: str) -> dict[str, dict[str, int]]:  # noqa: ARG002
        """No digest is told from memory."""
        return {}

    async def close_digest(self, bucket: str) -> None:
        """No digest is told from memory."""

    async def ensure_digest(self, bucket: str) -> None:
        """Note that a digest was asked for."""
        self.digests.add(bucket)
