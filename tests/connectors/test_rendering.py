"""Laws of the two forms of a readable agreement: texts stay texts, nothing comes from outside, the hash is on every page."""

import re
import sys
from html.parser import HTMLParser
from io import BytesIO
from typing import get_args

import pytest
from pypdf import PdfReader

from connectors.readable.agreement import readable
from connectors.readable.words import Language, Words, phrases_of
from connectors.rendering import render_html, render_pdf
from domain.documents import FinalDraft, hash_of
from domain.errors import BadInput
from tests.connectors.readings import full_draft, strings
from tests.domain.drafts import bank_draft, with_document

LANGUAGES: tuple[Language, ...] = get_args(Language)
HASH = hash_of(bank_draft())
TRAPS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %} {title}",
    "#panic() #eval(1) *bold* _it_ $x^2$ `raw` @label <tag>",
    "= Heading //comment /*gone*/ \\u{41} \\ -- ~ ... '' \"\"",
    "]; ) } \\",
    "Zażółć gęślą jaźń, ΑΒΓ, Жук",
    "https://a.example/#b",
)


class Page(HTMLParser):
    """The texts and the elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += [tag, *(name for name, _ in attrs)]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def with_text(text: str) -> FinalDraft:
    """The bank's draft with a text of our choice in every kind of block: title, heading, sentence, table, facts, paragraph."""
    warsaw = bank_draft().named("warsaw").model_dump(mode="json")
    fields = {
        "title": text,
        "provider": warsaw["provider"] | {"name": text},
        "calendars": [warsaw["calendars"][0] | {"calendar": text}],
        "targets": [warsaw["targets"][0] | {"stop": text}],
        "exclusions": [{"exclusion": "trap", "text": text}],
        "termination": {"how": text, "notice_days": 1},
    }
    return with_document(bank_draft(), "warsaw", fields).model_copy(update={"umbrella_justification": text})


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def letters(text: str) -> str:
    """A text without what line breaking and ligatures do to it."""
    return re.sub(r"[\s\u200b]", "", text).replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff").replace("ﬃ", "ffi").replace("ﬄ", "ffl")


def letters_of(pdf: bytes) -> str:
    return letters("".join(pages(pdf)))


@pytest.mark.parametrize("trap", TRAPS)
def test_a_text_reaches_the_page_as_text(trap: str) -> None:
    page, plain = Page(render_html(with_text(trap), HASH, "en")), Page(render_html(with_text("PLAIN"), HASH, "en"))

    assert page.texts == [text.replace("PLAIN", trap) for text in plain.texts]
    assert page.tags == plain.tags


def test_a_page_has_no_script_and_nothing_from_outside() -> None:
    html = render_html(bank_draft(), HASH, "en")

    assert not {"script", "link", "img", "iframe", "src", "onclick"} & set(Page(html).tags)
    assert "://" not in html
    assert "url(" not in html


def test_line_breaks_of_a_text_are_kept_on_the_page() -> None:
    html = render_html(with_text("one\ntwo"), HASH, "en")

    assert "one\ntwo" in Page(html).texts
    assert "white-space: pre-line" in html


@pytest.mark.parametrize("trap", TRAPS)
def test_a_text_reaches_the_pdf_as_text(trap: str) -> None:
    shown, plain = (letters_of(render_pdf(with_text(text), HASH, "en")) for text in (trap, "PLAIN"))

    assert shown.count(letters(trap)) == plain.count("PLAIN") >= 8


def test_line_breaks_of_a_text_are_kept_in_the_pdf() -> None:
    lines = "\n".join(pages(render_pdf(with_text("first line\nsecond line"), HASH, "en"))).splitlines()

    assert [line.strip() for line in lines if line.strip().endswith("second line")] != []
    assert not any("first line second line" in line for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("draft", [bank_draft(), full_draft()], ids=["bank", "full"])
def test_both_forms_show_all_that_is_told(draft: FinalDraft, language: Language) -> None:
    told = readable(draft, HASH, Words(phrases_of(language)))
    html, pdf = Page(render_html(draft, HASH, language)).texts, letters_of(render_pdf(draft, HASH, language))

    assert [text for text in strings(told["documents"]) if text not in html] == []
    assert [line for text in strings(told["documents"]) for line in text.splitlines() if letters(line) not in pdf] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_the_hash_and_its_number(language: Language) -> None:
    found = pages(render_pdf(bank_draft(), HASH, language))

    assert len(found) > 1
    for number, page in enumerate(found, start=1):
        assert HASH in page
        assert Words(phrases_of(language)).say("page", page=number, pages=len(found)) in page


def test_the_page_has_the_hash_and_its_language() -> None:
    html = render_html(bank_draft(), HASH, "pl")

    assert HASH in html
    assert '<html lang="pl">' in html


def test_the_same_draft_gives_the_same_bytes_and_no_date() -> None:
    first, second = (render_pdf(bank_draft(), HASH, "pl") for _ in range(2))

    assert first == second
    assert not {"/CreationDate", "/ModDate"} & set(PdfReader(BytesIO(first)).metadata or {})


def test_a_word_longer_than_its_column_does_not_run_over_the_next() -> None:
    word = "x" * 100
    pdf = render_pdf(with_document(bank_draft(), "warsaw", {"exclusions": [{"exclusion": word, "text": "beside it"}]}), HASH, "en")

    assert not any(word in line for page in pages(pdf) for line in page.splitlines())
    assert word in letters_of(pdf)


def test_a_pdf_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)

    with pytest.raises(BadInput, match=r"pip install 'servanda\[pdf\]'"):
        render_pdf(bank_draft(), HASH, "en")
