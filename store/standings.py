"""What stored data is about, and whether that has ended: agreements, cases, tickets."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.lifecycle import CASE_ENDS
from domain.ports import DeliveryState
from domain.retention import ABOUT_NOTHING, Standing
from domain.support_case import SUPPORT_ENDS
from store.case_tables import CaseRow, HumanTaskRow, RegistryRow
from store.entries import LIVING
from store.inbox_rows import CASE_ROWS
from store.tables import TicketRow

cases, tasks, entries, tickets = (each.__table__ for each in (CaseRow, HumanTaskRow, RegistryRow, TicketRow))  # type: ignore[union-attr]

ENDS = frozenset(state.value for state in (*CASE_ENDS, *SUPPORT_ENDS))
"""States in which an agreement case or support case is over."""

_TRIED = frozenset({DeliveryState.PENDING.value, DeliveryState.WAITING.value})


class Standings:
    """Looks up, for a row of any table, what it is about."""

    def __init__(self, agreements: Mapping[str, Standing], of_cases: Mapping[str, Standing], open_tickets: Mapping[str, Row[Any]]) -> None:
        """Take what is known; `Standings.read` reads it."""
        self._agreements = agreements
        self._cases = of_cases
        self._tickets = open_tickets

    @classmethod
    async def read(cls, connection: AsyncConnection, subjects: Iterable[str]) -> "Standings":
        """Read every agreement and case, and the tickets with these subjects or trails."""
        agreements = await _agreements(connection)
        wanted = sorted({_ticket_of(subject) for subject in subjects})
        found: dict[str, Row[Any]] = {}
        for at in range(0, len(wanted), 500):
            query = select(tickets.c.subject, tickets.c.is_open, tickets.c.updated_at).where(tickets.c.subject.in_(wanted[at : at + 500]))
            found |= {row.subject: row for row in await connection.execute(query)}
        return cls(agreements, await _cases(connection, agreements), found)

    def of(self, table: str, row: Any) -> Standing:
        """What a row of a table is about, by the column that says so."""
        if table == "mailbox":
            return ABOUT_NOTHING
        if table == "delivery":
            return Standing(f"delivery {row.key}") if row.state in _TRIED else ABOUT_NOTHING
        if table == "inbox" and row.forwarded_at is None:
            return Standing(f"{row.subject} on its way to the engine")
        if table == "inbox" and row.subject.startswith(CASE_ROWS):
            return ABOUT_NOTHING
        for column in ("registry_no", "case_id", "subject", "agreement", "ticket"):
            if (name := getattr(row, column, None)) is not None and (found := self.named(name)) is not ABOUT_NOTHING:
                return found
        return ABOUT_NOTHING

    def named(self, name: str) -> Standing:
        """An agreement, case, ticket or the trail of one."""
        for each in (name.removeprefix(CASE_ROWS), name.partition(":")[2]):
            if each in self._cases:
                return self._cases[each]
            if each in self._agreements:
                return self._agreements[each]
        ticket = self._tickets.get(_ticket_of(name))
        if ticket is None:
            return ABOUT_NOTHING
        return Standing(f"ticket {ticket.subject}", None if ticket.is_open else _day(ticket.updated_at))


async def _agreements(connection: AsyncConnection) -> dict[str, Standing]:
    """Every agreement by its number, in both its forms, and by the name its clocks have."""
    columns = ("registry_no", "name", "state", "effective_until", "terminates_at", "legal_hold", "case_id")
    versions: dict[str, list[Row[Any]]] = {}
    for row in await connection.execute(select(*(entries.c[name] for name in columns))):
        versions.setdefault(row.registry_no, []).append(row)
    found: dict[str, Standing] = {}
    for number, rows in versions.items():
        standing = _agreement(number, rows)
        found |= dict.fromkeys((number, number.replace("/", "-")), standing)
        found |= {row.name: standing for row in rows if row.case_id is None}
    return found


def _agreement(number: str, versions: list[Row[Any]]) -> Standing:
    ends = [day for each in versions if (day := _day(each.terminates_at) or each.effective_until) is not None]
    lives = any(each.state in LIVING for each in versions)
    return Standing(f"agreement {number}", None if lives or not ends else max(ends), True, any(each.legal_hold for each in versions))


async def _cases(connection: AsyncConnection, agreements: Mapping[str, Standing]) -> dict[str, Standing]:
    open_tasks = set(await connection.scalars(select(tasks.c.case_id).where(tasks.c.state == "OPEN").distinct()))
    columns = ("case_id", "kind", "state", "registry_nos", "agreement", "entered_at", "next_at")
    found: dict[str, Standing] = {}
    for row in await connection.execute(select(*(cases.c[name] for name in columns))):
        is_open = row.state not in ENDS and (row.next_at is not None or row.case_id in open_tasks or row.kind in {"AGREEMENT", "SUPPORT"})
        behind = [agreements[each] for each in (*row.registry_nos, row.agreement) if each in agreements]
        about = f"case {row.case_id}"
        if is_open:
            found[row.case_id] = Standing(about, is_held=any(each.is_held for each in behind))
        elif behind:
            found[row.case_id] = _last(behind)
        else:
            found[row.case_id] = Standing(about, _day(row.entered_at))
    return found


def _last(standings: Iterable[Standing]) -> Standing:
    """What lasts longest; what is held comes before all."""
    return max(standings, key=lambda each: (each.is_held, each.ended_on or date.max))


def _ticket_of(subject: str) -> str:
    """A ticket's subject, also from the name of its trail (`ticket:SOURCE:NUMBER`)."""
    if not subject.startswith("ticket:"):
        return subject
    source, _, number = subject.removeprefix("ticket:").rpartition(":")
    return f"{source}/{number}"


def _day(at: datetime | None) -> date | None:
    return at.astimezone(UTC).date() if at is not None else None
