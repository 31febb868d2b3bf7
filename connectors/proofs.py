"""Proofs of origin as makers' webhooks carry them: a MAC over what was sent, and when it was sent."""

import base64
import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from connectors.incoming import Incoming
from connectors.signatures import TOLERANCE, BadSignature, StaleTimestamp

Spelling = Callable[[bytes], str]
"""How a digest is written."""


def in_hex(digest: bytes) -> str:
    """In lower-case hexadecimal digits."""
    return digest.hex()


def in_base64(digest: bytes) -> str:
    """In base64."""
    return base64.b64encode(digest).decode()


def mac_of(secret: str, signed: bytes, spelling: Spelling = in_hex) -> str:
    """The HMAC-SHA256 of what is signed."""
    return spelling(hmac.digest(secret.encode(), signed, "sha256"))


def check_mac(secrets: Sequence[str], given: str, signed: bytes, spelling: Spelling = in_hex) -> None:
    """One of the secrets must have signed these bytes.

    Raises:
        BadSignature: none has.
    """
    if not any(hmac.compare_digest(mac_of(secret, signed, spelling).encode(), given.encode()) for secret in secrets):
        raise BadSignature("the signature does not fit the message")


def check_token(secrets: Sequence[str], given: str) -> None:
    """A secret itself stands in the request, where the maker cannot sign.

    Raises:
        BadSignature: it is none of ours.
    """
    if not any(hmac.compare_digest(secret.encode(), given.encode()) for secret in secrets):
        raise BadSignature("the request does not carry the connector's secret")


def check_fresh(at: datetime, now: datetime) -> None:
    """What is signed with its time must have been sent just now.

    Raises:
        StaleTimestamp: more than five minutes away from now.
    """
    if abs(now - at) > TOLERANCE:
        raise StaleTimestamp("the message was signed more than five minutes away from now")


def header(incoming: Incoming, name: str) -> str:
    """A header that must be there.

    Raises:
        BadSignature: it is not.
    """
    found = incoming.headers.get(name, "")
    if not found:
        raise BadSignature(f"the header {name} is needed")
    return found


def epoch(text: str, per_second: int) -> datetime:
    """An instant in whole units since 1970, as a header states it.

    Raises:
        BadSignature: no number of such units.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 13):
        raise BadSignature("the time of the signature is no number")
    return datetime.fromtimestamp(int(text) / per_second, UTC)


class Stamped:
    """The form `t=SECONDS,v1=MAC`: the MAC covers `SECONDS.` and the body."""

    def __init__(self, name: str, spelling: Spelling = in_hex) -> None:
        """Look for it in the header `name`."""
        self._name = name
        self._spelling = spelling

    def __call__(self, incoming: Incoming, secrets: Sequence[str], now: datetime) -> None:
        """Check a request.

        Raises:
            BadSignature: the header is missing or unreadable, or no secret fits.
            StaleTimestamp: signed more than five minutes away from now.
        """
        parts = dict(part.strip().partition("=")[::2] for part in header(incoming, self._name).split(","))
        at = epoch(parts.get("t", ""), 1)
        check_mac(secrets, parts.get("v1", ""), f"{parts['t']}.".encode() + incoming.body, self._spelling)
        check_fresh(at, now)
