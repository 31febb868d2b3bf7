"""Everything that is stored of a person: looked for in every table, with what forbids to erase it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import BadInput
from domain.personal_data import (
    ELSEWHERE,
    ERASED_NAME,
    Fate,
    Finding,
    Identity,
    Mention,
    PersonReport,
    forgotten,
    is_signing,
    mentions_in,
)
from domain.retention import DataKind, Keeping, RetentionPolicy, Standing, keeping, longest
from store.case_tables import CatalogueRow, ScanRow
from store.database import Database
from store.personal_places import HASHED, KIND_OF, PLACES, key_of, rows_naming, searched
from store.standings import Standings

versions, scans = CatalogueRow.__table__, ScanRow.__table__  # type: ignore[attr-defined]

_SHORTEST = 4
"""Characters of a name or address that is looked for wherever it stands: a shorter one would be found in half of all words."""


class Match(NamedTuple):
    """A row that names a person, and where."""

    table: Table
    row: Any
    mentions: Sequence[Mention]


class Seen(NamedTuple):
    """A row that names a person, where, what it is about, and what an erasure does with it."""

    table: Table
    row: Any
    mentions: Sequence[Mention]
    standing: Standing
    fate: Fate
    keeping: Keeping | None

    def finding(self, *, with_content: bool) -> Finding:
        """How reports show it; the smallest records around the places, if they are wanted."""
        records = {repr(each.record): each.record for each in self.mentions} if with_content else {}
        return Finding(
            kind=KIND_OF[self.table.name],
            table=self.table.name,
            row=key_of(self.table, self.row),
            places=tuple(dict.fromkeys(each.path for each in self.mentions)),
            fate=self.fate,
            why=self.keeping.why if self.keeping is not None else "",
            until=self.keeping.until if self.keeping is not None else None,
            content=tuple(records.values()),
        )


class Person(NamedTuple):
    """Who is looked for; hints say what is not looked for, and why. An active one takes part."""

    identity: Identity
    is_active: bool
    hints: tuple[str, ...]


class PersonalData:
    """Looks people up."""

    def __init__(self, database: Database, policy: RetentionPolicy) -> None:
        """Work on a database, by the periods of an installation."""
        self._database = database
        self._policy = policy

    async def report(self, who: str, today: date, also: Sequence[str] = (), *, with_content: bool = False) -> PersonReport:
        """Everything stored of a person, and what of it may be erased today.

        Args:
            who: their key or mail address, or what else tickets call somebody the directory does not know.
            today: the date at which duties to keep are looked at.
            also: other texts that name them, such as a former name or another form of it.
            with_content: show what stands there, for an answer to the person.

        Raises:
            BadInput: the text is too short to look for, or the address is that of several people.
        """
        async with self._database.reading() as connection:
            person = await self.person(connection, who, also)
            seen = await self.seen(connection, person.identity, today)
        findings = [each.finding(with_content=with_content) for each in seen]
        kept = self.name_kept(seen, today)
        if kept is not None and person.identity.is_known:
            places = tuple(f"{each.table.name} {key_of(each.table, each.row)}" for each in seen if _signs(each))
            name = Finding(kind=DataKind.NAME, table="catalogue_version", row="name", places=places, fate=Fate.KEEP, why=kept.why)
            findings.append(name.model_copy(update={"until": kept.until}))
        return PersonReport(
            person=person.identity.key,
            is_known=person.identity.is_known,
            found=tuple(findings),
            elsewhere=ELSEWHERE,
            hints=person.hints,
        )

    # ---- who ------------------------------------------------------------------------------------------------------

    async def person(self, connection: AsyncConnection, who: str, also: Sequence[str]) -> Person:
        """Whom the words mean.

        Raises:
            BadInput: as `report` says.
        """
        documents = list(await connection.scalars(select(versions.c.document).order_by(versions.c.number)))
        people = [each for document in documents for each in document["people"]]
        keys = sorted({each["person"] for each in people if each["person"] == who or _same(each["mail"], who)})
        if len(keys) > 1:
            raise BadInput(f"{who} is the address of {', '.join(keys)}: name one of them")
        if not keys:
            also = (who, *also)
        if short := next((text for text in also if len(text.strip()) < _SHORTEST), None):
            raise BadInput(f"{short!r} is too short to look for: write {_SHORTEST} characters or more")
        if not keys:
            return Person(Identity(who, also, f"erased-{token_hex(4)}", is_known=False), is_active=False, hints=())
        texts, hints = _texts(people, keys[0])
        entry = next((each for each in documents[-1]["people"] if each["person"] == keys[0]), None)
        is_active = entry is not None and entry["active"]
        return Person(Identity(keys[0], (*texts, *also), keys[0], is_known=True), is_active, hints)

    # ---- where ----------------------------------------------------------------------------------------------------

    async def seen(
        self, connection: AsyncConnection, identity: Identity, today: date, kinds: Iterable[DataKind] | None = None, *, locks: bool = False
    ) -> list[Seen]:
        """Every row that names a person, of all kinds or some; locked until the transaction ends, if it is to be changed."""
        wanted = set(DataKind) if kinds is None else set(kinds)
        found: list[Match] = []
        for table in (each for each in PLACES if KIND_OF[each.name] in wanted):
            found += await _matches(connection, table, identity, locks=locks)
        found += await _signed_scans(connection, identity, found)
        standings = await Standings.read(connection, [str(each.row.subject) for each in found if hasattr(each.row, "subject")])
        judged = [self._judged(each, standings.of(each.table.name, each.row), identity, today) for each in found]
        keeps_name = self.name_kept(judged, today) is not None
        return [each for each in judged if each.table is not versions or _is_there(each.row, identity, keeps_name=keeps_name)]

    def name_kept(self, seen: Iterable[Seen], today: date) -> Keeping | None:
        """The duty that keeps a person's name: whose signature a key stands for must be known as long as the signature counts."""
        duties = (keeping(DataKind.NAME, each.standing, self._policy, today) for each in seen if _signs(each))
        return longest(each for each in duties if each is not None)

    def _judged(self, found: Match, standing: Standing, identity: Identity, today: date) -> Seen:
        table, row, mentions = found
        kind = KIND_OF[table.name]
        seen = Seen(table, row, mentions, standing, Fate.ERASE, None)
        if table is versions or kind is DataKind.SIGN_IN:
            return seen
        duty = keeping(kind, standing, self._policy, today)
        if table.name in HASHED:
            duty = Keeping("clocks are read by it, or it is published, under its hash", None)
        if takes_whole(table, row, identity) or table is scans or any(not each.is_key for each in mentions):
            return seen if duty is None else seen._replace(fate=Fate.KEEP, keeping=duty)
        return seen._replace(fate=Fate.KEY_STAYS)


