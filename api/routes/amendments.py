"""What a renegotiation changes, against what is in force."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import TheParts
from api.people import ThePerson
from api.routes.cases import TheCase
from domain.agreement_case import AgreementCase, Amended
from domain.differences import Difference, differences
from domain.errors import NotFound
from domain.values import Document

router = APIRouter(tags=["cases"])


class AmendmentView(BaseModel):
    """What is renegotiated, by document, and what is no longer as it is in force: needs, text and, inside, prices."""

    amends: dict[str, Amended]
    change: str | None
    requirements: list[dict[str, Any]]
    text: list[dict[str, Any]]
    prices: list[dict[str, Any]] | None


@router.get("/cases/{case_id}/amendment")
async def show_amendment(row: TheCase, parts: TheParts, someone: ThePerson) -> AmendmentView:
    """The difference to what is in force, at whatever stage the renegotiation is."""
    case = AgreementCase.model_validate(row.document) if row.kind == "AGREEMENT" else None
    if case is None or not case.amends:
        raise NotFound(f"{row.case_id} renegotiates nothing")
    before, text = await parts.amended.of(case)
    return AmendmentView(
        amends=dict(case.amends),
        change=case.request.change,
        requirements=_between(before.requirements if before is not None else None, case.requirements),
        text=_between(text, case.draft),
        prices=_between(before.proposal if before is not None else None, case.proposal) if someone.is_inside else None,
    )


def _between(before: Document | None, after: Document | None) -> list[dict[str, Any]]:
    """What changed, in words; nothing where there is nothing to compare with."""
    return [_shown(each) for each in differences(before, after)] if before is not None and after is not None else []


def _shown(found: Difference) -> dict[str, Any]:
    return {"where": found.where, "kind": str(found.kind), "before": found.before, "after": found.after}
