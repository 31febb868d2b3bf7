"""Proposals and tickets for tests of the backtest."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.event_logs import EventLog
from connectors.event_mappings import read_mapping
from connectors.proposals import read_proposal
from domain.backtest.proposals import Proposal
from domain.backtest.question import Question, Record
from domain.backtest.report import BacktestReport
from domain.backtest.running import Backtest
from domain.documents import AgreementDocument
from domain.events import EventKind, TicketEvent
from domain.spans import Span
from tests.conftest import EXAMPLES

LOG = EXAMPLES / "invented_event_log.csv"
MAPPING = EXAMPLES / "incident_event_log.yaml"
LEVELS = tuple(read_proposal(EXAMPLES / "proposals" / f"{name}.yaml") for name in ("bronze", "silver", "gold"))


def invented() -> list[list[TicketEvent]]:
    """The tickets of the invented log."""
    return list(EventLog(LOG, read_mapping(MAPPING)).stories())


def document(*targets: dict[str, Any], **more: Any) -> AgreementDocument:
    """A document that promises repairs of tills around the clock."""
    return AgreementDocument.model_validate(
        {
            "document": "tills",
            "kind": "CUSTOMER_SLA",
            "title": "Tills",
            "provider": {"name": "Desk"},
            "customer": {"name": "Shop"},
            "services": ["TILLS"],
            "time_zone": "UTC",
            "targets": targets,
        }
        | more
    )


def fix(limit: str = "4h", **more: Any) -> dict[str, Any]:
    """A target: mended within a limit."""
    return {"target": "fix", "stop": "RESOLVED", "limit": limit, "calendar": "24x7"} | more


def proposal(*targets: dict[str, Any], name: str = "tills", **more: Any) -> Proposal:
    """A proposal of that one document."""
    return Proposal(proposal=name, documents=(document(*targets, **more),))


def ticket(number: int, created: datetime, hours: float | None, **attributes: str) -> list[TicketEvent]:
    """A ticket of the shop's tills, mended after some hours, or still broken."""
    told = {"source": "test", "ticket_id": f"T-{number:05}"}

    def event(kind: EventKind, at: datetime, **more: Any) -> TicketEvent:
        return TicketEvent(**told, event_id=f"{number}-{kind}", kind=kind, occurred_at=at, received_at=at, **more)

    events = [event(EventKind.CREATED, created, attributes={"customer": "Shop", "service": "TILLS"} | attributes)]
    if hours is not None:
        events.append(event(EventKind.MILESTONE, created + timedelta(hours=hours), milestone="RESOLVED"))
    return events


def day(text: str) -> datetime:
    """Midnight of a day, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def year(**more: Any) -> Record:
    """The record of a year."""
    return Record("a year", Span(day("2025-01-01"), day("2026-01-01")), day("2026-01-01"), **more)


def measured(asked: Question, record: Record, stories: Iterable[list[TicketEvent]]) -> Backtest:
    """A backtest that has taken these tickets."""
    found = Backtest(asked, record)
    for story in stories:
        found.add(story)
    return found


def report(asked: Question | Proposal, record: Record, stories: Iterable[list[TicketEvent]]) -> BacktestReport:
    """What it says."""
    return measured(asked if isinstance(asked, Question) else Question([asked]), record, stories).report()
