"""The base of every value that crosses an edge."""

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """A value people write: frozen, and a field we do not know is a fault, not a guess."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(BaseModel):
    """A value our own parts send each other: frozen, and tolerant of fields a newer release adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")
