"""A person in what is stored: where they are named, and the same without their name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from domain.retention import DataKind
from domain.values import Message

ERASED_NAME = "erased person"
"""How the directory names somebody whose record was erased; the key still tells them from others."""


class Identity:
    """By what a person is known: a key, and texts that name them (names, mail addresses)."""

    def __init__(self, key: str, texts: Iterable[str], instead: str, *, is_known: bool) -> None:
        """Take what names them.

        Args:
            key: their key in the directory, or what else they are called where they have none.
            texts: what names them wherever it stands, in any letter case.
            instead: what is written in place of such a text.
            is_known: the directory has them; their key then says nothing more once their record there is erased.
        """
        self.key = key
        self.texts = tuple(sorted({each for each in texts if each.strip()}, key=lambda each: (-len(each), each)))
        self.instead = instead
        self.is_known = is_known

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        any_of = "|".join(_whole(each) for each in self.texts)
        return re.compile(any_of, re.IGNORECASE) if any_of else None

    def is_key(self, text: str) -> bool:
        """Is this their key, and nothing else?"""
        return text == self.key

    def is_named_in(self, text: str) -> bool:
        """Does one of their names stand here?"""
        return self._pattern is not None and self._pattern.search(text) is not None

    def without(self, value: Any) -> Any:
        """A JSON value in which their names are replaced; a key of the directory stays."""
        if isinstance(value, str):
            return self._pattern.sub(lambda _: self.instead, value) if self._pattern is not None else value
        if isinstance(value, Mapping):
            return {name: self.without(each) for name, each in value.items()}
        return [self.without(each) for each in value] if isinstance(value, list | tuple) else value


def _whole(text: str) -> str:
    """The pattern of a name or address that is no part of a longer one."""
    if "@" in text:
        return rf"(?<![\w.+-]){re.escape(text)}(?![\w-]|\.\w)"
    return rf"(?<!\w){re.escape(text)}(?!\w)"


class Mention(NamedTuple):
    """A place in a JSON value: its path, what stands there, the smallest object around it, and whether it is only the key."""

    path: str
    record: Any
    is_key: bool


def mentions_in(value: Any, identity: Identity, path: str = "", record: Any = None) -> Iterator[Mention]:
    """Every place in a JSON value where a person is named."""
    if isinstance(value, str):
        if identity.is_named_in(value):
            yield Mention(path, record if record is not None else value, is_key=False)
        elif identity.is_key(value):
            yield Mention(path, record if record is not None else value, is_key=True)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if identity.is_key(name) or identity.is_named_in(name):
                yield Mention(f"{path}.{name}".lstrip("."), {name: each}, is_key=True)
            yield from mentions_in(each, identity, f"{path}.{name}".lstrip("."), value)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from mentions_in(each, identity, f"{path}[{number}]", record)


_SIGNING = re.compile(r"(^|\.)(signatures\[|acceptances\[|signatories\[|representative$)")


def is_signing(path: str) -> bool:
    """Is this where a document or case says who signed or accepted?"""
    return _SIGNING.search(path) is not None


def forgotten(catalogue: Mapping[str, Any], identity: Identity, *, keeps_name: bool) -> dict[str, Any]:
    """A version of the catalogue (JSON) that has forgotten a person; their name stays while a duty keeps it, key and roles for ever."""
    people = []
    for each in catalogue["people"]:
        if each["person"] == identity.key:
            kept = {name: value for name, value in each.items() if name not in {"notices", "subject"}}
            name = each["name"] if keeps_name else ERASED_NAME
            people.append(kept | {"name": name, "mail": None, "delegations": [], "active": False, "erased": True})
        else:
            people.append(identity.without(each))
    return {**identity.without({name: each for name, each in catalogue.items() if name != "people"}), "people": people}


class Fate(StrEnum):
    """What an erasure does with a place where a person stands."""

    ERASE = "ERASE"
    KEEP = "KEEP"
    KEY_STAYS = "KEY_STAYS"


class Finding(Message):
    """A row a person stands in, and what an erasure does with it; `until` is the first day on which it may be erased."""

    kind: DataKind
    table: str
    row: str
    places: tuple[str, ...]
    fate: Fate
    why: str = ""
    until: date | None = None
    content: tuple[Any, ...] = ()


class PersonReport(Message):
    """All of a person's data. `elsewhere` is what this database cannot reach."""

    person: str
    is_known: bool
    found: tuple[Finding, ...]
    elsewhere: tuple[str, ...]
    hints: tuple[str, ...] = ()

    @property
    def kept(self) -> tuple[Finding, ...]:
        """What a duty keeps."""
        return tuple(each for each in self.found if each.fate is Fate.KEEP)

    @property
    def erasable(self) -> tuple[Finding, ...]:
        """What an erasure takes."""
        return tuple(each for each in self.found if each.fate is Fate.ERASE)


ELSEWHERE = (
    "histories of processes in the engine: closed ones until its retention has passed, running ones until they end",
    "backups, until they are overwritten: erase again after one is restored",
    "what was sent out: mail, chat, CRM, help desk, log collectors",
)
"""What no row shows (`docs/privacy.md`)."""
