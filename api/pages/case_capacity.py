"""What a case would ask of people before anything is signed: a card on its page, and the form on which it is stated."""

from typing import Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Response
from sqlalchemy import Row

from api.capacity_views import StatementView, WhatIfView
from api.dependencies import Parts, TheParts
from api.errors import status_of
from api.pages.forms import Field, Filled, Given, fields_of, filled
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.pages.words import page_words
from api.routes.capacity import READERS, STATERS, agreement_case, list_expected_volumes, show_what_if, state_expected_volume
from domain.agreement_case import AgreementCase
from domain.errors import Forbidden, ServandaError
from domain.expected_volumes import ExpectedVolume
from domain.lifecycle import STAGES, AgreementState
from domain.reach import SHORT_LIMIT_HOURS, SITES_PER_PERSON

router = page_router()

_FROM_FEASIBILITY = frozenset(state.value for state in STAGES[STAGES.index(AgreementState.FEASIBILITY) :])
"""Stages in which a case shows what it would ask: before, nobody has looked at whether it can be done."""


_ZONE = ZoneInfo("UTC")
"""No field of the form is an instant."""


class CapacityCard(NamedTuple):
    """What a case's page shows of capacity; `is_stated` says that somebody stated tickets at all."""

    what_if: WhatIfView
    is_stated: bool
    may_state: bool
    sites_per_person: int = SITES_PER_PERSON
    short_limit: str = f"{SHORT_LIMIT_HOURS:f}"


async def capacity_card(row: Row[Any], parts: Parts, visitor: Visitor) -> CapacityCard | None:
    """The card; None where it is too early or too late for one, or none of the visitor's business."""
    someone = visitor.someone
    if row.kind != "AGREEMENT" or row.state not in _FROM_FEASIBILITY or not (someone.is_inside and someone.has(*READERS)):
        return None
    stated = await list_expected_volumes(row.case_id, parts, someone)
    is_stated = any(each.counts and each.tickets for each in stated)
    return CapacityCard(await show_what_if(row.case_id, parts, someone), is_stated, someone.has(*STATERS))


@router.get("/pages/cases/{case_id}/expected-volumes")
async def show_form(case_id: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """The form, and what was stated so far."""
    row = await _case(case_id, parts, visitor)
    return await _page(row, parts, visitor, Filled(None, _fields(row, visitor)))


@router.post("/pages/cases/{case_id}/expected-volumes")
async def take_form(case_id: str, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Keep a statement."""
    row = await _case(case_id, parts, visitor)
    form = filled(ExpectedVolume, _fields(row, visitor), sent, _ZONE)
    if not isinstance(form.body, ExpectedVolume):
        return await _page(row, parts, visitor, form, 422)
    try:
        await state_expected_volume(case_id, form.body, parts, visitor.someone)
    except ServandaError as refusal:
        return await _page(row, parts, visitor, form.blaming(str(refusal)), status_of(refusal))
    return go_to(f"/pages/cases/{quote(case_id)}/expected-volumes")


async def _case(case_id: str, parts: Parts, visitor: Visitor) -> Row[Any]:
    row = await agreement_case(case_id, parts, visitor.someone)
    if not (visitor.is_inside and visitor.someone.has(*STATERS)):
        raise Forbidden("requirements agents, the SLA team and resource managers state what an agreement would bring")
    return row


def _fields(row: Row[Any], visitor: Visitor) -> list[Field]:
    """The fields; what the case is about comes first."""
    catalogue, asked = visitor.someone.catalogue, AgreementCase.model_validate(row.document).request.services
    services = sorted(catalogue.services, key=lambda each: each.service not in asked)
    regions = [(each.region, each.name) for each in catalogue.regions]
    given = {
        "service": Given(services[0].service if services else None, [(each.service, each.name) for each in services]),
        "region": Given(None, regions),
    }
    return fields_of(ExpectedVolume, given, _ZONE)


async def _page(row: Row[Any], parts: Parts, visitor: Visitor, form: Filled, status: int = 200) -> Response:
    catalogue = visitor.someone.catalogue
    stated: list[StatementView] = await list_expected_volumes(row.case_id, parts, visitor.someone)
    return own(
        "expected_volumes",
        visitor,
        status,
        section="/pages/cases",
        row=row,
        form=form,
        stated=stated,
        places={each.region: each.name for each in catalogue.regions},
        called={each.service: each.name for each in catalogue.services},
        name=page_words(visitor.language).called("case", row.kind),
    )
