"""An agreement or a report as people read it, as a web page or a PDF: the same content in the same words.

What stands in a document reaches both forms as plain text: jinja2 escapes it, and typst gets it as JSON, never as markup.
"""

import json
from collections.abc import Mapping
from typing import Any

from connectors.readable.agreement import readable
from connectors.readable.words import TEMPLATES, Language, Words, phrases_of
from domain.documents import FinalDraft
from domain.errors import BadInput


def render_html(draft: FinalDraft, draft_hash: str, language: Language, *, is_regulated: bool = False) -> str:
    """The agreement as one page that needs nothing else: no script, no outside resource."""
    return page_of(readable(draft, draft_hash, Words(phrases_of(language)), is_regulated=is_regulated))


def render_pdf(draft: FinalDraft, draft_hash: str, language: Language, *, is_regulated: bool = False) -> bytes:
    """The agreement as a PDF with the hash on every page. The same draft gives the same bytes: no date, no font of this machine.

    Raises:
        BadInput: the library that writes PDFs is not installed.
    """
    return pdf_of(readable(draft, draft_hash, Words(phrases_of(language)), is_regulated=is_regulated))


def page_of(told: Mapping[str, Any]) -> str:
    """What is told in documents of sections of blocks, as one page."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  (100 ms that only a reader pays)

    engine = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    template = engine.from_string((TEMPLATES / "agreement.html.jinja").read_text(encoding="utf-8"))
    return template.render(told)


def pdf_of(told: Mapping[str, Any]) -> bytes:
    """The same as a PDF.

    Raises:
        BadInput: the library that writes PDFs is not installed.
    """
    try:
        import typst  # noqa: PLC0415  (a library of 80 MB that only readers of PDFs need)
    except ImportError as missing:
        raise BadInput("PDFs need a library that is not installed; run pip install 'servanda[pdf]'") from missing
    inputs = {"data": json.dumps(told)}
    return typst.compile(TEMPLATES / "agreement.typ", root=TEMPLATES, ignore_system_fonts=True, sys_inputs=inputs)
