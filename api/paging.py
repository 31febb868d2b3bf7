"""Keyset paging: the place after which a list goes on, as an opaque text."""

import base64
from datetime import UTC, datetime

from domain.errors import BadInput

_NOT_OURS = "after: take it from the `next` of the page before"


def encode_place(at: datetime, subject: str) -> str:
    """A place in a list ordered by instant and name."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {subject}".encode()).decode()


def decode_place(text: str | None) -> tuple[datetime, str] | None:
    """The place a page goes on after.

    Raises:
        BadInput: not a place this API gave.
    """
    if text is None:
        return None
    try:
        at, _, subject = base64.urlsafe_b64decode(text.encode("ascii")).decode().partition(" ")
        place = datetime.fromisoformat(at)
        if place.tzinfo is not None and "\0" not in subject:
            return place.astimezone(UTC), subject
    except (ValueError, OverflowError) as wrong:
        raise BadInput(_NOT_OURS) from wrong
    raise BadInput(_NOT_OURS)
