"""Decisions are attached to a hash: on another document than the present one they do not count."""

from typing import Annotated

from pydantic import Field

from domain.errors import Conflict

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="hash of the document that was looked at")]


def check_hash(given: str, current: str | None) -> None:
    """Refuse a decision on a document that is not the present one.

    Raises:
        Conflict: STALE_DOCUMENT.
    """
    if current is None or given != current:
        raise Conflict(
            "STALE_DOCUMENT", f"the document has changed; it is {current[:12] + '…' if current else 'not there'} now, look at it again"
        )
