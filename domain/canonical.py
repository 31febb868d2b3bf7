"""Canonical JSON, the form whose SHA-256 names a document: sorted keys, UTF-8, no blanks."""

import json
from hashlib import sha256
from typing import Any


def canonical_json(value: Any) -> str:
    """The one spelling of a JSON value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(value: Any) -> str:
    """What a JSON value is known by: the SHA-256 of its one spelling."""
    return sha256(canonical_json(value).encode()).hexdigest()
