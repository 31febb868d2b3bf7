"""The words of pages: the same keys in both languages, and a name for every code people meet."""

import re
from collections.abc import Iterator

import pytest

from api.decisions import DECISIONS
from api.pages.deciding import DOCUMENT_OF, table_of
from api.pages.words import TEMPLATES, page_words
from connectors.documents import read_yaml
from domain.case_wording import TASK_TITLES
from domain.people import Language, Role, Side

BOOKS = sorted({path.name.split(".")[0] for path in TEMPLATES.glob("*.yaml")})


def codes() -> Iterator[tuple[str, str]]:
    yield from (("role", role.value) for role in Role)
    yield from (("side", side.value) for side in Side)
    yield from (("document", name) for name in set(DOCUMENT_OF.values()))
    for kind, decisions in DECISIONS.items():
        yield "case", kind
        yield from (("field", name) for decision in decisions.values() for name in decision.body.model_fields if name != "document_hash")
        for row in table_of(kind):
            yield "action", row.action
            yield from (("state", state.value) for state in (row.at, *row.to))


@pytest.mark.parametrize("book", BOOKS)
def test_a_book_has_the_same_keys_in_both_languages(book: str) -> None:
    polish, english = (set(read_yaml(TEMPLATES / f"{book}.{language}.yaml").value) for language in ("pl", "en"))

    assert polish ^ english == set()


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_code_people_meet_has_a_name(language: Language) -> None:
    words = page_words(language)

    assert [f"{group}.{code}" for group, code in sorted(set(codes())) if words.name(f"names.{group}", code) == code] == []


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_task_has_a_name(language: Language) -> None:
    words = page_words(language)

    assert [kind for kind in TASK_TITLES if words.name("names.task", kind) == kind] == []


@pytest.mark.parametrize("template", sorted(path.name for path in TEMPLATES.glob("*.jinja")))
def test_every_phrase_a_template_asks_for_is_there(template: str) -> None:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    asked = set(re.findall(r"words\['([a-z_]+\.[a-z_.0-9]+)'\]|words\.say\('([a-z_.]+)'", text))

    assert [key for pair in asked for key in pair if key and key not in page_words("pl")._phrases] == []
