"""What customers were asked, and how content they are."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from api.dependencies import TheParts
from api.people import ReportReader
from api.routes.registry import the_entry
from domain.periods import period_named
from domain.spans import Span
from domain.surveys import SurveyFigures, survey_figures

router = APIRouter(tags=["results"])

MOST_COMMENTS = 100


class CommentView(BaseModel):
    """What somebody wrote beside their score, about a ticket or about a quarter."""

    score: int
    comment: str
    ticket: str | None
    period: str | None
    answered_at: AwareDatetime


class SurveysView(SurveyFigures):
    """Surveys of a period; `comments` are for the provider's people, the newest hundred, and do not say who wrote them."""

    comments: list[CommentView]


@router.get("/registry/{registry_no}/surveys")
async def show_surveys(
    registry_no: str, parts: TheParts, someone: ReportReader, period: Annotated[str, Query(description="2026-04, 2026-Q2 or 2026")]
) -> SurveysView:
    """How many were asked and answered, and the share of content answers once there are ten. Numbers are written SLA-2026-0001 here."""
    entry = await the_entry(registry_no, parts, someone)
    _, found = period_named(period, ZoneInfo(entry.time_zone))
    span = Span(found.start, found.end)
    counted, satisfaction = await parts.surveys.counted(entry.registry_no, span)
    comments = await parts.surveys.comments(entry.registry_no, span, MOST_COMMENTS) if someone.is_inside else []
    figures = survey_figures(entry.registry_no, found.name, counted, satisfaction)
    views = [CommentView.model_validate(each, from_attributes=True) for each in comments]
    return SurveysView(**figures.model_dump(), comments=views)
