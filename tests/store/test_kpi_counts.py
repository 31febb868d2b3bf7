"""Counted together, agreements come to what each comes to alone, beyond agreed volumes too (R-087, R-112)."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.agreement_parts import Period, WorkloadLimit
from domain.attainment import Attainment
from domain.spans import Span
from store.database import Database
from store.kpi_counts import Looked, attainments, near_breaches, supported
from store.periods import PeriodFrame, frame_of
from store.registry import AgreementRegistry
from store.results import Asked, attainment_of, near_breaches_of
from tests.api.bank_april import bank_april, told
from tests.api.test_reports import handed_over

NOW = datetime(2026, 5, 4, 7, tzinfo=UTC)


async def frames_of(database: Database, period: str, volumes: dict[str, int]) -> list[PeriodFrame]:
    found = []
    for number in ("SLA/2026/0002", "SLA/2026/0003"):
        entry = await AgreementRegistry(database).entry(number)
        assert entry is not None
        frame = frame_of(entry, period)
        limits = tuple(WorkloadLimit(unit="tickets", per=Period.MONTH, volume=volumes[number]) for _ in range(number in volumes))
        found.append(frame._replace(asked=frame.asked._replace(limits=limits)))
    return found


@pytest.mark.parametrize(
    ("period", "volumes"),
    [
        ("2026-04", {}),
        ("2026-04", {"SLA/2026/0002": 20, "SLA/2026/0003": 2}),
        ("2026-Q2", {"SLA/2026/0002": 38}),
        ("2026-05", {"SLA/2026/0002": 1}),
    ],
)
async def test_together_as_alone(database: Database, volumes: dict[str, int], period: str) -> None:
    async with bank_april(database) as people:
        await people.api.post(*told(90, "warsaw", 216), batch=True)
        await people.api.post(*told(91, "warsaw", 60 * 24 * 22), batch=True)
        frames = await frames_of(database, period, volumes)
        # One of them began later: periods of two lengths are counted by one query too.
        begun = frames[1].period._replace(start=frames[1].period.start + timedelta(days=1))
        looked = Looked([frames[0], frames[1]._replace(period=begun)], NOW)
        async with database.reading() as connection:
            together, near = await attainments(connection, looked), await near_breaches(connection, looked)
            spans = [each.so_far(NOW) for each in looked.frames]
            alone = [await attainment_of(connection, each.asked, span, NOW) for each, span in zip(looked.frames, spans, strict=True)]
            near_alone = [
                counted
                for each, span in zip(looked.frames, spans, strict=True)
                for counted in (await near_breaches_of(connection, each.asked, span)).values()
            ]

    assert together == alone
    assert (near.near, near.completed) == (sum(each.near for each in near_alone), sum(each.completed for each in near_alone))


async def test_supports_count_on_the_tickets_they_carry(database: Database) -> None:
    async with bank_april(database, supported=True) as people:
        for ticket, minutes in ((1, 260), (2, 200)):
            await people.api.post(*handed_over(ticket, minutes), batch=True)
        frames = await frames_of(database, "2026-04", {})
        async with database.reading() as connection:
            found = await supported(connection, Looked(frames, NOW))
            alone = Attainment()
            for frame in frames:
                for number in frame.supports:
                    carried = Asked(number.replace("/", "-"), frame.asked.zone, carrying=frame.asked.agreement)
                    span = Span(frame.period.start, frame.period.end)
                    alone = sum((each.within for each in (await attainment_of(connection, carried, span, NOW)).values()), alone)

    assert found == alone
    assert found.judged > 0
