"""The money of services in a month, as the registry, the cases and the tickets know it: fees, contracts, credits, who had the work."""

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import Price
from domain.cost_sheet import Billed, Priced
from domain.costs import HOUSE_CURRENCY, Tickets, in_month
from domain.follow_ups.credit import Credit, CreditState
from domain.follow_ups.follow_up import FollowUpKind
from domain.periods import PeriodSpan, month_after
from domain.pricing import LevelOption, PriceProposal
from domain.spans import Span
from domain.terms import AgreementKind
from store.database import Database
from store.entries import PROMISES, Entry, entries, entries_of
from store.follow_ups import cases, follow_up_of
from store.tables import TicketRow

tickets = TicketRow.__table__  # type: ignore[attr-defined]

LOOKED_BACK = 12
"""Whole months of tickets before a month by which pools are shared out: a year has every season once."""

_BILLED = (CreditState.APPROVED, CreditState.DISPUTED, CreditState.SETTLED)
"""Where a credit stands that billing was told of."""

_AT_ONCE = 500
"""Cases one query looks at; SQLite takes so many values, and more."""


class ServiceMoney:
    """Looks it up."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def supplier_fees(self, month: PeriodSpan) -> list[Priced]:
        """Underpinning contracts in force in a month, in the order of their numbers."""
        return await self._priced(month, [AgreementKind.UC])

    async def fees(self, month: PeriodSpan) -> list[Priced]:
        """Agreements with customers and departments in force in a month, in the order of their numbers."""
        return await self._priced(month, PROMISES)

    async def _priced(self, month: PeriodSpan, kinds: Iterable[AgreementKind]) -> list[Priced]:
        columns = [column for column in entries.c if column.name != "document"]
        query = select(*columns, entries.c.document["price"].label("price")).where(entries.c.kind.in_([kind.value for kind in kinds]))
        mine = query.where(entries.c.imported_by.is_(None)).order_by(entries.c.registry_no)
        async with self._database.reading() as connection:
            found = entries_of(await connection.execute(mine))
        return [priced for entry in found for priced in _in_force(entry, Span(month.start, month.end))]

    async def tickets(self, month: PeriodSpan, zone: ZoneInfo) -> Tickets:
        """How many tickets came in the twelve months before a month, by service and region."""
        since = month_after(month.start, zone, -LOOKED_BACK)
        query = select(tickets.c.service, tickets.c.region, func.count()).group_by(tickets.c.service, tickets.c.region)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.where(tickets.c.created_at >= since, tickets.c.created_at < month.start))
            return {(service, region): count for service, region, count in rows}

    async def billed(self, month: PeriodSpan) -> list[Billed]:
        """Credits billing was told of, for periods that end with a month."""
        ending = _ending_with(month.name)
        named = cases.c.document["period"].as_string()
        mine = or_(named.in_(ending), *(named.startswith(f"{name}@", autoescape=True) for name in ending))
        states = cases.c.state.in_([state.value for state in _BILLED])
        query = select(cases.c.document).where(cases.c.kind == FollowUpKind.CREDIT.value, states, mine).order_by(cases.c.case_id)
        async with self._database.reading() as connection:
            found = [follow_up_of(document) for (document,) in await connection.execute(query)]
            credits_told = [each for each in found if isinstance(each, Credit)]
            numbers = sorted({each.registry_no for each in credits_told})
            of = select(entries.c.registry_no, entries.c.service).where(entries.c.registry_no.in_(numbers))
            services = {row.registry_no: row.service for row in await connection.execute(of)}
        return [Billed(each.registry_no, services.get(each.registry_no), each.billed, each.currency) for each in credits_told]

    async def accepted(self, case_ids: Sequence[str]) -> dict[str, tuple[LevelOption, ...]]:
        """The options both sides accepted, by case; a case without prices is left out."""
        wanted = sorted(set(case_ids))
        found: dict[str, tuple[LevelOption, ...]] = {}
        async with self._database.reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                for row in await _prices(connection, wanted[start : start + _AT_ONCE]):
                    if row.proposal is not None:
                        proposal = PriceProposal.model_validate(row.proposal)
                        names = row.acceptances[-1]["options"] if row.acceptances else proposal.offered
                        found[row.case_id] = proposal.chosen(tuple(names))
        return found


async def _prices(connection: AsyncConnection, case_ids: Sequence[str]) -> Sequence[Row[Any]]:
    document = cases.c.document
    query = select(cases.c.case_id, document["proposal"].label("proposal"), document["acceptances"].label("acceptances"))
    return (await connection.execute(query.where(cases.c.case_id.in_(case_ids)))).all()


def _in_force(entry: Entry, month: Span) -> Iterable[Priced]:
    for term in entry.terms:
        version = entry.of_version(term.version)
        if term.begins >= month.end or term.span.end <= month.start:
            continue
        price = Price.model_validate(version.row.price) if version.row.price is not None else None
        yield Priced(
            registry_no=version.row.registry_no,
            service=version.row.service,
            case_id=version.row.case_id,
            monthly=price.monthly if price is not None else None,
            amount=in_month(price.monthly, month, term.span) if price is not None else None,
            currency=price.currency if price is not None else HOUSE_CURRENCY,
        )


def _ending_with(month: str) -> list[str]:
    """The periods that end with a month: itself, a quarter, a year."""
    year, number = month.split("-")
    quarter = [f"{year}-Q{int(number) // 3}"] if int(number) % 3 == 0 else []
    return [month, *quarter, *([year] if number == "12" else [])]
