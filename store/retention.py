"""What has passed its period goes: in small transactions, each of which leaves less to do for the next."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, Table, Text, and_, bindparam, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ports import DeliveryState
from domain.retention import RetentionPolicy
from store.case_tables import CaseRow, PersonTokenRow, ScanRow
from store.database import Database
from store.inbox_rows import CASE_ROWS
from store.standings import ENDS
from store.survey_tables import SurveyRow
from store.tables import DeliveryRow, InboxRow, MailboxRow, TicketRow

tokens, letters, deliveries, surveys, inbox, tickets, scans, cases = (
    table.__table__  # type: ignore[union-attr]
    for table in (PersonTokenRow, MailboxRow, DeliveryRow, SurveyRow, InboxRow, TicketRow, ScanRow, CaseRow)
)

FORGOTTEN = "erased"
"""Who was asked, once nobody has to know any longer."""

BATCH = 2000
"""Rows of one transaction: it is over within a fraction of a second, and nobody waits long for a row."""

_NAMELESS = '"name": ""'


class Step(NamedTuple):
    """One kind of rows: which have passed their period, and what becomes of one. `change` None removes it."""

    name: str
    table: Table
    due: ColumnElement[bool]
    change: Callable[[Any], Mapping[str, Any]] | None


class Retention:
    """Carries the periods out."""

    def __init__(self, database: Database, policy: RetentionPolicy) -> None:
        """Work on a database, by the periods of an installation."""
        self._database = database
        self._policy = policy

    async def due(self, now: datetime) -> dict[str, int]:
        """How many rows have passed their period, by step; nothing is changed."""
        async with self._database.reading() as connection:
            return {
                step.name: await connection.scalar(select(func.count()).select_from(step.table).where(step.due)) or 0
                for step in steps(self._policy, now)
            }

    async def run_batch(self, now: datetime) -> dict[str, int]:
        """Change or remove a batch of each step's rows; gives how many, by step. All zero: nothing is left to do."""
        done: dict[str, int] = {}
        for step in steps(self._policy, now):
            async with self._database.writing() as connection:
                done[step.name] = await _take(connection, step)
        return done


async def _take(connection: AsyncConnection, step: Step) -> int:
    keys = list(step.table.primary_key)
    changed = [] if step.change is None else [each for each in step.table.c if each.name in _CHANGED.get(step.name, ())]
    query: Select[Any] = select(*keys, *changed).where(step.due).order_by(*keys).limit(BATCH).with_for_update()
    rows = (await connection.execute(query)).all()
    if rows:
        same = [column == bindparam(f"of_{column.name}") for column in keys]
        named = [{f"of_{column.name}": getattr(row, column.name) for column in keys} for row in rows]
        if step.change is None:
            await connection.execute(delete(step.table).where(*same), named)
        else:
            changes = [step.change(row) for row in rows]
            values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in changes[0]}
            to = [{f"to_{name}": value for name, value in change.items()} for change in changes]
            await connection.execute(update(step.table).where(*same).values(**values), [a | b for a, b in zip(named, to, strict=True)])
    return len(rows)


_CHANGED: Mapping[str, tuple[str, ...]] = {"decisions": ("event",), "tickets": ("attributes",), "ticket events": ("event",)}
"""The columns a step reads before it changes them."""


def steps(policy: RetentionPolicy, now: datetime) -> tuple[Step, ...]:
    """Everything that has a period of its own, and what has passed it at an instant."""
    return (
        Step("tokens", tokens, tokens.c.revoked_at < now - timedelta(days=policy.sign_in_days), None),
        *_sent(now - timedelta(days=policy.letter_days)),
        _surveys(now - timedelta(days=policy.survey_days)),
        *_tickets(policy, _years_before(now, policy.ticket_years)),
        _scans(_year_begins(now, policy.case_years)),
    )


def _sent(before: datetime) -> tuple[Step, ...]:
    """Letters, the log of what was sent out, and the names in decisions that were handed on."""
    ended = deliveries.c.state.in_((DeliveryState.DELIVERED.value, DeliveryState.REFUSED.value))
    # A letter that is still tried after so long was given up; what the CRM and billing are owed is tried for ever.
    given_up = and_(deliveries.c.state == DeliveryState.PENDING.value, deliveries.c.receiver != "")
    deed = inbox.c.subject.startswith(CASE_ROWS), inbox.c.forwarded_at < before, _shown(inbox.c.event).contains('"deed": {')
    named = ~_shown(inbox.c.event).contains(_NAMELESS)
    return (
        Step("letters", letters, letters.c.received_at < before, None),
        Step("deliveries", deliveries, and_(or_(ended, given_up), deliveries.c.last_at < before), None),
        Step("decisions", inbox, and_(*deed, named), lambda row: {"event": _nameless(row.event)}),
    )


def _surveys(before: datetime) -> Step:
    over = func.coalesce(surveys.c.answered_at, surveys.c.expires_at) < before
    named = or_(surveys.c.comment.is_not(None), surveys.c.person != FORGOTTEN)
    return Step("surveys", surveys, and_(over, named), lambda _: {"person": FORGOTTEN, "comment": None})


def _tickets(policy: RetentionPolicy, before: datetime) -> tuple[Step, ...]:
    closed = and_(tickets.c.is_open.is_(False), tickets.c.updated_at < before)
    of_closed = select(tickets.c.subject).where(closed, tickets.c.subject == inbox.c.subject).exists()

    def impersonal(attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in attributes.items() if name not in policy.personal_attributes}

    def told(row: Any) -> Mapping[str, Any]:
        return {"event": row.event | {"attributes": impersonal(row.event.get("attributes", {}))}}

    return (
        Step(
            "tickets", tickets, and_(closed, _names(tickets.c.attributes, policy)), lambda row: {"attributes": impersonal(row.attributes)}
        ),
        Step("ticket events", inbox, and_(of_closed, _names(inbox.c.event, policy)), told),
    )


def _scans(before: datetime) -> Step:
    """Those of cases that led to no agreement."""
    failed = cases.c.state.in_(ENDS), _shown(cases.c.registry_nos) == "[]", cases.c.entered_at < before
    return Step("scans", scans, select(cases.c.case_id).where(*failed, cases.c.case_id == scans.c.case_id).exists(), None)


def _shown(column: Column[Any]) -> ColumnElement[str]:
    """A JSON column as the text it is stored as."""
    return cast(column, Text)


def _names(column: Column[Any], policy: RetentionPolicy) -> ColumnElement[bool]:
    return or_(*(_shown(column).contains(f'"{name}": ', autoescape=True) for name in policy.personal_attributes))


def _nameless(event: Mapping[str, Any]) -> dict[str, Any]:
    """A kept decision in which people go by their keys alone."""
    deed = event["deed"]
    by = deed["by"] | {"name": "", "deputises": [each | {"name": ""} for each in deed["by"].get("deputises", ())]}
    return {**event, "deed": deed | {"by": by}}


def _years_before(now: datetime, years: int) -> datetime:
    leap_day = now.month == 2 and now.day == 29
    return (now - timedelta(days=leap_day)).replace(year=now.year - years)


def _year_begins(now: datetime, years: int) -> datetime:
    """The instant before which that must have ended whose period of so many years ends with its calendar year (`too_late_from`)."""
    return datetime.combine(now.replace(year=now.year - years, month=1, day=1), time(), now.tzinfo)
