"""Who was asked for their opinion of the service: found among closed tickets, written down once, in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_life import term_of
from domain.calendars import ServiceCalendar, calendar_of
from domain.case_messages import Registered
from domain.catalogue import Catalogue
from domain.clocks import ClockState
from domain.documents import AgreementLevel
from domain.effects import Notice
from domain.people import Language, Role, Side
from domain.registry_numbers import in_addresses
from domain.spans import Span
from domain.survey_wording import survey_notice
from domain.surveys import (
    REQUESTER,
    ClosedTicket,
    EndedClock,
    Survey,
    SurveyPolicy,
    asked_about,
    closing_of,
    quarter_asked_about,
    survey_name,
)
from store.database import Database
from store.directory import Directory
from store.entries import PROMISES, entries
from store.survey_tables import SurveyRow
from store.tickets import clocks, tickets

surveys = SurveyRow.__table__  # type: ignore[attr-defined]

_SLAS = tuple(kind.value for kind in PROMISES)


class Surveys:
    """Carries out `domain.ports.Surveys`."""

    def __init__(self, database: Database, policy: SurveyPolicy, link: Callable[[str], str] | None) -> None:
        """Work on a database; `link` gives the address at which a survey is answered, and without one nobody is asked."""
        self._database = database
        self._policy = policy
        self._link = link
        self._directory = Directory(database)

    async def due(self, registry_no: str, at: datetime) -> Sequence[Notice]:
        """Ask whom the day of `at` brings; the same day again asks nobody a second time and gives the same notices."""
        if self._link is None:
            return []
        async with self._database.writing() as connection:
            versions, catalogue = await _versions(connection, registry_no), await self._directory.newest(connection)
            if not versions or versions[-1].kind not in _SLAS or catalogue is None:
                return []
            entry = versions[-1]
            # Two agreements of one customer may have tickets of one person: whoever comes second sees who was asked.
            await self._database.hold(connection, f"surveys:{entry.customer}")
            calendar = calendar_of(catalogue.calendar)
            rows = await self._after_tickets(connection, entry, at, calendar) + self._of_quarter(versions, at, calendar, catalogue)
            if rows:
                same = {"registry_no": registry_no, "customer": entry.customer, "asked_at": at}
                until = {"expires_at": at + timedelta(days=self._policy.open_days)}
                full = [same | until | row | {"language": _language(catalogue, entry, row["person"])} for row in rows]
                await connection.execute(self._database.insert(SurveyRow).on_conflict_do_nothing(), full)
            return [
                survey_notice(survey_of(row, entry.title), self._link(row.survey), ZoneInfo(entry.time_zone))
                for row in await _asked_on_day(connection, registry_no, at, calendar)
            ]

    async def _after_tickets(
        self, connection: AsyncConnection, entry: Row[Any], at: datetime, calendar: ServiceCalendar
    ) -> list[dict[str, Any]]:
        today = at.astimezone(calendar.zone).date()
        oldest = calendar.local(today - timedelta(days=self._policy.fresh_days), time())
        closed = await _closed(connection, entry, Span(oldest, calendar.local(today, time())))
        resting = calendar.local(today - timedelta(days=self._policy.rest_days), time())
        rest = surveys.c.customer == entry.customer, surveys.c.asked_at >= resting
        last = select(surveys.c.person, func.max(surveys.c.asked_at).label("at")).where(*rest).group_by(surveys.c.person)
        last_asked = {row.person: row.at for row in await connection.execute(last)}
        # What an activity answers goes through the engine, which takes no more than some two thousand notices at once.
        room = max(0, self._policy.most_a_day - len(await _asked_on_day(connection, entry.registry_no, at, calendar)))
        return [
            {"survey": survey_name(each.ticket), "ticket": each.ticket, "period": None, "person": each.person}
            for each in asked_about(closed, last_asked, at, calendar, self._policy)[:room]
        ]

    def _of_quarter(
        self, versions: Sequence[Row[Any]], at: datetime, calendar: ServiceCalendar, catalogue: Catalogue
    ) -> list[dict[str, Any]]:
        entry, terms = versions[-1], [term_of(Registered.model_validate(each, from_attributes=True)) for each in versions]
        person, ends = _representative(catalogue, entry), [each.ends for each in terms if each.ends is not None]
        if person is None or entry.level != AgreementLevel.SERVICE.value:
            return []
        in_force = Span(min(each.begins for each in terms), max(ends) if len(ends) == len(terms) else at)
        quarter = quarter_asked_about(in_force, at, ZoneInfo(entry.time_zone), calendar, self._policy)
        if quarter is None:
            return []
        name = survey_name(f"{entry.registry_no} {quarter.name}")
        return [{"survey": name, "ticket": None, "period": quarter.name, "person": person}]


def survey_of(row: Row[Any], title: str) -> Survey:
    """A row as the domain knows it, with its agreement's title."""
    return Survey(title=title, **{name: getattr(row, name) for name in Survey._fields if name != "title"})


