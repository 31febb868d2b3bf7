"""Personal links to one decision: signed, so that nobody makes one up, and bound to the person, the task and the document.

A link opens one task of one person until it expires. Whether it was used, whether the task is still open and whether the document
is still the one it was made for is looked up when it is opened.
"""

import base64
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

_PURPOSE = b"servanda decision link\n"
"""Stands before what is signed: a signature made for something else with the same secret opens no decision."""


class DecisionLink(NamedTuple):
    """Who may decide what: a task of a case, on the documents whose hashes `digest` sums up, until an instant of real time."""

    person: str
    case_id: str
    task: str
    digest: str
    expires_at: datetime


def link_token(secret: str, link: DecisionLink) -> str:
    """What a link ends with.

    Args:
        secret: `whsec_` and the key in base64.
        link: what it opens.
    """
    said = "\n".join((link.person, link.case_id, link.task, link.digest, str(int(link.expires_at.timestamp()))))
    return f"{_text(said.encode())}.{_signature(secret, said)}"


def link_in(secrets: Iterable[str], token: str) -> DecisionLink | None:
    """The link a token stands for; None if none of the secrets has signed it. An expired one is given too."""
    body, _, given = token.partition(".")
    try:
        said = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:
        return None
    # Every secret is tried, so that the time taken tells nothing.
    fits = [hmac.compare_digest(_signature(secret, said).encode(), given.encode(errors="replace")) for secret in secrets]
    if not any(fits):
        return None
    person, case_id, task, digest, expires = said.split("\n")
    return DecisionLink(person, case_id, task, digest, datetime.fromtimestamp(int(expires), UTC))


def _signature(secret: str, said: str) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    return _text(hmac.digest(key, _PURPOSE + said.encode(), "sha256"))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
