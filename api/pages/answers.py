"""The page behind the link of a survey. Who has the link may answer once; nobody signs in."""

from typing import Annotated, Literal, NamedTuple
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Parts, TheParts
from api.doors import AtTheDoor
from connectors.survey_links import survey_in
from connectors.survey_page import SCORES, SurveyPage, render_survey
from domain.people import Language
from domain.surveys import LONGEST_COMMENT, Survey, SurveyState

router = APIRouter(include_in_schema=False)

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
"""The page needs nothing from anywhere, and its address, which is all it takes to answer, is told to nobody."""

_CLOSED = {SurveyState.ANSWERED: (409, "answered"), SurveyState.EXPIRED: (410, "expired")}

Chosen = Annotated[Literal["pl", "en"] | None, Query(description="left out: the person's own")]


@router.get("/answers/{token}")
async def show_survey(token: str, parts: TheParts, language: Chosen = None) -> Response:
    """The form, or why there is none."""
    survey = await _survey(token, parts)
    return _page(survey, survey.state(parts.now()) if survey is not None else None, language)


@router.post("/answers/{token}", dependencies=[AtTheDoor])
async def take_answer(token: str, request: Request, parts: TheParts, language: Chosen = None) -> Response:
    """Keep the answer, once."""
    survey, form = await _survey(token, parts), _form(await request.body())
    state = survey.state(parts.now()) if survey is not None else None
    if survey is None or state is not SurveyState.OPEN or form.fault is not None:
        return _page(survey, state, language, form)
    state = await parts.surveys.answer(survey, int(form.score), form.comment, parts.now())
    if state is not SurveyState.OPEN:
        return _page(survey, state, language)
    return _sent(SurveyPage(survey, language or survey.language, "thanks"), 200)


class _Form(NamedTuple):
    score: str
    comment: str

    @property
    def fault(self) -> str | None:
        """What is wrong with it, by the key of the words that say so."""
        if self.score not in SCORES:
            return "no_score"
        return "bad_comment" if len(self.comment) > LONGEST_COMMENT or "\0" in self.comment else None


def _form(body: bytes) -> _Form:
    try:
        fields = parse_qs(body.decode(errors="replace"), max_num_fields=20)
    except ValueError:  # more fields than the form has
        fields = {}
    score, comment = (fields.get(name, [""])[0] for name in ("score", "comment"))
    return _Form(score, comment.replace("\r\n", "\n").strip())


async def _survey(token: str, parts: Parts) -> Survey | None:
    name = survey_in(parts.settings.survey_secret, token)
    return await parts.surveys.find(name) if name is not None else None


def _page(survey: Survey | None, state: SurveyState | None, language: Language | None, form: _Form | None = None) -> Response:
    if survey is None or state is None:
        return _sent(SurveyPage(None, language or "pl", "unknown"), 404)
    language = language or survey.language
    if state is not SurveyState.OPEN:
        status, message = _CLOSED[state]
        return _sent(SurveyPage(survey, language, message), status)
    if form is None:
        return _sent(SurveyPage(survey, language, is_open=True), 200)
    return _sent(SurveyPage(survey, language, form.fault, is_open=True, score=form.score, comment=form.comment), 422)


def _sent(page: SurveyPage, status: int) -> Response:
    return Response(render_survey(page), status, _HEADERS, "text/html; charset=utf-8")
