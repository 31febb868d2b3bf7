"""An agreement as people read it, sent as a page or a file."""

from typing import Literal, NamedTuple

from fastapi import Response

from connectors.readable.words import Language
from connectors.rendering import render_html, render_pdf
from domain.documents import FinalDraft

_HARMLESS = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'", "x-content-type-options": "nosniff"}
"""The page needs nothing from anywhere; whatever a document says, a browser runs none of it."""


class Reading(NamedTuple):
    """How somebody wants to read it."""

    form: Literal["html", "pdf"]
    language: Language
    is_regulated: bool


def rendered(draft: FinalDraft, digest: str, reading: Reading) -> Response:
    """The draft in words.

    Raises:
        BadInput: PDF is wanted and the part that makes it is not installed.
    """
    if reading.form == "pdf":
        content = render_pdf(draft, digest, reading.language, is_regulated=reading.is_regulated)
        headers = {**_HARMLESS, "content-disposition": f'inline; filename="{digest[:12]}.pdf"'}
        return Response(content, media_type="application/pdf", headers=headers)
    page = render_html(draft, digest, reading.language, is_regulated=reading.is_regulated)
    return Response(page, media_type="text/html; charset=utf-8", headers=_HARMLESS)
