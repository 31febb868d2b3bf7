"""Deliveries as administrators see them: what was refused or given up, and sending it again."""

import base64
import json
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row
from temporalio.client import Client
from temporalio.service import RPCError

from api.clock import BusinessClock
from api.paging import decode_place, encode_place
from domain.audit import AuditEvent
from domain.errors import Conflict, NotFound
from domain.ports import DeliveryState
from store.audit import AuditTrail
from store.database import Database
from store.deliveries import Deliveries, DeliveryName, Wanted
from workflows.digests import DigestStarter


class DeliveryView(BaseModel):
    """One notice or update on one channel, for one person where the channel writes to each; `due_at` is until when it waits.

    `can_be_resent` is true of notices that have not arrived.
    """

    delivery: str
    key: str
    channel: str
    receiver: str
    state: str
    attempts: int
    error: str | None
    subject: str
    about: str
    first_at: AwareDatetime
    last_at: AwareDatetime
    due_at: AwareDatetime | None
    can_be_resent: bool


class DeliveryPage(BaseModel):
    """Some deliveries, last tried first; `next` asks for those after them."""

    deliveries: list[DeliveryView]
    next: str | None


class DeliveryDesk:
    """Lists deliveries, and has one sent again."""

    def __init__(self, database: Database, client: Client | None, now: BusinessClock) -> None:
        """Work on a database; what is sent again is sent by the workers of an engine."""
        self._database = database
        self._client = client
        self._now = now
        self._rows = Deliveries(database)
        self._audit = AuditTrail(database)

    async def page(self, wanted: Wanted, limit: int, after: str | None) -> DeliveryPage:
        """Some of what was delivered, is waiting, or was refused.

        Raises:
            BadInput: the place is none this API gave.
        """
        place = decode_place(after)
        rows = await self._rows.page(wanted, limit, (place[0], _named(place[1])) if place is not None else None)
        following = encode_place(rows[-1].last_at, _text(_name(rows[-1]))) if len(rows) == limit else None
        return DeliveryPage(deliveries=[_view(row) for row in rows], next=following)

    async def resend(self, delivery: str, by: str) -> DeliveryView:
        """Have a notice sent again to whom it did not reach; the trail says by whom.

        Raises:
            NotFound: there is no such delivery.
            Conflict: it has arrived, it is no notice, or the engine is away.
        """
        name, now = _named(delivery), self._now()
        async with self._database.writing() as connection:
            row = await self._rows.one(connection, name)
            if row is None:
                raise NotFound("there is no such delivery")
            _refuse(row)
            await self._rows.put_back(connection, name, now)
            await self._audit.append(connection, [_event(row, by, now)])
        await self._start(name.receiver, now)
        async with self._database.reading() as connection:
            return _view(await self._rows.one(connection, name))

    async def _start(self, receiver: str, now: datetime) -> None:
        away = Conflict("ENGINE_AWAY", "it is kept to be sent, and nobody is there to send it now; ask again when the engine is up")
        if self._client is None:
            raise away
        try:
            await DigestStarter(self._client, self._now).ensure_letters(receiver, now)
        except (RPCError, OSError, RuntimeError) as failure:
            raise away from failure


def _refuse(row: Row[Any]) -> None:
    if row.state == DeliveryState.DELIVERED.value:
        raise Conflict("ALREADY_DELIVERED", "it has arrived; a second copy helps nobody")
    if not _is_notice(row):
        raise Conflict("NOT_A_NOTICE", "updates of the CRM are sent by their own process; only notices are sent again here")


def _is_notice(row: Row[Any]) -> bool:
    return "recipients" in row.effect


def _event(row: Row[Any], by: str, at: datetime) -> AuditEvent:
    subject = f"delivery:{row.key}"[:310]
    return AuditEvent(
        key=f"delivery:{_text(_name(row))}:resend:{at.isoformat()}"[-600:],
        subject=subject,
        action="resend",
        from_state=row.state,
        to_state=DeliveryState.WAITING.value,
        actor=by,
        reason=f"{row.channel} to {row.receiver or 'its receiver'}",
        at=at,
    )


def _view(row: Row[Any] | None) -> DeliveryView:
    assert row is not None
    told, ticket = row.effect, row.effect.get("ticket")
    return DeliveryView(
        delivery=_text(_name(row)),
        key=row.key,
        channel=row.channel,
        receiver=row.receiver,
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        subject=told.get("subject") or told.get("text") or row.key,
        about=f"{ticket['source']}/{ticket['ticket_id']}" if ticket is not None else told.get("case_id") or "servanda",
        first_at=row.first_at,
        last_at=row.last_at,
        due_at=row.due_at,
        can_be_resent=_is_notice(row) and row.state != DeliveryState.DELIVERED.value,
    )


def _name(row: Row[Any]) -> DeliveryName:
    return DeliveryName(row.key, row.channel, row.receiver)


def _text(name: DeliveryName) -> str:
    """A delivery's name as one word of an address."""
    return base64.urlsafe_b64encode(json.dumps(name).encode()).decode().rstrip("=")


def _named(text: str) -> DeliveryName:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as wrong:
        raise NotFound("there is no such delivery") from wrong
    if not isinstance(found, list) or len(found) != 3 or not all(isinstance(each, str) and "\0" not in each for each in found):
        raise NotFound("there is no such delivery")
    return DeliveryName(*found)
