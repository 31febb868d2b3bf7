"""One notice to each of its receivers, on every channel that reaches people one by one."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.catalogue import Catalogue
from domain.effects import Notice
from domain.letters import GIVEN_UP_AFTER, Letter
from domain.people import NoticePreferences, Role
from domain.ports import (
    AddressBook,
    Attempt,
    Carrier,
    DeliveryLog,
    DeliveryState,
    DigestStarter,
    LetterWriter,
    Links,
    Refused,
    Waiting,
)
from domain.receivers import Parties, Receivers, receivers_of
from domain.urgency import is_gathered, waits_until

_AT_ONCE = 8
"""Letters handed over at the same time: a mail server that answers slowly holds up few others."""


class Outside(NamedTuple):
    """What the post is built from: where people stand, the words, the addresses of pages, the channels."""

    book: AddressBook
    writer: LetterWriter
    links: Links
    carriers: Sequence[Carrier]


class _Item(NamedTuple):
    """A letter on one channel, and until when it waits."""

    letter: Letter
    carrier: Carrier
    due_at: datetime | None = None


class Post:
    """Sends letters, and keeps those that wait for their receiver's hours or digest."""

    def __init__(self, outside: Outside, log: DeliveryLog, later: DigestStarter, now: Callable[[], datetime]) -> None:
        """Work by the business clock `now`; `later` tells what waits when its time has come."""
        self._outside = outside
        self._log = log
        self._later = later
        self._now = now

    async def send(self, notice: Notice, at: datetime) -> list[Exception]:
        """Hand a notice to each receiver on each channel that has not taken it yet; gives what went wrong."""
        states = await self._log.states_of(notice.key)
        items, now = [], self._now()
        for item in await self._items(notice, now):
            state = states.get((item.carrier.name, item.letter.receiver), DeliveryState.PENDING)
            if state is DeliveryState.WAITING:
                # Whoever wrote it down may have died before a timer was started; by now its instant may have come.
                await self._later.ensure_letters(item.letter.receiver, item.due_at or now)
            elif state is DeliveryState.PENDING and item.due_at is not None:
                await self._keep(item, at)
            elif state is DeliveryState.PENDING:
                items.append(item)
        return await self._carry_all(items, at)

    async def send_waiting(self, receiver: str, waited: Sequence[Waiting], due_at: datetime, at: datetime) -> list[Exception]:
        """Hand over what waited for a receiver: gathered where they want a digest, else one by one."""
        catalogue, _ = await self._outside.book.look_up(waited[0].notice) if waited else (None, Parties())
        failures, found = [], []
        for each in waited:
            item = next((one for one in await self._items(each.notice, None) if _is_for(one, receiver, each.channel)), None)
            if item is None:
                failures += await self._gone(each, receiver, at)
            else:
                found.append(item)
        preferences = _preferences(catalogue, receiver)
        together = [item for item in found if is_gathered(item.letter.notice, preferences)]
        for carrier in dict.fromkeys(item.carrier for item in together):
            failures += await self._carry_gathered([item for item in together if item.carrier is carrier], due_at, at)
        failures += await self._carry_all([item for item in found if item not in together], at)
        if failures and self._now() - due_at > GIVEN_UP_AFTER:
            await self._give_up(found, at)
            return []
        return failures

    # ---- who is written to ------------------------------------------------------------------------------------------

    async def _items(self, notice: Notice, now: datetime | None) -> list[_Item]:
        """Every letter of a notice on every channel that reaches its receiver; without an instant none waits."""
        catalogue, parties = await self._outside.book.look_up(notice)
        if catalogue is None:
            return self._on_channels([self._outside.writer.write_to_nobody(notice, notice.recipients)])
        day = self._now().astimezone(ZoneInfo(catalogue.calendar.time_zone)).date()
        told = receivers_of(notice, catalogue, day, parties)
        letters = await self._letters(notice, told, catalogue)
        items = []
        for item in self._on_channels(letters):
            preferences = _preferences(catalogue, item.letter.receiver)
            if not _wants(preferences, item.carrier, self._outside.carriers):
                continue
            due_at = waits_until(notice, preferences, catalogue.calendar, now) if now is not None else None
            items.append(item._replace(due_at=due_at))
        return items

    async def _letters(self, notice: Notice, told: Receivers, catalogue: Catalogue) -> list[Letter]:
        writer, links = self._outside.writer, self._outside.links
        names = {each.person: each.name for each in catalogue.people}
        # Only who is asked gets a link to the decision; a manager told in place of others, or a chat of many, sees the page.
        shown = notice.model_copy(update={"task": None})
        letters = []
        for each in told.people:
            link = await links.link_for(each.person.person, shown if each.unreached else notice)
            letters.append(writer.write(notice, each, link, names))
        roles = [role for role in dict.fromkeys(notice.recipients) if role in Role.__members__]
        letters += [writer.write_to_role(notice, role, await links.link_for(role, shown)) for role in roles]
        if told.unreached:
            letters.append(writer.write_to_nobody(notice, told.unreached))
        return letters

    def _on_channels(self, letters: Iterable[Letter]) -> list[_Item]:
        return [_Item(letter, carrier) for letter in letters for carrier in self._outside.carriers if carrier.reaches(letter)]

    # ---- handing over -----------------------------------------------------------------------------------------------

    async def _keep(self, item: _Item, at: datetime) -> None:
        # Written down first: should nobody be started to tell it, the retry of this step finds it waiting and does so.
        assert item.due_at is not None
        letter = item.letter
        await self._log.note(
            Attempt(letter.notice, item.carrier.name, DeliveryState.WAITING, at, receiver=letter.receiver, due_at=item.due_at)
        )
        await self._later.ensure_letters(letter.receiver, item.due_at)

    async def _carry_all(self, items: Sequence[_Item], at: datetime) -> list[Exception]:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(item: _Item) -> Exception | None:
            async with turns:
                return await self._carry(item.carrier, item.letter, [item.letter], at)

        return [failure for failure in await asyncio.gather(*map(one, items)) if failure is not None]

    async def _carry_gathered(self, items: Sequence[_Item], due_at: datetime, at: datetime) -> list[Exception]:
        letters = [item.letter for item in items]
        key = f"gathered:{due_at.isoformat()}"
        letter = self._outside.writer.gather(letters, key) if len(letters) > 1 else letters[0]
        failure = await self._carry(items[0].carrier, letter, letters, at)
        return [failure] if failure is not None else []

    async def _carry(self, carrier: Carrier, letter: Letter, told: Sequence[Letter], at: datetime) -> Exception | None:
        """Hand one letter over and note how it went for each notice that it tells."""
        failure, state, error = None, DeliveryState.DELIVERED, None
        try:
            await carrier.carry(letter)
        except Refused as refusal:
            state, error = DeliveryState.REFUSED, str(refusal)
        except Exception as wrong:  # noqa: BLE001  (whatever a channel throws, the other receivers still get theirs)
            failure, error = wrong, f"{carrier.name}: {wrong}"
            state = DeliveryState.PENDING
        for each in told:
            await self._log.note(Attempt(each.notice, carrier.name, state, at, error, receiver=letter.receiver))
        return failure

    async def _gone(self, waited: Waiting, receiver: str, at: datetime) -> list[Exception]:
        """Somebody who is no receiver any more is not told; those who are in their place now are."""
        gone = "no longer a receiver, or not reached by this channel"
        await self._log.note(Attempt(waited.notice, waited.channel, DeliveryState.REFUSED, at, gone, receiver=receiver))
        return await self.send(waited.notice, at)

    async def _give_up(self, items: Iterable[_Item], at: datetime) -> None:
        for item in items:
            states: Mapping[tuple[str, str], DeliveryState] = await self._log.states_of(item.letter.notice.key)
            name, receiver = item.carrier.name, item.letter.receiver
            if states.get((name, receiver)) is DeliveryState.PENDING:
                await self._log.note(Attempt(item.letter.notice, name, DeliveryState.REFUSED, at, "given up", receiver=receiver))


def _is_for(item: _Item, receiver: str, channel: str) -> bool:
    return item.letter.receiver == receiver and item.carrier.name == channel


def _preferences(catalogue: Catalogue | None, receiver: str) -> NoticePreferences:
    person = catalogue.person_by_key.get(receiver) if catalogue is not None else None
    return person.notices if person is not None else NoticePreferences()


def _wants(preferences: NoticePreferences, carrier: Carrier, carriers: Sequence[Carrier]) -> bool:
    """Does the receiver want this channel? Whoever names only channels that are not there gets all of them."""
    named = {each.name for each in carriers} & set(preferences.channels)
    return not named or carrier.name in named
