"""Links to surveys: the survey's name and a signature over it, so that only who was asked can answer."""

import base64
import hmac
from collections.abc import Iterable

_PURPOSE = b"servanda survey link\n"
"""Stands before what is signed: a signature made for something else with the same secret opens no survey."""


def token_of(secret: str, survey: str) -> str:
    """What a link to a survey ends with.

    Args:
        secret: `whsec_` and the key in base64.
        survey: the survey's name.
    """
    return f"{survey}.{_signature(secret, survey)}"


def survey_in(secrets: Iterable[str], token: str) -> str | None:
    """The survey a token opens; None if none of the secrets has signed it."""
    survey, _, given = token.partition(".")
    offered = given.encode(errors="replace")
    # Every secret is tried, so that the time taken tells nothing.
    fits = [hmac.compare_digest(_signature(secret, survey).encode(), offered) for secret in secrets]
    return survey if any(fits) else None


def _signature(secret: str, survey: str) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    digest = hmac.digest(key, _PURPOSE + survey.encode(errors="replace"), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
