"""Laws of closed periods: the order of facts makes no difference, closing twice neither, and a slow count comes to the same."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import pytest
from sqlmodel import SQLModel

from domain.documents import AgreementDocument
from store.database import Database
from store.period_book import PeriodBook
from store.period_results import ClosedPeriods
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.conftest import event
from tests.domain.case_stories import CATALOGUE
from tests.store.test_registry import registration

MONTH_START, MONTH_END = datetime(2026, 3, 31, 22, 0, tzinfo=UTC), datetime(2026, 4, 30, 22, 0, tzinfo=UTC)
"""April 2026 in Warsaw."""
CLOSED_AT = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
FEE = Decimal(10_000)
BANDS = {"response": [(95, 5), (90, 10)], "uptime": [(99, 10), (95, 25)]}

PRINTING = AgreementDocument.model_validate(
    {
        "document": "printing",
        "kind": "CUSTOMER_SLA",
        "title": "Printing",
        "provider": {"name": CATALOGUE.provider},
        "customer": {"name": "Bank Narew S.A."},
        "services": ["MPS"],
        "time_zone": "Europe/Warsaw",
        "effective_from": "2026-03-01",
        "targets": [{"target": "response", "kind": "DURATION", "limit": "4h", "calendar": "24x7", "stop": "RESPONDED", "compliance": "95"}],
        "availability": [{"target": "uptime", "percent": "99"}],
        "outcomes": [{"outcome": "invoices", "statement": "printed by eight", "goal": "100"}],
        "price": {"monthly": str(FEE)},
        "credits": [
            {"target": target, "bands": [{"below": str(below), "credit": str(credit)} for below, credit in bands]}
            for target, bands in BANDS.items()
        ],
    }
)


class Facts(NamedTuple):
    """What happened in April, as it can be sent in any order."""

    tickets: Sequence[tuple[int, int]]
    """Minutes from the month's start to the opening, and from there to the answer."""
    stretches: Sequence[tuple[str, int, int]]
    """Kind, minutes from the month's start, length in minutes."""
    scores: Sequence[int]
    runs: Sequence[bool]


def facts_of(seed: int) -> Facts:
    chance = Random(seed)
    tickets = [(chance.randrange(0, 41_000), chance.choice((30, 120, 239, 240, 241, 900))) for _ in range(30)]
    stretches = [
        (kind, chance.randrange(0, 42_000), chance.randrange(1, 400))
        for kind, number in (("DOWN", 5), ("EXCLUDED", 3), ("UNKNOWN", 3))
        for _ in range(number)
    ]
    return Facts(tickets, stretches, [chance.randrange(1, 6) for _ in range(12)], [chance.random() < 0.7 for _ in range(3)])


async def send(people: Office, facts: Facts, order: Random) -> None:
    """Send every fact by itself, in some order."""
    deeds: list[tuple[str, Any]] = []
    for number, (opened, answered) in enumerate(facts.tickets):
        at, name = MONTH_START + timedelta(minutes=opened), f"P-{number}"
        deeds.append(("event", event("created", at.isoformat(), name, customer="Bank Narew S.A.", service="MPS")))
        then = at + timedelta(minutes=answered)
        deeds.append(("event", event("milestone", then.isoformat(), name, milestone="RESPONDED")))
    for number, (kind, start, length) in enumerate(facts.stretches):
        begins = MONTH_START + timedelta(minutes=start)
        stretch = {"measurement": f"m{number}", "kind": kind, "start": begins.isoformat()}
        stretch["end"] = (begins + timedelta(minutes=length)).isoformat()
        same = {"registry_no": "SLA-2026-0001", "target": "uptime", "source": "probe"}
        deeds.append(("/measurements", {**same, "measurements": [stretch]}))
    for number, score in enumerate(facts.scores):
        answer = {"answer": f"a{number}", "score": score, "at": "2026-04-20T10:00:00Z"}
        deeds.append(("/feedback", {"registry_no": "SLA-2026-0001", "source": "survey-tool", "answers": [answer]}))
    for number, reached in enumerate(facts.runs):
        value = {"value": f"v{number}", "outcome": "invoices", "reached": reached, "at": "2026-04-21T10:00:00Z"}
        deeds.append(("/feedback", {"registry_no": "SLA-2026-0001", "source": "survey-tool", "outcomes": [value]}))
    order.shuffle(deeds)
    for address, body in deeds:
        taken = await (people.api.post(body) if address == "event" else people.send("L1", address, **body))
        assert taken.status_code == 202, taken.text