async def _versions(connection: AsyncConnection, registry_no: str) -> list[Row[Any]]:
    """The versions of an agreement, the newest last."""
    rows = await connection.execute(select(entries).where(entries.c.registry_no == registry_no))
    return sorted(rows, key=lambda row: tuple(map(int, row.version.split("."))))


async def _closed(connection: AsyncConnection, entry: Row[Any], span: Span) -> list[ClosedTicket]:
    """Tickets whose last clock ended under the agreement in a stretch of time, that say who asked for help, not asked about yet."""
    name = entry.name if entry.imported_by is not None else in_addresses(entry.registry_no)
    mine = select(clocks.c.subject).where(clocks.c.agreement == name, clocks.c.completed_at >= span.start, clocks.c.completed_at < span.end)
    query = (
        select(tickets.c.subject, tickets.c.attributes, clocks.c.agreement, clocks.c.state, clocks.c.reason, clocks.c.completed_at)
        .join(clocks, clocks.c.subject == tickets.c.subject)
        .where(tickets.c.subject.in_(mine), tickets.c.is_open.is_(False), tickets.c.customer == entry.customer)
        .where(clocks.c.kind.in_(_SLAS), ~select(surveys.c.ticket).where(surveys.c.ticket == tickets.c.subject).exists())
    )
    people: dict[str, str] = {}
    ended: dict[str, list[EndedClock]] = {}
    for subject, attributes, agreement, state, reason, completed_at in await connection.execute(query):
        if person := attributes.get(REQUESTER):
            people[subject] = person
            ended.setdefault(subject, []).append(EndedClock(agreement, ClockState(state), reason, completed_at))
    closings = {subject: closing_of(each) for subject, each in ended.items()}
    return [
        ClosedTicket(subject, people[subject], closing.at)
        for subject, closing in closings.items()
        if closing is not None and closing.agreement == name
    ]


async def _asked_on_day(connection: AsyncConnection, registry_no: str, at: datetime, calendar: ServiceCalendar) -> Sequence[Row[Any]]:
    today = at.astimezone(calendar.zone).date()
    day = Span(calendar.local(today, time()), calendar.local(today + timedelta(days=1), time()))
    asked = surveys.c.registry_no == registry_no, surveys.c.asked_at >= day.start, surveys.c.asked_at < day.end
    return (await connection.execute(select(surveys).where(*asked).order_by(surveys.c.survey))).all()


def _representative(catalogue: Catalogue, entry: Row[Any]) -> str | None:
    """Who speaks for the customer: whom the agreement names; where it names nobody who is there, the first the catalogue has."""
    named = entry.document["customer"].get("representative") if entry.case_id is not None else None
    there = [each.person for each in catalogue.people_with(Role.CUSTOMER_REP, Side.CUSTOMER, entry.customer)]
    return named if named in there else next(iter(there), None)


def _language(catalogue: Catalogue, entry: Row[Any], person: str) -> Language:
    """What the person reads, if the catalogue knows them; else what the customer's representative reads, else Polish."""
    known = catalogue.person_by_key.get(person)
    if known is None or known.party != entry.customer:
        known = catalogue.person_by_key.get(_representative(catalogue, entry) or "")
    return known.language if known is not None else "pl"
