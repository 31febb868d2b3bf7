"""Canonical JSON, the form whose SHA-256 names a document: sorted keys, UTF-8, no blanks."""

import json
from typing import Any


def canonical_json(value: Any) -> str:
    """The one spelling of a JSON value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