def minutes_of(facts: Facts, kind: str) -> set[int]:
    whole = int((MONTH_END - MONTH_START) / timedelta(minutes=1))
    return {minute for each, start, length in facts.stretches if each == kind for minute in range(start, start + length) if minute < whole}


def slow_shares(facts: Facts) -> dict[str, Decimal | None]:
    """Each share by counting tickets and minutes one by one."""
    whole = int((MONTH_END - MONTH_START) / timedelta(minutes=1))
    met = missed = 0
    for opened, answered in facts.tickets:
        verdict = opened + min(answered, 240)
        if verdict < whole:
            met, missed = met + (answered <= 240), missed + (answered > 240)
    agreed = [minute for minute in range(whole) if minute not in minutes_of(facts, "EXCLUDED")]
    down, unknown = minutes_of(facts, "DOWN"), minutes_of(facts, "UNKNOWN") - minutes_of(facts, "DOWN")
    left_out = sum(minute in unknown for minute in agreed)
    counted = len(agreed) - left_out
    up = counted - sum(minute in down for minute in agreed)
    is_measured = left_out * 10 <= len(agreed)
    return {
        "response": Decimal(100 * met) / (met + missed) if met + missed else None,
        "uptime": Decimal(100 * up) / counted if is_measured else None,
    }


def slow_credit(target: str, share: Decimal) -> Decimal:
    percent = max((credit for below, credit in BANDS[target] if share < below), default=0)
    return (FEE * percent / 100).quantize(Decimal("0.01"))


@pytest.mark.parametrize("seed", range(3))
async def test_facts_in_any_order_come_to_the_same_and_to_what_a_slow_count_says(database: Database, seed: int) -> None:
    facts = facts_of(seed)
    await AgreementRegistry(database).register(registration("case-printing", PRINTING))
    async with office(database, None, now="2026-05-02T09:00+02:00") as people:
        await send(people, facts, Random(seed))
    book, closed = PeriodBook(database), ClosedPeriods(database)
    first = await book.close("SLA/2026/0001", "2026-04", CLOSED_AT)
    again = await book.close("SLA/2026/0001", "2026-04", CLOSED_AT)
    assert first is not None
    assert first == again, "closing twice changes nothing"
    [version] = await closed.versions("SLA/2026/0001", "2026-04")

    shares = slow_shares(facts)
    found = {each["target"]: each["achieved"] for each in version.content["targets"]}
    for target, share in shares.items():
        assert found[target] == (f"{int(share * 10_000) / 10_000:.4f} %" if share is not None else None), target
    credits_ = {each.target: each.amount for each in first.due}
    wanted = {target: slow_credit(target, share) for target, share in shares.items() if share is not None}
    assert credits_ == {target: amount for target, amount in wanted.items() if amount}

    await _begin_anew(database)
    async with office(database, None, now="2026-05-02T09:00+02:00") as people:
        await send(people, facts, Random(seed + 100))
    other = await book.close("SLA/2026/0001", "2026-04", CLOSED_AT)
    [second] = await closed.versions("SLA/2026/0001", "2026-04")
    assert other == first
    assert second.digest == version.digest


async def _begin_anew(database: Database) -> None:
    """Forget every fact of the month, and its version."""
    async with database.writing() as connection:
        for table in ("ticket_clock", "ticket", "inbox", "audit_event", "measurement", "feedback", "period_result"):
            await connection.execute(SQLModel.metadata.tables[table].delete())
