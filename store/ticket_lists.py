"""Lists of tickets: newest first, due next, breached of late. Each page looks at a bounded stretch of an index, however many there are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Row, Select, TextClause, and_, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clocks import ClockState
from store.entries import PROMISES
from store.tables import IS_RUNNING, WAS_BREACHED
from store.ticket_sight import is_of_contract, was_held_by
from store.tickets import TicketFilter, breached_by, clocks, near_breach_by, tickets

Place = tuple[datetime, str]
"""Where a list goes on: an instant (of creation, or due) and the ticket's name."""

_LOOKED_AT = 5_000
"""How many tickets or clocks a page looks at to find those that were asked for; the next page goes on behind them."""
_MOST_OPEN = 2_000
"""How many of a customer's open tickets are looked at for what is due next: the newest, as the oldest are late already."""


class Listed(NamedTuple):
    """A page, and where the next one begins; None if there is none."""

    rows: Sequence[Row[Any]]
    next: Place | None


async def newest(connection: AsyncConnection, wanted: TicketFilter, now: datetime, limit: int, after: Place | None) -> Listed:
    """Created tickets, newest first, after the place a former page ended with. A page may be short though more follow."""
    order = tickets.c.created_at.desc(), tickets.c.subject.desc()
    in_order: list[ColumnElement[bool] | TextClause] = [tickets.c.created_at.is_not(None)]
    if wanted.customer is not None:
        in_order.append(tickets.c.customer == wanted.customer)
    if wanted.customer is not None and wanted.is_open:
        in_order.append(text("is_open"))
    if after is not None:
        in_order.append(tuple_(tickets.c.created_at, tickets.c.subject) < after)
    reach = select(tickets.c.created_at, tickets.c.subject).where(*in_order).order_by(*order).offset(_LOOKED_AT - 1).limit(1)
    far = (await connection.execute(reach)).one_or_none() if wanted.is_narrow else None
    query = _narrowed(select(tickets).where(*in_order), wanted, now)
    if far is not None:
        query = query.where(tuple_(tickets.c.created_at, tickets.c.subject) >= tuple(far))
    rows = (await connection.execute(query.order_by(*order).limit(limit))).all()
    last = (rows[-1].created_at, rows[-1].subject) if len(rows) == limit else None
    return Listed(rows, last or (tuple(far) if far is not None else None))


async def due_next(connection: AsyncConnection, wanted: TicketFilter, now: datetime, limit: int, after: Place | None) -> Listed:
    """Tickets with a running clock that is not late yet, the soonest due first, each at its soonest clock; rows have its `next_due_at`."""
    in_order: list[ColumnElement[bool] | TextClause] = [text(IS_RUNNING), clocks.c.due_at > now]
    if after is not None:
        in_order.append(tuple_(clocks.c.due_at, clocks.c.subject) > after)
    if wanted.customer is not None:
        theirs = select(tickets.c.subject).where(tickets.c.customer == wanted.customer, text("is_open"))
        in_order.append(clocks.c.subject.in_(theirs.order_by(tickets.c.created_at.desc()).limit(_MOST_OPEN)))
    order = clocks.c.due_at, clocks.c.subject
    reach = select(*order).where(*in_order).order_by(*order).offset(_LOOKED_AT - 1).limit(1)
    far = (await connection.execute(reach)).one_or_none() if wanted.is_narrow or wanted.promises else None
    query = select(tickets, clocks.c.due_at.label("next_due_at")).join(clocks, clocks.c.subject == tickets.c.subject)
    query = query.where(*in_order, *_shown(wanted, now), ~_sooner(wanted, now).exists())
    query = _narrowed(query, wanted._replace(near_breach=None if wanted.near_breach else wanted.near_breach), now)
    if far is not None:
        query = query.where(tuple_(*order) <= tuple(far))
    rows = (await connection.execute(query.order_by(*order).limit(limit))).all()
    last = (rows[-1].next_due_at, rows[-1].subject) if len(rows) == limit else None
    return Listed(rows, last or (tuple(far) if far is not None else None))


async def breached_since(
    connection: AsyncConnection, wanted: TicketFilter, since: datetime, now: datetime, limit: int
) -> list[tuple[datetime, Row[Any]]]:
    """Clocks whose limit was passed from an instant to now, noticed or not, with when; newest first."""
    unnoticed = (text(IS_RUNNING), clocks.c.breach_at.is_(None), clocks.c.due_at >= since, clocks.c.due_at <= now)
    noticed = (text(WAS_BREACHED), clocks.c.breach_at >= since, clocks.c.breach_at <= now)
    found: list[tuple[datetime, Row[Any]]] = []
    for at, conditions in ((clocks.c.due_at, unnoticed), (clocks.c.breach_at, noticed)):
        query = select(clocks, at.label("passed_at")).where(*conditions, *counted(wanted))
        if wanted.customer is not None:
            # Asked of each clock in the order of time: a join would begin with all tickets of the customer.
            theirs = select(tickets.c.subject).where(tickets.c.subject == clocks.c.subject, tickets.c.customer == wanted.customer)
            query = query.where(theirs.exists())
        rows = await connection.execute(query.order_by(at.desc()).limit(limit))
        found += [(row.passed_at, row) for row in rows]
    return sorted(found, key=lambda each: each[0], reverse=True)[:limit]


def counted(wanted: TicketFilter, of: FromClause = clocks) -> list[ColumnElement[bool]]:
    """The conditions of a clock's row that it counts, and is shown, in a list."""
    if wanted.supplier is not None:
        return [is_of_contract(wanted.supplier, of)]
    return [of.c.kind.in_([kind.value for kind in PROMISES])] if wanted.promises else []


def _sooner(wanted: TicketFilter, now: datetime) -> Select[Any]:
    """Another running clock of the same ticket that is due before."""
    other = clocks.alias("other")
    earlier = or_(other.c.due_at < clocks.c.due_at, and_(other.c.due_at == clocks.c.due_at, other.c.clock < clocks.c.clock))
    same = (other.c.subject == clocks.c.subject, other.c.state == ClockState.RUNNING.value, other.c.due_at > now, earlier)
    return select(other.c.subject).where(*same, *_shown(wanted, now, other))


def _shown(wanted: TicketFilter, now: datetime, of: FromClause = clocks) -> list[ColumnElement[bool]]:
    """Which clocks of a ticket it is listed by, where the soonest decides."""
    return [*counted(wanted, of), *([near_breach_by(now, of)] if wanted.near_breach else [])]


def _narrowed(query: Select[Any], wanted: TicketFilter, now: datetime) -> Select[Any]:
    for name in ("service", "region", "priority", "alert", "is_open"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(tickets.c[name] == value)
    if wanted.supplier is not None:
        query = query.where(was_held_by(wanted.supplier))
    asked = clocks.alias("asked")
    for is_so, condition in ((wanted.breached, breached_by(now, asked)), (wanted.near_breach, near_breach_by(now, asked))):
        if is_so is not None:
            found = select(asked.c.subject).where(asked.c.subject == tickets.c.subject, condition, *counted(wanted, asked)).exists()
            query = query.where(found if is_so else ~found)
    return query
