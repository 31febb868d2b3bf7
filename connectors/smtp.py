"""Mail over SMTP: one message per person, as plain text and HTML."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

import aiosmtplib

from connectors.mail_server import MailServer
from domain.letters import Letter
from domain.ports import Refused

_TIMEOUT_SECONDS = 10.0
"""For the whole of one message; the step that sends has 15 seconds."""


class SmtpCarrier:
    """Carries out `domain.ports.Carrier`."""

    name = "smtp"

    def __init__(self, server: MailServer, now: Callable[[], datetime]) -> None:
        """Send through a server; `now` is the real time that mails are dated by."""
        self._server = server
        self._now = now

    def reaches(self, letter: Letter) -> bool:
        """Letters to people, and those to nobody: these are dead letters that somebody finds."""
        return not letter.is_role

    async def carry(self, letter: Letter) -> None:
        """Send one mail. The Message-ID follows from notice and person, so that a mail program drops a second copy.

        Raises:
            Refused: there is no address, or the server refuses this address or this mail for good (5xx).
        """
        if letter.mail is None:
            raise Refused(f"{letter.name} has no mail address")
        message = self._message(letter, letter.mail)
        try:
            await asyncio.wait_for(self._send(message), _TIMEOUT_SECONDS)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            [each, *_] = refused.recipients
            raise _refusal(each.code, each.message) from refused
        except (aiosmtplib.SMTPDataError, aiosmtplib.SMTPRecipientRefused) as refused:
            raise _refusal(refused.code, refused.message) from refused

    async def _send(self, message: EmailMessage) -> None:
        server = self._server
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            timeout=_TIMEOUT_SECONDS,
        )

    def _message(self, letter: Letter, mail: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = Address("Servanda", addr_spec=self._server.sender)
            message["To"] = Address(letter.name, addr_spec=mail)
            message["Subject"] = letter.subject
        except (MessageError, ValueError, IndexError) as wrong:
            raise Refused(f"{letter.receiver}: {mail!r} is no address a mail can be sent to") from wrong
        message["Date"] = self._now()
        name = sha256(letter.key.encode()).hexdigest()[:40]
        message["Message-ID"] = f"<{name}@{self._server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = letter.language
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message


def _refusal(code: int, said: str) -> Exception:
    """The server's no: final where it begins with 5, else to be tried again."""
    answer = f"the mail server answered {code} {said}"
    return Refused(answer) if 500 <= code < 600 else ConnectionError(answer)
