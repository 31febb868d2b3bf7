"""A real mail server that keeps what arrives."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from connectors.mail_server import MailServer
from tests.processes import free_port


class Mails:
    """Keeps what arrives; refuses as it is told to."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.answers = {"RCPT": "250 OK", "DATA": "250 OK"}

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: ARG002, N802
        if self.answers["RCPT"].startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.answers["RCPT"]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        if self.answers["DATA"].startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.kept.append(message_from_bytes(envelope.content, policy=default))
            self.to.append(list(envelope.rcpt_tos))
        return self.answers["DATA"]


@contextmanager
def serving(**options: Any) -> Iterator[tuple[Mails, MailServer]]:
    """A mail server on this machine."""
    mails, port = Mails(), free_port()
    controller = Controller(mails, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield mails, MailServer("127.0.0.1", port, "none", "servanda@sla.example")
    finally:
        controller.stop()