def takes_whole(table: Table, row: Any, identity: Identity) -> bool:
    """Is this row theirs alone: a letter to nobody else, a comment they wrote?"""

    def theirs(text: str) -> bool:
        return identity.is_key(text) or identity.is_named_in(text)

    if table.name in {"mailbox", "delivery"}:
        return theirs(row.receiver) or (table.name == "mailbox" and bool(row.recipients) and all(map(theirs, row.recipients)))
    return table.name == "survey" and row.comment is not None and theirs(row.person)


async def _matches(connection: AsyncConnection, table: Table, identity: Identity, *, locks: bool) -> list[Match]:
    query = rows_naming(table, identity)
    rows = (await connection.execute(query.with_for_update() if locks else query)).all()
    named = [Match(table, row, _mentions(table, row, identity)) for row in rows]
    return [each for each in named if each.mentions]


def _mentions(table: Table, row: Row[Any], identity: Identity) -> list[Mention]:
    plain = {column.name: str(value) for column in table.c if isinstance(value := getattr(row, column.name, None), str)}
    found: list[Mention] = []
    for column in searched(table):
        value = getattr(row, column.name)
        found += mentions_in(value, identity, column.name, plain if isinstance(value, str) else None)
    return found


async def _signed_scans(connection: AsyncConnection, identity: Identity, found: Iterable[Match]) -> list[Match]:
    """The scans of a person's signatures: pictures, in which nothing can be looked for."""
    digests = {
        (each.row.case_id, str(mention.record["scan"]))
        for each in found
        if each.table.name == "agreement_case"
        for mention in each.mentions
        if isinstance(mention.record, Mapping) and mention.record.get("scan") and identity.is_key(str(mention.record.get("person")))
    }
    rows: list[Match] = []
    columns = [column for column in scans.c if column.name != "content"]
    for case_id, digest in sorted(digests):
        query = select(*columns).where(scans.c.case_id == case_id, scans.c.digest == digest)
        rows += [Match(scans, row, [Mention("content", {"scan": digest}, is_key=False)]) for row in await connection.execute(query)]
    return rows


def _signs(seen: Seen) -> bool:
    return any(is_signing(each.path) for each in seen.mentions if seen.standing.is_agreed or seen.standing.ended_on is None)


def _is_there(row: Row[Any], identity: Identity, *, keeps_name: bool) -> bool:
    """Is there still something to forget in a version of the catalogue?"""
    return bool(forgotten(row.document, identity, keeps_name=keeps_name) != row.document)


def _same(mail: str | None, who: str) -> bool:
    return mail is not None and mail.casefold() == who.casefold()


def _texts(people: Iterable[Mapping[str, Any]], key: str) -> tuple[list[str], tuple[str, ...]]:
    """The names and addresses a person ever had; those of somebody else too are left out, and a hint says so."""
    known: dict[str, set[str]] = {}
    for each in people:
        for text in _names(each):
            known.setdefault(text.casefold(), set()).add(each["person"])
    mine = {text for each in people if each["person"] == key for text in _names(each)}
    shared = {text for text in mine if known[text.casefold()] != {key}}
    hints = [f"{text!r} is what others are called too: look through free texts by hand" for text in sorted(shared)]
    return sorted(mine - shared), tuple(hints)


def _names(entry: Mapping[str, Any]) -> list[str]:
    """What an entry of the directory says of who somebody is; a subject too short to look for stands nowhere else."""
    subject = entry.get("subject") or ""
    named = (entry["name"], entry["mail"], subject if len(subject) >= _SHORTEST else None)
    return [text for text in named if text is not None and text != ERASED_NAME]
