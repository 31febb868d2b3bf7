"""Signatures of published proofs: Ed25519 as a compact JWS (RFC 7515, RFC 8037, RFC 9864), and the public keys as a JWK set."""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from domain.canonical import canonical_json
from domain.errors import BadInput

PREFIX = "ed25519_"
"""How a private key reads; 32 bytes in base64 follow (RFC 8032)."""
_ALGORITHM = "Ed25519"


def new_proof_key() -> str:
    """A new private key."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_proof_key(text: str) -> bool:
    """Is this a private key?"""
    try:
        return text.startswith(PREFIX) and len(base64.b64decode(text.removeprefix(PREFIX), validate=True)) == 32
    except ValueError:
        return False


def sign_statement(key: str, statement: Mapping[str, Any]) -> str:
    """A statement signed, with the key's thumbprint (RFC 7638) in its head."""
    from joserfc import jws  # noqa: PLC0415  (its cryptography takes 100 ms that most starts need not wait for)

    made = _private(key)
    head = {"alg": _ALGORITHM, "kid": made.thumbprint()}
    return jws.serialize_compact(head, canonical_json(statement).encode(), made, algorithms=[_ALGORITHM])


def public_keys(keys: Sequence[str]) -> dict[str, Any]:
    """The public halves of these keys as a JWK set, each by its thumbprint."""
    told = [(made, made.as_dict(private=False)) for made in map(_private, keys)]
    return {"keys": [{**public, "kid": made.thumbprint(), "alg": _ALGORITHM, "use": "sig"} for made, public in told]}


def read_statement(keys: Mapping[str, Any], signature: str) -> Any:
    """What one of these public keys signed.

    Args:
        keys: a JWK set, or a single JWK.
        signature: a compact JWS.

    Raises:
        BadInput: BAD_SIGNATURE; none of them signed it.
    """
    from joserfc import jws  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import OKPKey  # noqa: PLC0415

    for each in keys.get("keys", [keys]):
        try:
            public = OKPKey.import_key({name: each[name] for name in ("kty", "crv", "x")})
            return json.loads(jws.deserialize_compact(signature, public, algorithms=[_ALGORITHM]).payload)
        except (JoseError, KeyError, TypeError, ValueError):
            continue
    raise BadInput("none of the keys signed this", "BAD_SIGNATURE")


def _private(key: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from joserfc.jwk import OKPKey  # noqa: PLC0415

    seed = base64.b64decode(key.removeprefix(PREFIX))
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": _ALGORITHM, "d": _in_base64(seed), "x": _in_base64(public)})


def _in_base64(raw: bytes) -> str:
    """Base64 for addresses, without padding, as JWKs write it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
