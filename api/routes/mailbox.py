"""The local mailbox."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import TheParts
from api.letters import LettersAsked, letters_for
from api.people import MailboxReader
from api.views import MailboxPage, MessageView

router = APIRouter(tags=["mailbox"])


@router.get("/mailbox")
async def read_mailbox(
    parts: TheParts,
    caller: MailboxReader,
    ticket: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
    receiver: Annotated[str | None, Query(max_length=100, description="letters of one person")] = None,
) -> MailboxPage:
    """Letters people would have got as mail, newest first: one's own; administrators see everybody's."""
    found = await letters_for(parts, caller, LettersAsked(limit, before, ticket, receiver))
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
        for row in found.rows
    ]
    return MailboxPage(messages=messages, next=found.next)
