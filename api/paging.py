"""Keyset paging: the place after which a list goes on, as an opaque text."""

import base64
from datetime import datetime

from domain.errors import BadInput


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
    except ValueError as wrong:
        raise BadInput("after: take it from the `next` of the page before") from wrong
    if place.tzinfo is None:
        raise BadInput("after: take it from the `next` of the page before")
    return place, subject
