"""Three banks with managed printing and their closed months of 2026, as proofs of quality are made of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.proof_signing import new_proof_key
from domain.canonical import digest_of
from domain.documents import AgreementDocument
from domain.period_figures import PeriodFigures, SatisfactionFigures, TargetFigures
from domain.periods import period_named
from store.database import Database
from store.period_results import ClosedPeriods, Closing
from store.period_tables import PeriodResultRow
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.domain.drafts import bank_draft, changed
from tests.domain.proofs import BANKS, BREACHED, YEAR, target
from tests.store.test_registry import registration

WARSAW = ZoneInfo("Europe/Warsaw")
SIGNED = datetime(2025, 12, 10, 9, tzinfo=UTC)
KEY = new_proof_key()
JANUARY = "2027-01-11T10:00+01:00"


def agreement(bank: str, **fields: Any) -> AgreementDocument:
    """A bank's agreement on managed printing, from New Year on."""
    base = bank_draft().named("warsaw")
    customer = base.customer.model_dump(mode="json") | {"name": bank}
    known: dict[str, Any] = {"document": f"printing-{BANKS.index(bank)}", "parent": None, "customer": customer}
    return changed(base, **(known | {"effective_from": "2026-01-01", "effective_until": None} | fields))


def closing(registry_no: str, month: str, targets: Sequence[TargetFigures], at: datetime | None = None) -> Closing:
    """What an agreement came to in a month, as somebody closes it."""
    period = period_named(month, WARSAW)[1]
    figures = PeriodFigures(
        registry_no=registry_no,
        period=month,
        start=period.start,
        end=period.end,
        is_over=True,
        targets=tuple(targets),
        credits=(),
        satisfaction=SatisfactionFigures(content=0, answers=0, share=None),
        outcomes=(),
        watermelon=(),
    )
    return Closing(registry_no, month, figures.model_dump(mode="json"), "servanda", at or period.end + timedelta(minutes=5))


async def close(database: Database, registry_no: str, month: str, targets: Sequence[TargetFigures], at: datetime) -> None:
    """Close a month once more."""
    await ClosedPeriods(database).close(closing(registry_no, month, targets, at))


async def printing(database: Database, banks: Sequence[str] = BANKS, **fields: Any) -> list[str]:
    """Register the agreements, and close each of their months; gives their numbers."""
    numbers, rows = [], []
    for bank in banks:
        [entry] = await AgreementRegistry(database).register(registration(f"case-{bank}", agreement(bank, **fields), signed_at=SIGNED))
        numbers.append(entry.registry_no)
        for month in YEAR:
            made = closing(entry.registry_no, month, [target(BREACHED[month][BANKS.index(bank)])])
            named = {"registry_no": made.registry_no, "period": made.period, "content": made.content, "digest": digest_of(made.content)}
            rows.append(named | {"version": 1, "closed_by": made.by, "closed_at": made.at})
    async with database.writing() as connection:
        await connection.execute(database.insert(PeriodResultRow), rows)
    return numbers


@asynccontextmanager
async def printing_year(database: Database, banks: Sequence[str] = BANKS, now: str = JANUARY, **more: Any) -> AsyncIterator[Office]:
    """The office on a day of January 2027, with the year behind it and a key to sign with."""
    await printing(database, banks)
    async with office(database, None, **({"now": now, "proof_key": (KEY,), "public_url": "http://test"} | more)) as people:
        yield people


ASKED = {"service": "MPS", "from": "2026-01", "to": "2026-12"}


async def published(people: Office, **asked: Any) -> dict[str, Any]:
    """A proof that the SLM manager drafted, and both sides approved."""
    draft = await people.send("M1", "/quality-proofs", **{**ASKED, **asked})
    assert draft.status_code == 201, draft.text
    address, digest = f"/quality-proofs/{draft.json()['proof']}", draft.json()["hash"]
    first, second = [await people.send(person, f"{address}/approve", hash=digest) for person in ("M1", "C1")]
    assert (first.status_code, second.status_code) == (200, 200), (first.text, second.text)
    return dict(second.json())
