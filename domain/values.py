"""The base of every value that crosses an edge."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """A value people write: frozen, and a field we do not know is a fault, not a guess."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002
        """A copy with changes, checked like a new one; what was computed of the original does not come along."""
        return type(self).model_validate({name: getattr(self, name) for name in type(self).model_fields} | dict(update or {}))


class Message(BaseModel):
    """A value our own parts send each other: frozen, and tolerant of fields a newer release adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")
