"""Agreements, charts and reports as people read them, sent as a page or a file."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from fastapi import Response

from connectors.readable.words import Language
from connectors.rendering import page_of, pdf_of, render_html, render_pdf
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
        return _file(render_pdf(draft, digest, reading.language, is_regulated=reading.is_regulated), digest[:12])
    return page(render_html(draft, digest, reading.language, is_regulated=reading.is_regulated))


def told_as(told: Mapping[str, Any], form: Literal["html", "pdf"], name: str) -> Response:
    """What is told in documents of sections of blocks, as a page or a file of this name.

    Raises:
        BadInput: PDF is wanted and the part that makes it is not installed.
    """
    return _file(pdf_of(told), name) if form == "pdf" else page(page_of(told))


def page(text: str, media_type: str = "text/html; charset=utf-8") -> Response:
    """A page, a picture or a table that runs nothing in a browser."""
    return Response(text, media_type=media_type, headers=_HARMLESS)


def _file(content: bytes, name: str) -> Response:
    headers = {**_HARMLESS, "content-disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)
