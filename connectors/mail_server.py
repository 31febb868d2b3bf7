"""Which mail server mails go through."""

from typing import Literal, NamedTuple

Security = Literal["starttls", "tls", "none"]


class MailServer(NamedTuple):
    """A mail server, and as whom to log in there and to write."""

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = None
