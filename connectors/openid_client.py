"""What this installation is to its OpenID provider, what it remembers of a sign-in, and how one fails. It loads no library for it."""

from secrets import token_urlsafe
from typing import NamedTuple

from domain.errors import ServandaError


class Client(NamedTuple):
    """Names and secret; `audience` is what access tokens for our API name."""

    issuer: str
    client_id: str
    secret: str
    audience: str


class Pending(NamedTuple):
    """A sign-in that has begun, as only the browser that began it knows it."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Pending":
        """Of random parts that nobody can guess."""
        return cls(token_urlsafe(24), token_urlsafe(24), token_urlsafe(48))


class ProviderAway(ServandaError):
    """The OpenID provider does not answer, or answers something else."""

    code = "PROVIDER_AWAY"


class NotProven(ServandaError):
    """What came does not prove who somebody is."""

    code = "SIGN_IN_NOT_PROVEN"
