"""A notice as one person reads it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from domain.effects import Notice
from domain.people import Language

LETTERS = "letters"
"""How the digests begin that hold what waited for one receiver."""


class Letter(NamedTuple):
    """A notice in the words of one receiver: a person, else a role; nobody where nobody stands behind its recipients.

    `text` and `html` say the same, each with the link.
    """

    notice: Notice
    receiver: str
    name: str
    language: Language
    subject: str
    text: str
    html: str
    is_role: bool = False
    mail: str | None = None
    link: str | None = None

    @property
    def key(self) -> str:
        """What names it for ever: the notice and its receiver."""
        return f"{self.notice.key}@{self.receiver}" if self.receiver else self.notice.key


def waiting_bucket(receiver: str, due_at: datetime) -> str:
    """Name of the digest that tells a receiver what waited until an instant."""
    return f"{LETTERS}:{receiver}:{due_at.isoformat()}"


def read_bucket(bucket: str) -> tuple[str, datetime] | None:
    """Receiver and instant of such a digest; None for another digest."""
    kind, _, rest = bucket.partition(":")
    if kind != LETTERS:
        return None
    receiver, _, due_at = rest.partition(":")
    return receiver, datetime.fromisoformat(due_at)


GIVEN_UP_AFTER = timedelta(hours=6)
"""How long after its instant a letter that waited is tried; then it is a dead letter, which a person may send again."""
