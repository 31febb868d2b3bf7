"""Where re-plans are asked for: a dry run first, then the re-plan that rests on it."""

from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import BusinessClock
from api.replanner import Replanner
from domain.audit import AuditEvent
from domain.errors import BadInput, Conflict, NotFound
from domain.registry_numbers import in_addresses
from domain.replan import CONFIRM_WITHIN, Rate, ReplanState, Route
from store.audit import AuditTrail
from store.database import Database
from store.entries import Entry
from store.inbox_rows import InboxRows
from store.replans import ReplanStore, route_of


class Asked(NamedTuple):
    """What somebody asks for; `key` makes a repeated request the same one."""

    from_version: str | None
    to_version: str
    reason: str
    rate: Rate
    by: str
    key: str


class ReplanDesk:
    """Takes dry runs and re-plans in."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._now = now
        self._replans = ReplanStore(database)
        self._rows = InboxRows(database)
        self._audit = AuditTrail(database)
        self._replanner = Replanner(database, now)

    async def dry_run(self, entry: Entry, asked: Asked) -> Row[Any]:
        """List what would be moved now; the same key again gives the same list.

        Raises:
            NotFound: the agreement has no such version.
            BadInput: it promises nothing for tickets.
            Conflict: SAME_VERSION; KEY_USED, for another request.
        """
        values = _values(entry, asked) | {"state": ReplanState.COUNTING.value, "asked_at": self._now()}
        async with self._database.writing() as connection:
            await self._replans.add(connection, values)
            row = await self._same(connection, values)
        if row.state == ReplanState.COUNTING.value:
            await self._replanner.list_moves(row)
        async with self._database.reading() as connection:
            return await self._same(connection, values)

    async def confirm(self, entry: Entry, asked: Asked, dry_run: str | None) -> Row[Any]:
        """Write a re-plan down; its process is started by the forwarder. The same key again is the same one.

        Raises:
            Conflict: NO_DRY_RUN; DRY_RUN_STALE, where it is over a day old or a version was registered since;
                REPLAN_RUNNING, as one agreement has one at a time; and as `dry_run` says.
        """
        at, values = self._now(), _values(entry, asked)
        values |= {"state": ReplanState.RUNNING.value, "asked_at": at, "confirms": dry_run}
        async with self._database.writing() as connection:
            await self._database.hold(connection, f"replan:{values['agreement']}")
            if await self._replans.replan(connection, values["replan"]) is None:
                await self._refuse_unconfirmed(connection, values)
                await self._replans.add(connection, values)
                await self._rows.keep_replan(connection, values["replan"], at)
                await self._audit.append(connection, [_audited(values)])
            return await self._same(connection, values)

    async def _refuse_unconfirmed(self, connection: AsyncConnection, values: dict[str, Any]) -> None:
        name = values["confirms"]
        dry = await self._replans.replan(connection, name) if name is not None else None
        if dry is None or dry.state != ReplanState.COUNTED.value or route_of(dry) != _route(values):
            raise Conflict("NO_DRY_RUN", "name in `confirms` the dry run of these very versions", allowed=("dry_run",))
        if dry.versions != values["versions"] or values["asked_at"] - dry.asked_at > CONFIRM_WITHIN:
            raise Conflict("DRY_RUN_STALE", f"{name} no longer says what would happen; make another dry run", allowed=("dry_run",))
        running = await self._replans.running(connection, dry.agreement)
        if running is not None:
            raise Conflict("REPLAN_RUNNING", f"{running.replan} is moving the tickets of {dry.agreement}; wait for its end")

    async def _same(self, connection: AsyncConnection, values: dict[str, Any]) -> Row[Any]:
        row = await self._replans.replan(connection, values["replan"])
        assert row is not None
        if route_of(row) != _route(values) or row.confirms != values.get("confirms"):
            raise Conflict("KEY_USED", f"the key was used for {row.replan}, which is something else")
        return row


def agreement_of(entry: Entry) -> str:
    """How the clocks of tickets call a registered agreement."""
    return entry.name if entry.case_id is None else in_addresses(entry.registry_no)


def _values(entry: Entry, asked: Asked) -> dict[str, Any]:
    versions = {each.version: each for each in entry.versions}
    for version in (asked.from_version, asked.to_version):
        if version is not None and version not in versions and not version.endswith(".*"):
            raise NotFound(f"{entry.registry_no} has no version {version}")
    terms = versions[asked.to_version].terms
    if terms is None:
        raise BadInput(f"{entry.registry_no} {asked.to_version} promises nothing for tickets")
    route = Route(agreement=agreement_of(entry), from_version=asked.from_version, to_version=asked.to_version)
    route.refuse_standstill()
    name = sha256(f"{entry.registry_no}\n{asked.by}\n{asked.key}".encode()).hexdigest()[:12]
    return {
        **route.model_dump(),
        "replan": f"replan-{name}",
        "terms": terms,
        "reason": asked.reason,
        "rate": asked.rate,
        "versions": len(versions),
        "by": asked.by,
    }


def _route(values: dict[str, Any]) -> Route:
    return Route(**{name: values[name] for name in Route.model_fields})


def _audited(values: dict[str, Any]) -> AuditEvent:
    return AuditEvent(
        key=f"{values['replan']}:confirm",
        subject=f"replan:{values['replan']}",
        action="confirm",
        from_state=ReplanState.COUNTED.value,
        to_state=ReplanState.RUNNING.value,
        actor=values["by"],
        reason=values["reason"],
        at=values["asked_at"],
    )
