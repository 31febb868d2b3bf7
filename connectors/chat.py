"""Chat and other channels through the library apprise: each person's or role's addresses, one message each."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import BadInput
from domain.letters import Letter


class ChatCarrier:
    """Carries out `domain.ports.Carrier`."""

    name = "apprise"

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        """Take the addresses (`slack://…`, `json://…`) by person or role.

        Raises:
            BadInput: the library is not installed, or an address is none that it knows. The message keeps the address to
                itself: there is a secret in it.
        """
        try:
            import apprise  # noqa: PLC0415  (an extra, and a second to import)
        except ImportError as missing:
            raise BadInput("the channel apprise needs the extra notify: pip install 'servanda[notify]'") from missing
        self._chats: dict[str, Any] = {}
        self._format = apprise.NotifyFormat.TEXT
        for receiver, urls in addresses.items():
            chat = apprise.Apprise()
            if not all(chat.add(url) for url in urls):
                raise BadInput(f"SERVANDA_APPRISE_URLS: an address of {receiver} is none that apprise knows")
            self._chats[receiver] = chat

    def reaches(self, letter: Letter) -> bool:
        """Is there an address of this person or role?"""
        return letter.receiver in self._chats

    async def carry(self, letter: Letter) -> None:
        """Send to every address of the receiver.

        Raises:
            ConnectionError: one of them did not take it; the library does not say whether for good.
        """
        chat = self._chats[letter.receiver]
        # A thread of its own: some of the library's channels speak only by blocking.
        sent = await asyncio.to_thread(chat.notify, body=letter.text, title=letter.subject, body_format=self._format)
        if not sent:
            raise ConnectionError(f"a chat of {letter.receiver} did not take the message")
