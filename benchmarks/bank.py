"""The bank's agreement for printing in Warsaw, registered under SLA/2026/0001, with an availability target beside its response."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.documents import read_draft
from domain.case_messages import Registration
from domain.documents import AgreementDocument, content_of
from domain.periods import period_named
from domain.spans import Span
from store.database import Database
from store.registry import AgreementRegistry

REGISTRY_NO = "SLA/2026/0001"
AGREEMENT = "SLA-2026-0001"
RESPONSE, AVAILABILITY = "response", "availability"

_DRAFT = Path(__file__).parent.parent / "examples" / "drafts" / "bank-narew.yaml"


async def register_bank(database: Database, volume: int | None = None) -> str:
    """Put it into an empty registry; gives the digest of its terms.

    `volume` is the number of tickets a month it holds for, if it is limited.
    """
    limits = [] if volume is None else [{"volume": volume, "unit": "tickets"}]
    more = {"parent": None, "workload_limits": limits, "availability": [{"target": AVAILABILITY, "percent": "99.9"}]}
    document = AgreementDocument.model_validate(read_draft(_DRAFT).named("warsaw").model_dump(mode="json") | more)
    supports = {"desk": "OLA/2026/0001", "field-warsaw": "OLA/2026/0002"}
    registry = AgreementRegistry(database)
    await registry.register(
        Registration(
            case_id="bench",
            documents=(content_of(document),),
            document_hash="0" * 64,
            supports=supports,
            signed_at=datetime(2026, 3, 6, tzinfo=UTC),
        )
    )
    entry = await registry.entry(REGISTRY_NO)
    assert entry is not None
    return str(entry.row.terms)


def month(name: str) -> Span:
    """A month of the agreement's zone."""
    _, period = period_named(name, ZoneInfo("Europe/Warsaw"))
    return Span(period.start, period.end)
