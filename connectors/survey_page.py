"""The page on which people answer a survey: one form, no script, nothing from elsewhere."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from connectors.documents import read_yaml
from connectors.readable.words import TEMPLATES
from domain.people import Language
from domain.survey_wording import survey_question
from domain.surveys import LONGEST_COMMENT, Survey

SCORES = ("1", "2", "3", "4", "5")


class SurveyPage(NamedTuple):
    """What the page shows: the form where `is_open`, and a message by its key in the words.

    Beside a form the message is a fault in `score` or `comment`, which are shown again to be mended. Without a survey the link
    leads nowhere.
    """

    survey: Survey | None
    language: Language
    message: str | None = None
    is_open: bool = False
    score: str = ""
    comment: str = ""


@lru_cache
def _words(language: Language) -> Mapping[str, str]:
    words: dict[str, str] = read_yaml(TEMPLATES / f"survey.{language}.yaml").value
    return words


def render_survey(page: SurveyPage) -> str:
    """The page as HTML; what people wrote is escaped."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  (100 ms that only a reader pays)

    engine = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    template = engine.from_string((TEMPLATES / "survey.html.jinja").read_text(encoding="utf-8"))
    return template.render(
        page=page,
        words=_words(page.language),
        question=survey_question(page.survey, page.language) if page.survey is not None else None,
        scores=SCORES,
        longest=LONGEST_COMMENT,
    )
