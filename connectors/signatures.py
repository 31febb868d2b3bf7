"""Standard Webhooks signatures: proof that a message came from whom it says, unchanged and recently."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.errors import ServandaError

TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock may be off, and how long a message may be repeated by whoever recorded it (the
standard's own number)."""

_PREFIX = "whsec_"


class BadSignature(ServandaError):
    """The message does not prove where it comes from."""

    code = "BAD_SIGNATURE"


class StaleTimestamp(ServandaError):
    """The message was signed too long ago, or in the future."""

    code = "STALE_TIMESTAMP"


def sign(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers that sign a body.

    Args:
        secret: `whsec_` and the key in base64.
        message_id: the key of the effect; a repeated delivery carries the same.
        at: when this attempt is made.
        body: exactly the bytes that are sent.
    """
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + _mac(_key(secret), message_id, timestamp, body),
    }


def verify(secrets: tuple[str, ...], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Check a signed message; several secrets are accepted while one replaces another.

    Raises:
        BadSignature: headers are missing or unreadable, or no signature fits.
        StaleTimestamp: signed more than five minutes away from now.
    """
    message_id, timestamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (message_id and timestamp and given):
        raise BadSignature("the headers webhook-id, webhook-timestamp and webhook-signature are needed")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("webhook-timestamp is no number of seconds")
    expected = [_mac(_key(secret), message_id, timestamp, body).encode() for secret in secrets]
    offered = [part.removeprefix("v1,").encode() for part in given.split(" ") if part.startswith("v1,")]
    if not any(hmac.compare_digest(one, other) for one in expected for other in offered):
        raise BadSignature("the signature does not fit the message")
    if abs(int(now.timestamp()) - int(timestamp)) > TOLERANCE.total_seconds():
        raise StaleTimestamp("the message was signed more than five minutes away from now")


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as wrong:
        raise BadSignature("the configured secret is no base64") from wrong


def _mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, "sha256")).decode()
