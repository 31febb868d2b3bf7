"""What all of TM Forum's Open APIs share (TMF630): attributes to choose, pages by offset, counts in headers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from fastapi import Query, Response

Resource: TypeAlias = dict[str, Any]
"""An object as it is answered; what is not known of it is left out."""

ROOT = "/tmf-api"

Fields = Annotated[str | None, Query(max_length=500, description="attributes to answer, separated by commas; left out: all")]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="how many to pass over")]
Limit = Annotated[int, Query(ge=1, le=500)]

_ALWAYS = ("id", "href", "@type")


def known(**attributes: Any) -> Resource:
    """A resource without what is not known; `at_type` and `at_referredType` are written with `@`."""
    named = {f"@{name[3:]}" if name.startswith("at_") else name: value for name, value in attributes.items()}
    return {name: value for name, value in named.items() if value is not None and value != []}


def chosen(resource: Resource, fields: str | None) -> Resource:
    """The attributes that are asked for; what says which resource it is always comes."""
    if fields is None:
        return resource
    wanted = {*_ALWAYS, *(each.strip() for each in fields.split(","))}
    return {name: value for name, value in resource.items() if name in wanted}


def count(response: Response, whole: int, given: Sequence[Any]) -> None:
    """Say in the headers how many there are, and how many of them these are."""
    response.headers["x-total-count"], response.headers["x-result-count"] = str(whole), str(len(given))


def one_of(value: object, wanted: str | None) -> bool:
    """Does an attribute have one of the values that a filter names, separated by commas?"""
    return wanted is None or value in {each.strip() for each in wanted.split(",")}


def instant(at: datetime | None) -> str | None:
    """An instant as RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at is not None else None


def party(name: str, role: str) -> Resource:
    """A party; names are what parties are known by here."""
    return known(id=name, name=name, role=role, at_referredType="Organization")


COUNTS: Mapping[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "X-Total-Count": {"description": "how many there are", "schema": {"type": "integer"}},
            "X-Result-Count": {"description": "how many of them this answer holds", "schema": {"type": "integer"}},
        }
    }
}
"""The headers in the OpenAPI document."""
