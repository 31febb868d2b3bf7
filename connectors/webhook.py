"""Notices and CRM updates as signed webhooks: CloudEvents in JSON, signed as Standard Webhooks.

`webhook-id` and the event's `id` are the key of the effect, so a receiver that keeps ids gets each once.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.guarded import GuardedClient, check_taken
from connectors.signatures import sign
from domain.canonical import canonical_json
from domain.effects import CreditNote, CrmCaseUpdate, CrmUpdate, Notice


class _Webhook:
    """Posts signed events to one address."""

    def __init__(self, url: str, secret: str, now: Callable[[], datetime]) -> None:
        self._url = url
        self._secret = secret
        self._now = now
        self._client = GuardedClient()

    async def post(self, key: str, kind: str, subject: str, at: datetime, data: dict[str, Any]) -> None:
        event = {
            "specversion": "1.0",
            "id": key,
            "source": "servanda",
            "type": kind,
            "subject": subject,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
        body = canonical_json(event).encode()
        headers = {"content-type": "application/cloudevents+json", **sign(self._secret, key, self._now(), body)}
        check_taken(await self._client.call("POST", self._url, content=body, headers=headers))


class WebhookNotifier:
    """Posts notices to a receiver that knows who is behind a role."""

    name = "webhook"

    def __init__(self, url: str, secret: str, now: Callable[[], datetime]) -> None:
        """Post to `url`, signed with `secret`, at the time `now` tells."""
        self._webhook = _Webhook(url, secret, now)
        self._now = now

    async def send(self, notice: Notice) -> None:
        """Post a notice.

        Raises:
            Refused: the receiver answers that it will never take it.
        """
        data = notice.model_dump(mode="json", exclude={"key"}, exclude_none=True)
        about = notice.ticket.ticket_id if notice.ticket is not None else notice.about
        await self._webhook.post(notice.key, "servanda.notice", about, self._now(), data)


class WebhookCrm:
    """Posts what happened to tickets to the CRM."""

    name = "crm-webhook"

    def __init__(self, url: str, secret: str, now: Callable[[], datetime]) -> None:
        """Post to `url`, signed with `secret`, at the time `now` tells."""
        self._webhook = _Webhook(url, secret, now)

    async def update_ticket(self, update: CrmUpdate) -> None:
        """Post an update.

        Raises:
            Refused: the CRM answers that it will never take it.
        """
        data = update.model_dump(mode="json", exclude={"key", "kind"})
        await self._webhook.post(update.key, f"servanda.{update.kind}", update.ticket.ticket_id, update.at, data)

    async def update_case(self, update: CrmCaseUpdate) -> None:
        """Post where an agreement stands.

        Raises:
            Refused: the CRM answers that it will never take it.
        """
        data = update.model_dump(mode="json", exclude={"key"})
        await self._webhook.post(update.key, "servanda.agreement", update.crm_case, update.at, data)

    async def bill_credit(self, note: CreditNote) -> None:
        """Post what billing gives back.

        Raises:
            Refused: the CRM answers that it will never take it.
        """
        data = note.model_dump(mode="json", exclude={"key"})
        await self._webhook.post(note.key, "servanda.credit", note.registry_no, note.at, data)
