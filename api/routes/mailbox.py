"""The local mailbox."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import SomePerson, TheParts
from api.views import MailboxPage, MessageView

router = APIRouter(tags=["mailbox"], dependencies=[SomePerson])


@router.get("/mailbox")
async def read_mailbox(
    parts: TheParts,
    ticket: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
    receiver: Annotated[str | None, Query(max_length=100, description="letters of one person")] = None,
) -> MailboxPage:
    """What people would have got as mail, newest first."""
    rows = await parts.mailbox.messages(limit, before, ticket, receiver)
    messages = [
        MessageView(
            id=row.id,
            message_id=row.message_id,
            notice=row.notice,
            receiver=row.receiver,
            ticket=row.subject,
            recipients=row.recipients,
            subject=row.title,
            body=row.body,
            link=row.link,
            received_at=row.received_at,
        )
        for row in rows
    ]
    return MailboxPage(messages=messages, next=rows[-1].id if len(rows) == limit else None)
