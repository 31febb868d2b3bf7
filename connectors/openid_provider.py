"""An OpenID Connect provider: where people are sent to sign in, and whose word for who they are is checked by its keys."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from connectors.openid_client import Client, NotProven, Pending, ProviderAway

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""What a token may be signed with. `none`, and secrets that both sides know, are never taken."""

SCOPE = "openid profile email"

_SECONDS = 5.0
"""How long the provider has to answer."""
_KNOWN_SECONDS = 3600.0
"""How long its addresses and keys are taken as known."""
_BETWEEN_LOOKS = 10.0
"""How long after a look at its keys an unknown key is not looked for again: whoever sends made-up tokens must not make us ask."""
_LEEWAY = 60
"""Seconds that its clock may be off."""


class OpenIdProvider:
    """One provider, found by its issuer; what it publishes of itself is fetched when it is needed and kept for an hour."""

    def __init__(self, client: Client) -> None:
        """Nothing is asked yet: the provider may be away."""
        self._client = client
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._looking = asyncio.Lock()

    async def address_to_sign_in(self, pending: Pending, back_to: str) -> str:
        """Where a browser is sent.

        Raises:
            ProviderAway: it does not say where.
        """
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": back_to,
            "scope": SCOPE,
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": create_s256_code_challenge(pending.verifier),
            "code_challenge_method": "S256",
        }
        return _with_query(await self._address("authorization_endpoint"), asked)

    async def address_to_leave(self, back_to: str) -> str | None:
        """Where a browser is sent to end its session with the provider too; None if there is no such address."""
        found = (await self._published()).get("end_session_endpoint")
        asked = {"client_id": self._client.client_id, "post_logout_redirect_uri": back_to}
        return _with_query(found, asked) if isinstance(found, str) else None

    async def signed_in(self, pending: Pending, code: str, back_to: str) -> Mapping[str, Any]:
        """What the provider says of the person whose browser brought a code.

        Raises:
            NotProven: the code is not one, or the ID token is not for this sign-in.
            ProviderAway: it does not answer.
        """
        endpoint = await self._address("token_endpoint")
        async with AsyncOAuth2Client(self._client.client_id, self._client.secret, timeout=_SECONDS) as http:
            try:
                tokens = await http.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, redirect_uri=back_to, code_verifier=pending.verifier
                )
            except OAuthError as refused:
                raise NotProven(f"the provider refused the sign-in: {refused.error}") from refused
            except (httpx2.HTTPError, ValueError) as away:
                raise ProviderAway("the OpenID provider does not answer; sign in with a token, or try again") from away
        claims = await self._claims(str(tokens.get("id_token", "")), self._client.client_id)
        if claims.get("nonce") != pending.nonce:
            raise NotProven("the ID token belongs to another sign-in")
        if claims.get("azp", self._client.client_id) != self._client.client_id:
            raise NotProven("the ID token was made for another program")
        return claims

    async def bearer_of(self, token: str) -> Mapping[str, Any]:
        """What the provider says of the person who has an access token for our API.

        Raises:
            NotProven: it is not the provider's, not for us, or over.
            ProviderAway: its keys are not known, and it does not answer.
        """
        claims = await self._claims(token, self._client.audience)
        if "nonce" in claims:
            raise NotProven("this is an ID token; it tells who signed in and opens nothing")
        return claims

    def is_issued_by(self, issuer: str | None) -> bool:
        """Does the answer come from this provider, if it says so (RFC 9207)?"""
        return issuer is None or issuer == self._client.issuer

    # ---- checking -------------------------------------------------------------------------------------------------------

    async def _claims(self, token: str, audience: str) -> Mapping[str, Any]:
        try:
            found = await self._decoded(token)
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY,
                iss={"essential": True, "value": self._client.issuer},
                aud={"essential": True, "value": audience},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(found)
        except (JoseError, ValueError) as wrong:
            raise NotProven(f"the token does not count: {wrong}") from wrong
        return found

    async def _decoded(self, token: str) -> dict[str, Any]:
        """The claims of a token whose signature fits; keys that were changed since are fetched once."""
        keys, is_fresh = await self._key_set(fresh=False)
        try:
            return dict(jwt.decode(token, keys, ALGORITHMS).claims)
        except (JoseError, ValueError):
            if is_fresh:
                raise
        keys, _ = await self._key_set(fresh=True)
        return dict(jwt.decode(token, keys, ALGORITHMS).claims)

    # ---- what it publishes ----------------------------------------------------------------------------------------------

    async def _address(self, name: str) -> str:
        found = (await self._published()).get(name)
        if not isinstance(found, str):
            raise ProviderAway(f"the OpenID provider names no {name}")
        return found

    async def _published(self) -> dict[str, Any]:
        async with self._looking:
            if self._metadata is None or time.monotonic() - self._metadata[0] > _KNOWN_SECONDS:
                found = await _fetched(self._client.issuer.rstrip("/") + "/.well-known/openid-configuration")
                if found.get("issuer") != self._client.issuer:
                    raise ProviderAway("the OpenID provider calls itself otherwise than SERVANDA_OPENID_ISSUER does")
                self._metadata = time.monotonic(), found
            return self._metadata[1]

    async def _key_set(self, *, fresh: bool) -> tuple[KeySet, bool]:
        """The provider's keys, and whether they were fetched just now or a moment ago."""
        address = await self._address("jwks_uri")
        async with self._looking:
            age = time.monotonic() - self._keys[0] if self._keys is not None else None
            if self._keys is None or age is None or age > (_BETWEEN_LOOKS if fresh else _KNOWN_SECONDS):
                try:
                    self._keys = time.monotonic(), KeySet.import_key_set(await _fetched(address))  # type: ignore[arg-type]
                except (JoseError, ValueError, KeyError) as wrong:
                    raise ProviderAway("the OpenID provider publishes no keys that can be read") from wrong
                return self._keys[1], True
            return self._keys[1], age < _BETWEEN_LOOKS


async def _fetched(address: str) -> dict[str, Any]:
    try:
        async with httpx2.AsyncClient(timeout=_SECONDS) as http:
            answer = await http.get(address)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, ValueError) as away:
        raise ProviderAway("the OpenID provider does not answer; sign in with a token, or try again") from away
    if not isinstance(found, dict):
        raise ProviderAway("the OpenID provider does not answer as one")
    return found


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"
