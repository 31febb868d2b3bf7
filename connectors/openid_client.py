"""What this installation is to its OpenID provider."""

from typing import NamedTuple


class Client(NamedTuple):
    """Names and secret; `audience` is what access tokens for our API name."""

    issuer: str
    client_id: str
    secret: str
    audience: str
