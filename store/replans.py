"""Re-plans and the moves of their tickets: written down before a ticket is moved, and counted from there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, case, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.replan import MovedClock, MoveState, ReplanState, Route, TicketMove, event_name
from store.database import Database
from store.replan_tables import ReplanMoveRow, ReplanRow
from store.tables import IS_OPEN
from store.tickets import clocks, inbox, subject_of, ticket_of, tickets

replans, moves = (table.__table__ for table in (ReplanRow, ReplanMoveRow))  # type: ignore[union-attr]


class Counts(NamedTuple):
    """What a dry run lists, or a re-plan has done so far.

    `unchanged` were moved and keep their due times; `closed` were listed by the dry run and closed before their turn;
    `left` are open and wait for theirs; `acknowledged` were moved, and their process was told.
    """

    moved: int
    unchanged: int
    breaches: int
    soonest_new_due: datetime | None
    closed: int = 0
    left: int = 0
    acknowledged: int = 0


class MovePage(NamedTuple):
    """What a list of moves is narrowed to, and where it goes on."""

    limit: int
    after: str = ""
    breaches: bool | None = None
    acknowledged: bool | None = None


def route_of(row: Any) -> Route:
    """Where the tickets of a re-plan go."""
    return Route(agreement=row.agreement, from_version=row.from_version, to_version=row.to_version)


def move_of(row: Any) -> TicketMove:
    """What moving a ticket brings, from its row."""
    return TicketMove(ticket=ticket_of(row.subject), left=row.left, at=row.at, clocks=tuple(map(MovedClock.model_validate, row.clocks)))


class ReplanStore:
    """Reads and writes them, on the caller's transaction."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def add(self, connection: AsyncConnection, values: Mapping[str, Any]) -> None:
        """Write a dry run or a re-plan down; one that is there already stays as it is."""
        await connection.execute(self._database.insert(ReplanRow).on_conflict_do_nothing(index_elements=["replan"]), values)

    async def replan(self, connection: AsyncConnection, name: str) -> Row[Any] | None:
        """A dry run or a re-plan by its name."""
        return (await connection.execute(select(replans).where(replans.c.replan == name))).one_or_none()

    async def running(self, connection: AsyncConnection, agreement: str) -> Row[Any] | None:
        """The re-plan of an agreement that runs now."""
        query = select(replans).where(replans.c.agreement == agreement, replans.c.state == ReplanState.RUNNING.value)
        return (await connection.execute(query)).one_or_none()

    async def newest(self, connection: AsyncConnection, agreement: str | None, limit: int) -> Sequence[Row[Any]]:
        """Dry runs and re-plans, newest first; of one agreement where it is named."""
        query = select(replans).order_by(replans.c.asked_at.desc()).limit(limit)
        if agreement is not None:
            query = query.where(replans.c.agreement == agreement)
        return (await connection.execute(query)).all()

    async def note(self, connection: AsyncConnection, name: str, **values: Any) -> None:
        """Note how far a re-plan has come."""
        await connection.execute(update(replans).where(replans.c.replan == name).values(**values))

    # ---- its tickets ------------------------------------------------------------------------------------------------

    async def open_tickets(self, connection: AsyncConnection, route: Route, after: str, limit: int) -> list[Row[Any]]:
        """The next tickets with an open clock that a route leads away from: `subject` and `agreements`, in their order."""
        waiting = select(clocks.c.subject).where(*_leaving(route), clocks.c.subject > after).distinct()
        waiting = waiting.order_by(clocks.c.subject).limit(limit)
        query = select(tickets.c.subject, tickets.c.agreements).where(tickets.c.subject.in_(waiting.scalar_subquery()))
        return list((await connection.execute(query.order_by(tickets.c.subject))).all())

    async def write(self, connection: AsyncConnection, name: str, planned: Iterable[TicketMove], state: MoveState) -> None:
        """Write down what moves bring; one that is there already stays as it is."""
        rows = [
            {
                "replan": name,
                "subject": subject_of(each.ticket),
                "source": each.ticket.source,
                "event_id": event_name(name, each.ticket),
                "left": each.left,
                "at": each.at,
                "clocks": [clock.model_dump(mode="json") for clock in each.clocks],
                "new_due_at": each.new_due_at,
                "changes": each.changes,
                "breaches": each.breaches,
                "state": state.value,
            }
            for each in planned
        ]
        if rows:
            insert = self._database.insert(ReplanMoveRow).on_conflict_do_nothing(index_elements=["replan", "subject"])
            await connection.execute(insert, rows)

    async def planned(self, connection: AsyncConnection, name: str, limit: int) -> Sequence[Row[Any]]:
        """Moves that were written down and not made yet: the process died between the two, or is at it."""
        query = select(moves).where(moves.c.replan == name, moves.c.state == MoveState.PLANNED.value)
        return (await connection.execute(query.order_by(moves.c.subject).limit(limit))).all()

    async def moved(self, connection: AsyncConnection, name: str) -> int:
        """How many tickets were moved."""
        return await self._number(connection, select(moves.c.subject).where(*_made(name)))

    async def settle(self, connection: AsyncConnection, name: str, subjects: Sequence[str], state: MoveState) -> None:
        """Note what became of moves."""
        if subjects:
            mine = moves.c.replan == name, moves.c.subject.in_(list(subjects))
            await connection.execute(update(moves).where(*mine).values(state=state.value))

    async def forget(self, connection: AsyncConnection, name: str) -> None:
        """Drop the list of a dry run that did not come to its end: it is counted anew."""
        await connection.execute(delete(moves).where(moves.c.replan == name, moves.c.state == MoveState.LISTED.value))

    # ---- what is asked ----------------------------------------------------------------------------------------------

    async def counts(self, connection: AsyncConnection, row: Any) -> Counts:
        """What a dry run lists, or how far a re-plan has come, counted now."""
        is_dry = row.confirms is None
        wanted = MoveState.LISTED if is_dry else MoveState.MOVED
        query = select(
            func.count(),
            func.coalesce(func.sum(case((moves.c.changes, 0), else_=1)), 0),
            func.coalesce(func.sum(case((moves.c.breaches, 1), else_=0)), 0),
            func.min(moves.c.new_due_at),
        )
        counted = (await connection.execute(query.where(moves.c.replan == row.replan, moves.c.state == wanted.value))).one()
        counts = Counts(*counted)
        if is_dry:
            return counts
        return counts._replace(
            closed=await self._closed(connection, row),
            left=await self._left(connection, row),
            acknowledged=await self._number(connection, select(moves.c.subject).where(*_made(row.replan), _is_acknowledged())),
        )

    async def page(self, connection: AsyncConnection, name: str, page: MovePage) -> Sequence[Row[Any]]:
        """Moves of a re-plan in the order of their tickets, each with `acknowledged`."""
        query = select(moves, _is_acknowledged().label("acknowledged")).where(moves.c.replan == name, moves.c.subject > page.after)
        if page.breaches is not None:
            query = query.where(moves.c.breaches.is_(page.breaches))
        if page.acknowledged is not None:
            told = _is_acknowledged()
            query = query.where(told if page.acknowledged else ~told)
        return (await connection.execute(query.order_by(moves.c.subject).limit(page.limit))).all()

    async def of_ticket(self, connection: AsyncConnection, subject: str) -> Sequence[Row[Any]]:
        """The moves a ticket went through, earliest first, each with its reason."""
        query = select(moves, replans.c.reason, replans.c.to_version, _is_acknowledged().label("acknowledged"))
        query = query.join(replans, replans.c.replan == moves.c.replan)
        query = query.where(moves.c.subject == subject, moves.c.state == MoveState.MOVED.value)
        return (await connection.execute(query.order_by(moves.c.at))).all()

    async def _closed(self, connection: AsyncConnection, row: Any) -> int:
        """Listed by the dry run, passed by, and not moved; and those that closed in the very moment of their turn."""
        made = moves.alias()
        mine = select(made.c.subject).where(made.c.replan == row.replan, made.c.subject == moves.c.subject).exists()
        passed = [] if row.state == ReplanState.DONE.value else [moves.c.subject <= row.after]
        listed = select(moves.c.subject).where(moves.c.replan == row.confirms, ~mine, *passed)
        at_once = select(moves.c.subject).where(moves.c.replan == row.replan, moves.c.state == MoveState.CLOSED.value)
        return await self._number(connection, listed) + await self._number(connection, at_once)

    async def _left(self, connection: AsyncConnection, row: Any) -> int:
        if row.state == ReplanState.DONE.value:
            return 0
        waiting = select(clocks.c.subject).where(*_leaving(route_of(row)), clocks.c.subject > row.after).distinct()
        return await self._number(connection, waiting)

    @staticmethod
    async def _number(connection: AsyncConnection, query: Select[Any]) -> int:
        return await connection.scalar(select(func.count()).select_from(query.subquery())) or 0


def _leaving(route: Route) -> tuple[ColumnElement[bool], ...]:
    """The condition of clocks that a route leads away from."""
    mine = [clocks.c.agreement == route.agreement, clocks.c.version != route.to_version, text(IS_OPEN)]
    if route.from_version is not None:
        mine.append(clocks.c.version.like(route.from_version.replace("*", "%")))
    return tuple(mine)


def _made(name: str) -> tuple[ColumnElement[bool], ...]:
    return moves.c.replan == name, moves.c.state == MoveState.MOVED.value


def _is_acknowledged() -> ColumnElement[bool]:
    """The engine has the fact in the history of the ticket's process: it stays there through every crash, and the process acts on it.

    Asking each process whether it has read it would wake them all; what no engine took is what can go wrong, and shows here.
    """
    mine = and_(inbox.c.source == moves.c.source, inbox.c.event_id == moves.c.event_id)
    return select(inbox.c.id).where(mine, inbox.c.forwarded_at.is_not(None)).exists()
