"""The KPIs of a period: of an agreement, a service, a customer or a region."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel

from api.dependencies import Parts, TheParts
from api.people import ReportReader
from api.rendered import told_as
from api.routes.case_documents import Language
from api.routes.judged import PeriodName
from api.routes.registry import the_entry
from api.someone import Someone
from connectors.readable.kpis import kpi_words, readable_kpis
from connectors.readable.words import Words, phrases_of
from domain.attainment import Attainment
from domain.errors import BadInput, Forbidden
from domain.kpis import INSIDE, KpiValue, kpis_of
from domain.offers import coverage_of
from domain.people import Side
from store.kpis import KpisAsked, Scope

router = APIRouter(tags=["results"])

Name = Annotated[str | None, Query(min_length=1, max_length=200)]


class KpiView(KpiValue):
    """A KPI with its name, its formula and its source in words."""

    name: str
    formula: str
    source: str

    @classmethod
    def of(cls, value: KpiValue, words: Words) -> "KpiView":
        """A KPI as it is shown."""
        told = kpi_words(value, words)
        return cls(**dict(value), name=told.name, formula=told.formula, source=told.source)


class KpisView(BaseModel):
    """The KPIs of a period as they stand, and the agreements they are counted over."""

    scope: Scope
    of: str
    period: str
    as_of: AwareDatetime
    agreements: list[str]
    kpis: list[KpiView]


@router.get("/kpis", response_model=None, responses={200: {"model": KpisView, "content": {"text/html": {}}}})
async def show_kpis(
    period: PeriodName,
    parts: TheParts,
    someone: ReportReader,
    registry_no: Name = None,
    service: Name = None,
    customer: Name = None,
    region: Name = None,
    form: Annotated[Literal["json", "html"], Query(alias="as", description="data, or a page")] = "json",
    language: Language = None,
) -> KpisView | Response:
    """Every KPI with its value, or why it has none, and what was divided by what. Exactly one of the four names is given."""
    named = {Scope.REGISTRY_NO: registry_no, Scope.SERVICE: service, Scope.CUSTOMER: customer, Scope.REGION: region}
    asked, now = await _allowed(named, period, parts, someone), parts.now()
    facts, agreements = await parts.kpis.facts(asked, now)
    facts = facts._replace(coverage=await _coverage(asked, parts, someone) if not facts.is_over else None)
    values = [value for value in kpis_of(facts) if someone.is_inside or value.kpi not in INSIDE]
    words = Words(phrases_of(language or someone.language, "report"))
    if form == "html":
        told = readable_kpis((asked.scope.value, asked.name), period, values, agreements, words)
        return await asyncio.to_thread(told_as, told, "html", "kpis")
    kpis = [KpiView.of(value, words) for value in values]
    return KpisView(scope=asked.scope, of=asked.name, period=period, as_of=now, agreements=agreements, kpis=kpis)


async def _coverage(asked: KpisAsked, parts: Parts, someone: Someone) -> Attainment | None:
    """Offers that are sold now, with an agreement of their own in force or not; of other times no catalogue is kept."""
    if asked.scope is Scope.REGISTRY_NO:
        return None
    offers = [each for each in someone.catalogue.offers if each.active and getattr(each, asked.scope.value) == asked.name]
    report = coverage_of(offers, await parts.promising(parts.now()), parts.now())
    return Attainment(report.covered, len(offers) - report.covered)


async def _allowed(named: dict[Scope, str | None], period: str, parts: Parts, someone: Someone) -> KpisAsked:
    given = [(scope, name) for scope, name in named.items() if name is not None]
    if len(given) != 1:
        raise BadInput("name one of registry_no, service, customer, region")
    [(scope, name)] = given
    if scope is Scope.REGISTRY_NO:
        return KpisAsked(scope, (await the_entry(name, parts, someone)).registry_no, period)
    own = scope is Scope.CUSTOMER and someone.actor.side is Side.CUSTOMER and someone.actor.party == name
    if not (someone.is_inside or own):
        raise Forbidden("KPIs over several agreements are for the provider's people; a customer may ask for its own")
    return KpisAsked(scope, name, period)
