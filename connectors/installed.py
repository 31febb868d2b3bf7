"""The connectors file: which systems are connected, with their secrets and mappings."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from connectors.documents import Fault, FaultyDocument, read_yaml, validate
from connectors.incoming import Maker
from connectors.makers import MAKERS
from connectors.outgoing import Access
from connectors.record_mappings import RecordMapping, read_record_mapping
from domain.errors import BadInput
from domain.values import Document

Secret = Annotated[str, Field(min_length=1, max_length=500, description="a secret, or ${NAME} of an environment variable that holds it")]
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

TOLD = ("due", "warning", "breach", "met")
"""What a help desk can be told of a clock by a comment."""

SHORTEST_SECRET = 16
"""Characters a webhook secret has at least; shorter ones are guessed."""


class RestForm(Document):
    """Where a system is reached, to write back and to compare: its address, and who we are there."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$", description="address of the system, without the path of its API")]
    token: Secret
    user: str | None = None
    comments: Annotated[
        tuple[str, ...], Field(description="what is told as a comment on the ticket: due, warning, breach, met; a breach is always")
    ] = ("warning", "breach", "met")
    due_field: Annotated[
        str | None, Field(min_length=1, description="field of the ticket that keeps when it is due, by its name there")
    ] = None

    @model_validator(mode="after")
    def _tells_what_there_is(self) -> Self:
        for name in self.comments:
            if name not in TOLD:
                raise ValueError(f"comments: {name!r} is not one of {', '.join(TOLD)}")
        if urlsplit(self.url).scheme == "http" and (urlsplit(self.url).hostname or "") not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("url: a token goes there, so it must be https")
        return self


class ConnectorEntry(Document):
    """One connector. `name` stands in the address it posts to: `/connectors/NAME/events`."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    maker: str
    secrets: Annotated[tuple[Secret, ...], Field(min_length=1, max_length=3, description="several while one replaces another")]
    mapping: Annotated[str, Field(description="mapping file, relative to this one")]
    rest: RestForm | None = None

    @model_validator(mode="after")
    def _is_of_a_known_maker(self) -> Self:
        if self.maker not in MAKERS:
            raise ValueError(f"maker: {self.maker!r} is not one of {', '.join(MAKERS)}")
        desk = MAKERS[self.maker].desk
        if self.rest is not None and desk is None:
            raise ValueError(f"rest: nothing is written to {self.maker}; leave it out")
        if self.rest is not None and self.rest.due_field is not None and desk is not None and desk.due is None:
            raise ValueError(f"rest.due_field: {self.maker} has no field that we can write; leave it out")
        return self


class ConnectorsFile(Document):
    """The connectors of an installation."""

    connectors: Annotated[tuple[ConnectorEntry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        names = [each.name for each in self.connectors]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"connectors: {name} stands twice")
        return self


class Rest(NamedTuple):
    """How a system is reached, with its secrets filled in."""

    form: RestForm
    access: Access


class Connector(NamedTuple):
    """A system that is connected."""

    name: str
    maker_name: str
    maker: Maker
    secrets: Sequence[str]
    mapping: RecordMapping
    rest: Rest | None


def read_connectors(path: Path, environment: Mapping[str, str]) -> dict[str, Connector]:
    """The connectors of a file by their names.

    Raises:
        FaultyDocument: with file, line and rule of every fault, of a mapping too.
        BadInput: a variable that a secret names is not set, or a secret is too short.
    """
    source = read_yaml(path)
    listed = validate(source, ConnectorsFile).connectors
    made = {entry.name: _connector(path, entry, environment) for entry in listed}
    by_source: dict[str, str] = {}
    for number, each in enumerate(made.values()):
        other = by_source.setdefault(each.mapping.source, each.name)
        if other != each.name:
            line = source.line_of(("connectors", number, "mapping"))
            raise FaultyDocument(
                [Fault(str(path), line, f"{each.name} and {other} have mappings of the same source {each.mapping.source}")]
            )
    return made


def _connector(path: Path, entry: ConnectorEntry, environment: Mapping[str, str]) -> Connector:
    secrets = [_filled(path, entry.name, secret, environment) for secret in entry.secrets]
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        raise BadInput(f"{path}: {entry.name}: a secret has at least {SHORTEST_SECRET} characters; servanda doctor --new-secret makes one")
    rest = None
    if entry.rest is not None:
        rest = Rest(entry.rest, Access(_filled(path, entry.name, entry.rest.token, environment), entry.rest.user))
    mapping = read_record_mapping(path.parent / entry.mapping)
    return Connector(entry.name, entry.maker, MAKERS[entry.maker], secrets, mapping, rest)


def _filled(path: Path, name: str, secret: str, environment: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        variable = found[1]
        if not environment.get(variable):
            raise BadInput(f"{path}: {name}: the environment variable {variable} is not set")
        return environment[variable]

    return _VARIABLE.sub(value, secret)


def sources_written_to(connectors: Mapping[str, Connector]) -> frozenset[str]:
    """The sources whose tickets are told more than breaches."""
    return frozenset(each.mapping.source for each in connectors.values() if each.rest is not None)


def schema_of(form: str) -> dict[str, Any]:
    """The JSON Schema of a `mapping` or of the `connectors` file."""
    return (RecordMapping if form == "mapping" else ConnectorsFile).model_json_schema()
