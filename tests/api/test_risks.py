"""The risk list over the registry (R-139)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from store.database import Database
from store.period_results import ClosedPeriods, Closing
from tests.api.bank_april import bank_april

NOW = datetime(2029, 1, 4, 9, tzinfo=UTC)


async def closed(database: Database, number: str, colours: list[str]) -> None:
    for month, colour in enumerate(colours, 1):
        content: dict[str, Any] = {"targets": [{"target": "response", "colour": colour}]}
        await ClosedPeriods(database).close(Closing(number, f"2028-{month:02}", content, "test", NOW))


async def test_chronic_and_near_the_notice_date_is_high_and_first(database: Database) -> None:
    async with bank_april(database, now=NOW.isoformat()) as people:
        await closed(database, "SLA/2026/0002", ["GREEN", "RED", "RED"])
        await closed(database, "SLA/2026/0003", ["GREEN", "AMBER"])
        at = (NOW - timedelta(days=9)).isoformat()
        answers = [{"answer": f"a-{number}", "at": at, "score": 1 + number % 2 * 4} for number in range(10)]
        sent = await people.send("L1", "/feedback", registry_no="SLA-2026-0002", source="phone", answers=answers)
        assert sent.status_code == 202, sent.text
        listed = (await people.get("M1", "/risks")).json()
        outside = await people.get("B1", "/risks")

    assert [(each["registry_no"], each["level"]) for each in listed] == [
        ("SLA/2026/0002", "HIGH"),
        ("SLA/2026/0001", "LOW"),
        ("SLA/2026/0003", "LOW"),
    ]
    assert listed[0]["signs"] == ["CHRONIC", "CSAT_BELOW_GOAL"]
    assert listed[0]["why"][0] == "missed again and again: response"
    assert outside.status_code in {403, 404}
